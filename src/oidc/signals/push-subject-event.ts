import { Type } from 'typebox';
import { Value } from 'typebox/value';
import type { DeliveryHandler, DeliveryOutcome } from '../../platform/notify/delivery.ts';
import { askOutside, type OutsideReply } from '../../platform/http/ask-outside.ts';
import type { RelyingParties } from '../../relying-parties/index.ts';
import type { Statement } from './sign-statement.ts';
import { subjectEventClaims } from './subject-event.ts';

interface Deps {
  readonly issuer: string;
  readonly allowLoopback: boolean;
  readonly relyingParties: Pick<RelyingParties, 'find'>;
  readonly sign: (statement: Statement) => Promise<string>;
}

const LONGEST_ANSWER = 16_384;

/** Sends one event now (RFC 8935 §2), for the outbox worker, which tries again. Throws when there is no answer. */
export function createPushSubjectEvent({
  issuer,
  allowLoopback,
  relyingParties,
  sign,
}: Deps): DeliveryHandler<'security-event'> {
  return async (payload, { signal }) => {
    const { clientId = '', sector } = payload;
    const service = await relyingParties.find(clientId);
    const { eventsUri } = service?.metadata ?? {};
    // It changed since: what waits was for the service as it was.
    if (!service || eventsUri === undefined || service.metadata.sector !== sector)
      return { outcome: 'refused', reason: 'service:wants-none' };
    if (service.status !== 'live') return failed('service:suspended');
    const claims = subjectEventClaims(issuer, payload);
    const body = await sign({ alg: service.metadata.idTokenAlg, typ: 'secevent+jwt', claims });
    const headers = { 'content-type': 'application/secevent+jwt', accept: 'application/json' };
    const mostBytes = LONGEST_ANSWER;
    return judge(await askOutside({ method: 'POST', url: eventsUri, headers, body, signal, mostBytes, allowLoopback }));
  };
}

/** Only 202 is a yes: a page that answers everything with 200 has not understood what it got. */
function judge({ status, body }: OutsideReply): DeliveryOutcome {
  if (status === 202) return { outcome: 'sent' };
  return failed(status === 400 ? `set:${errorCode(body.toString())}` : `http:${status}`);
}

const failed = (reason: string): DeliveryOutcome => ({ outcome: 'failed', reason, blame: 'recipient' });

const ErrorBody = Type.Object({
  // RFC 8935 §2.4. Anything else of theirs stays out of our table and log.
  err: Type.Enum([
    'invalid_request',
    'invalid_key',
    'invalid_issuer',
    'invalid_audience',
    'authentication_failed',
    'access_denied',
  ]),
});

function errorCode(body: string): string {
  try {
    const value: unknown = JSON.parse(body);
    return Value.Check(ErrorBody, value) ? value.err : 'unknown';
  } catch {
    return 'unknown';
  }
}
