import * as oidc from 'openid-client';
import { createLogoutTokenReader, type LogoutNotice } from './logout-token.ts';
import type { DemoService, Latchkey } from './service-setting.ts';
import type { PendingSignIn, ServiceSession } from './session-book.ts';

export interface Asking {
  /** No page is to be shown. */
  readonly silent: boolean;
  /** The old system whose account is to be brought along, by whoever signs in anew. */
  readonly oldSource: string | undefined;
}

/** The service as a relying party: everything it says to Latchkey goes through a stock `openid-client`. */
export interface RelyingParty {
  start(asked: Asking): Promise<{ readonly url: URL; readonly pending: PendingSignIn }>;
  finish(callback: URL, pending: PendingSignIn): Promise<Omit<ServiceSession, 'id'>>;
  signOutUrl(idToken: string): Promise<URL>;
  readLogoutToken(token: string): Promise<LogoutNotice>;
}

export function createRelyingParty(service: DemoService, origin: string, latchkey: Latchkey): RelyingParty {
  let discovered: Promise<oidc.Configuration> | undefined;
  const configuration = async (): Promise<oidc.Configuration> => {
    discovered ??= discover(service, latchkey);
    try {
      return await discovered;
    } catch (error) {
      discovered = undefined;
      throw error;
    }
  };
  return {
    start: async (asked) => start(await configuration(), service, { origin, ...asked }),
    finish: async (callback, pending) => finish(await configuration(), callback, pending),
    signOutUrl: async (idToken) =>
      oidc.buildEndSessionUrl(await configuration(), {
        id_token_hint: idToken,
        post_logout_redirect_uri: `${origin}/signed-out`,
      }),
    readLogoutToken: createLogoutTokenReader(latchkey.issuer, service.clientId),
  };
}

function discover(service: DemoService, { issuer, clientAuth }: Latchkey): Promise<oidc.Configuration> {
  return oidc.discovery(
    new URL(issuer),
    service.clientId,
    { id_token_signed_response_alg: service.idTokenAlg },
    clientAuth,
    // The demo runs on this machine alone, over plain http; the mark only makes sure that one thinks of it.
    // oxlint-disable-next-line typescript/no-deprecated -- marked so that it stands out; not to be used elsewhere
    { execute: [oidc.allowInsecureRequests] },
  );
}

async function start(
  configuration: oidc.Configuration,
  service: DemoService,
  { origin, silent, oldSource }: Asking & { readonly origin: string },
): Promise<{ readonly url: URL; readonly pending: PendingSignIn }> {
  const pending: PendingSignIn = {
    state: oidc.randomState(),
    nonce: oidc.randomNonce(),
    codeVerifier: oidc.randomPKCECodeVerifier(),
    silent,
    startedAt: performance.now(),
  };
  const url = oidc.buildAuthorizationUrl(configuration, {
    redirect_uri: `${origin}/callback`,
    scope: service.scopes.join(' '),
    state: pending.state,
    nonce: pending.nonce,
    code_challenge: await oidc.calculatePKCECodeChallenge(pending.codeVerifier),
    code_challenge_method: 'S256',
    vtr: '["Cl"]',
    ...(silent ? { prompt: 'none' } : {}),
    ...(oldSource === undefined ? {} : { old_source: oldSource, prompt: 'login' }),
  });
  return { url, pending };
}

async function finish(
  configuration: oidc.Configuration,
  callback: URL,
  pending: PendingSignIn,
): Promise<Omit<ServiceSession, 'id'>> {
  const tokens = await oidc.authorizationCodeGrant(configuration, callback, {
    expectedState: pending.state,
    expectedNonce: pending.nonce,
    pkceCodeVerifier: pending.codeVerifier,
    idTokenExpected: true,
  });
  const claims = tokens.claims();
  if (!claims || tokens.id_token === undefined) throw new Error('Latchkey sent no ID token');
  const userInfo = await oidc.fetchUserInfo(configuration, tokens.access_token, claims.sub);
  return {
    sub: claims.sub,
    idToken: tokens.id_token,
    claims,
    userInfo,
    accessTokenSeconds: tokens.expires_in,
    silent: pending.silent,
    tookMs: performance.now() - pending.startedAt,
  };
}
