import { LatchkeyError } from '../../platform/failure/latchkey-error.ts';
import type { AdapterContext, RedirectAdapter, Return } from '../adapter.ts';
import { type Answered, refused } from '../answer.ts';
import { checkStatement } from '../assertions/check-statement.ts';
import { isFirstUse } from '../assertions/is-first-use.ts';
import { readOwnKeys } from '../assertions/own-keys.ts';
import { configuredKeys } from '../assertions/signing-keys.ts';
import type { Statement } from '../assertions/statement.ts';
import { askHttp } from '../egress/ask-http.ts';
import { LegacyFault } from '../legacy-fault.ts';
import { identifyToken, isAddressClaim } from './identify-token.ts';
import { openToken, type TokenOpening } from './open-token.ts';
import type { FederationSettings } from './settings.ts';

/**
 * M19: WS-Federation names no request in its answer. What binds one to the other is `wctx`, which only this journey knew,
 * a token made and a sign-in done after the browser left, and that no token is taken twice.
 */
export function createFederationAdapter(settings: FederationSettings, context: AdapterContext): RedirectAdapter {
  if (typeof settings.identifier === 'object' && isAddressClaim(settings.identifier.claim))
    throw new LatchkeyError(
      'config_invalid',
      `The source ${context.source} knows people by an address: it changes hands.`,
    );
  const opening: TokenOpening = {
    signers: configuredKeys(context.source, settings.certificates),
    decryptionKeys: readOwnKeys(settings.decryptionKeySecrets, context),
    acceptCbc: settings.acceptCbc ?? false,
    realm: settings.realm,
  };
  return {
    kind: 'redirect',
    family: 'ticket',
    depart: async ({ callbackUrl, handle }) => ({
      outcome: 'redirect',
      url: signInUrl(settings, { callbackUrl, handle, now: context.now() }),
      state: context.now().toISOString(),
    }),
    handleOf: ({ wctx }) => wctx,
    finish: (back) => finish(back, { settings, context, opening }),
    async health(signal) {
      const { status } = await askHttp(context.egress, { url: settings.passiveUrl, signal, maxBytes: 1_048_576 });
      if (status >= 500) throw new LegacyFault('server-error', `status ${status}`);
    },
    close: async () => {},
  };
}

function signInUrl(
  { passiveUrl, realm, reauthenticate = true, requestedMethod, sendReplyAddress = true }: FederationSettings,
  { callbackUrl, handle, now }: { readonly callbackUrl: string; readonly handle: string; readonly now: Date },
): string {
  const url = new URL(passiveUrl);
  const parameters = {
    wa: 'wsignin1.0',
    wtrealm: realm,
    wctx: handle,
    wct: now.toISOString(),
    ...(sendReplyAddress && { wreply: callbackUrl }),
    ...(reauthenticate && { wfresh: '0' }),
    ...(requestedMethod !== undefined && { wauth: requestedMethod }),
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return url.href;
}

interface Means {
  readonly settings: FederationSettings;
  readonly context: AdapterContext;
  readonly opening: TokenOpening;
}

async function finish(back: Return, { settings, context, opening }: Means): Promise<Answered> {
  const { wa, wctx, wresult } = back.parameters;
  if (wctx !== back.handle) return refused('not-bound');
  if (wa !== 'wsignin1.0') return refused('misshapen');
  if (wresult === undefined) return refused('cancelled');
  const opened = openToken(wresult, opening);
  if (opened.outcome === 'refused') return opened;
  const { statement } = opened;
  const reason = judge(statement, back, { settings, context, opening });
  if (reason) return refused(reason);
  const answer = identifyToken(statement, settings, context.source);
  if (answer.outcome === 'refused') return answer;
  return (await isFirstUse(statement, context.replays, settings.clockSkewSeconds)) ? answer : refused('replayed');
}

function judge(statement: Statement, back: Return, { settings, context }: Means): ReturnType<typeof checkStatement> {
  // A token of SAML 2.0 may say where it is for; then it is for here.
  const isForElsewhere = statement.bearers.some(({ recipient }) => ![undefined, back.callbackUrl].includes(recipient));
  if (isForElsewhere) return 'wrong-recipient';
  const { issuer, realm: audience, clockSkewSeconds: skewSeconds = 60, reauthenticate: isFresh = true } = settings;
  const departedAt = new Date(back.state);
  return checkStatement(statement, { now: context.now(), skewSeconds, issuer, audience, departedAt, isFresh });
}
