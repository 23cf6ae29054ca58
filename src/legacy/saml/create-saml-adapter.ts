import type { KeyObject } from 'node:crypto';
import type { AdapterContext, RedirectAdapter, Return } from '../adapter.ts';
import { type Answered, refused } from '../answer.ts';
import { checkStatement } from '../assertions/check-statement.ts';
import { isFirstUse } from '../assertions/is-first-use.ts';
import { readOwnKeys } from '../assertions/own-keys.ts';
import type { Statement } from '../assertions/statement.ts';
import { identify } from './identify.ts';
import { makeRequest } from './make-request.ts';
import { openResponse } from './open-response.ts';
import { openPartnerBook, type Partner } from './partner.ts';
import { profileOf } from './profiles.ts';
import type { SamlSettings } from './settings.ts';
import { readState } from './state.ts';

/**
 * F5: the browser goes to a SAML 2.0 partner with a request and comes back with a statement about it. The library makes the
 * request; the answer is judged here, over the bytes that were signed, because a library that returns a profile cannot
 * show which bytes it read it from.
 */
export function createSamlAdapter(settings: SamlSettings, context: AdapterContext): RedirectAdapter {
  const book = openPartnerBook(settings, context);
  const decryptionKeys = readOwnKeys(settings.decryptionKeySecrets, context);
  return {
    kind: 'redirect',
    family: 'saml',
    depart: async (departure) => makeRequest(settings, context, { ...departure, partner: await book.current() }),
    handleOf: ({ RelayState }) => RelayState,
    async finish(back) {
      const judge = (partner: Partner): Judged => judgeReturn(back, { settings, context, partner, decryptionKeys });
      const first = await book.current();
      const judged = judge(first);
      // Keys change: they are read anew once before a signature is called bad.
      const partner = isBadSignature(judged) ? ((await book.refreshed()) ?? first) : first;
      const last = partner === first ? judged : judge(partner);
      return last.outcome === 'refused' ? last : accept(last.statement, { settings, context, partner });
    },
    health: (signal) => book.probe(signal),
    close: async () => {},
  };
}

type Judged = { readonly outcome: 'good'; readonly statement: Statement } | Extract<Answered, { outcome: 'refused' }>;

const isBadSignature = (judged: Judged): boolean => judged.outcome === 'refused' && judged.reason === 'bad-signature';

interface Means {
  readonly settings: SamlSettings;
  readonly context: AdapterContext;
  readonly partner: Partner;
}

function judgeReturn(
  { callbackUrl, handle, state, parameters }: Return,
  { settings, context, partner, decryptionKeys }: Means & { readonly decryptionKeys: readonly KeyObject[] },
): Judged {
  if (parameters.RelayState !== handle) return { outcome: 'refused', reason: 'not-bound' };
  const { requestId, departedAt } = readState(state);
  const { entityId: issuer, clockSkewSeconds: skewSeconds = 60, reauthenticate: isFresh = true } = settings;
  const now = context.now();
  const opened = openResponse(parameters.SAMLResponse ?? '', {
    signers: partner.keys,
    decryptionKeys,
    signed: settings.signed ?? 'either',
    encryption: settings.encryption ?? profileOf(settings).encryption,
    acceptCbc: settings.acceptCbc ?? false,
    envelope: { issuer, callbackUrl, requestId, now, skewSeconds },
  });
  if (opened.outcome === 'refused') return opened;
  const bearer = { recipient: callbackUrl, inResponseTo: requestId };
  const audience = settings.serviceEntityId;
  const expected = { now, skewSeconds, issuer, audience, departedAt, isFresh, bearer };
  const reason = checkStatement(opened.statement, expected);
  return reason ? { outcome: 'refused', reason } : { outcome: 'good', statement: opened.statement };
}

async function accept(statement: Statement, { settings, context, partner }: Means): Promise<Answered> {
  const answer = identify(statement, { settings, source: context.source, scopes: partner.scopes });
  if (answer.outcome === 'refused') return answer;
  const isFirst = await isFirstUse(statement, context.replays, settings.clockSkewSeconds);
  return isFirst ? answer : refused('replayed');
}
