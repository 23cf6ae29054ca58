import { createRemoteJWKSet, jwtVerify } from 'jose';

const EVENT = 'http://schemas.openid.net/event/backchannel-logout';

/** Whose session a logout token ends: by session (`sid`), or all of a person (`sub`). */
export interface LogoutNotice {
  readonly sub: string | undefined;
  readonly sid: string | undefined;
}

/**
 * Reads logout tokens of `issuer` for one service. @throws when one is not from Latchkey, for another service, too old, or
 * no logout token at all (OpenID Connect Back-Channel Logout §2.6).
 */
export function createLogoutTokenReader(issuer: string, clientId: string): (token: string) => Promise<LogoutNotice> {
  const jwks = createRemoteJWKSet(new URL('/.well-known/jwks.json', issuer));
  return async (token) => {
    const { payload } = await jwtVerify(token, jwks, {
      issuer,
      audience: clientId,
      typ: 'logout+jwt',
      maxTokenAge: '3 minutes',
    });
    const events: unknown = payload['events'];
    if (typeof events !== 'object' || events === null || !(EVENT in events) || 'nonce' in payload) {
      throw new Error('not a logout token');
    }
    return { sub: payload.sub, sid: typeof payload['sid'] === 'string' ? payload['sid'] : undefined };
  };
}
