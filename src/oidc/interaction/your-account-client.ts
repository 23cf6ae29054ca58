import { createHash } from 'node:crypto';
import type { RelyingParties } from '../../relying-parties/index.ts';
import { ROUTES } from '../provider/routes.ts';

/** Our own account pages sign in through the same door as every service, as this client. */
export const YOUR_ACCOUNT = 'your-account';
export const RETURN_PATH = '/account/signed-in';

/** Puts the account pages on record as an internal service. @throws Error when the registration is refused. */
export async function registerYourAccount(relyingParties: RelyingParties, issuer: string): Promise<void> {
  const done = await relyingParties.submit(
    {
      clientId: YOUR_ACCOUNT,
      department: { departmentId: 'latchkey', name: { en: 'Latchkey', cy: 'Latchkey' } },
      metadata: {
        kind: 'internal',
        name: { en: 'Your account', cy: 'Eich cyfrif' },
        redirectUris: [`${issuer}${RETURN_PATH}`],
        postLogoutRedirectUris: [],
        authMethod: 'none',
        scopes: ['openid'],
      },
    },
    { actor: 'system' },
  );
  if (done.outcome === 'refused') {
    throw new Error(
      `our own pages were refused as a service: ${done.problems.map(({ message }) => message).join('; ')}`,
    );
  }
}

/**
 * Where a browser goes to sign in for our own pages. Only the session counts: the code that comes back is never
 * redeemed, so its PKCE verifier is thrown away here.
 */
export function startPath(issuer: string, returnPath: string, { fresh = false }: { fresh?: boolean }): string {
  const challenge = createHash('sha256').update(crypto.randomUUID()).digest('base64url');
  const query = new URLSearchParams({
    client_id: YOUR_ACCOUNT,
    response_type: 'code',
    scope: 'openid',
    redirect_uri: `${issuer}${RETURN_PATH}`,
    state: returnPath,
    code_challenge: challenge,
    code_challenge_method: 'S256',
    ...(fresh ? { prompt: 'login' } : {}),
  });
  return `${ROUTES.authorization}?${query.toString()}`;
}
