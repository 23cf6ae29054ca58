import { createHash, randomBytes } from 'node:crypto';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { isAnna, isOnThisMachine, type Asked, type Reply, signInPage, startSmallServer } from '../small-server.ts';

/** What a stand-in may be told to get wrong, for tests. */
export interface Lies {
  /** Instead of, or beside, the claims that are right. */
  claims?: Readonly<Record<string, unknown>>;
  without?: readonly string[];
  /** A key that is not in the published set. */
  foreignKey?: boolean;
}

export interface IssuerStandIn {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly lies: Lies;
  stop: () => Promise<void>;
}

interface Grant {
  readonly redirectUri: string;
  readonly nonce: string | null;
  readonly challenge: string | null;
}

const CLIENT = { clientId: 'latchkey', clientSecret: 'a secret that the demonstration may know' };
const json = (value: unknown, status = 200): Reply => ({
  status,
  type: 'application/json',
  body: JSON.stringify(value),
});

/** An OpenID Connect issuer with one person, Anna. Signs with RS256; codes are good once. */
export async function startIssuerStandIn(options: { readonly port?: number } = {}): Promise<IssuerStandIn> {
  const keys = await generateKeyPair('RS256', { modulusLength: 2048 });
  const others = await generateKeyPair('RS256', { modulusLength: 2048 });
  const jwks = { keys: [{ ...(await exportJWK(keys.publicKey)), kid: 'one', use: 'sig', alg: 'RS256' }] };
  const codes = new Map<string, Grant>();
  const lies: Lies = {};

  const idToken = async (nonce: string | null): Promise<string> => {
    const at = Math.floor(Date.now() / 1000);
    const right = {
      iss: server.baseUrl,
      aud: CLIENT.clientId,
      sub: 'foreign-1',
      iat: at,
      exp: at + 120,
      auth_time: at,
      acr: 'password',
      email: 'anna@example.org',
      name: 'Anna Example',
      ...(nonce !== null && { nonce }),
      ...lies.claims,
    };
    const claims = Object.fromEntries(Object.entries(right).filter(([name]) => !lies.without?.includes(name)));
    const key = lies.foreignKey === true ? others.privateKey : keys.privateKey;
    return new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'one' }).sign(key);
  };

  const exchange = async ({ form }: Asked): Promise<Reply> => {
    const grant = codes.get(form.get('code') ?? '');
    codes.delete(form.get('code') ?? '');
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    const isRight = grant?.redirectUri === form.get('redirect_uri') && grant.challenge === challenge;
    if (!isRight || form.get('client_secret') !== CLIENT.clientSecret) return json({ error: 'invalid_grant' }, 400);
    const access_token = randomBytes(16).toString('hex');
    return json({ access_token, token_type: 'Bearer', expires_in: 60, id_token: await idToken(grant.nonce) });
  };

  const signedIn = ({ form }: Asked): Reply => {
    const redirectUri = form.get('redirect_uri') ?? '';
    if (!isOnThisMachine(redirectUri)) return { status: 400 };
    if (!isAnna(form)) return signInPage('Foreign issuer', hidden(form), true);
    const code = randomBytes(16).toString('hex');
    codes.set(code, { redirectUri, nonce: form.get('nonce'), challenge: form.get('code_challenge') });
    const location = new URL(redirectUri);
    location.searchParams.set('code', code);
    location.searchParams.set('state', form.get('state') ?? '');
    return { location: location.href };
  };

  const pages: Readonly<Record<string, (asked: Asked) => Reply | Promise<Reply>>> = {
    '/.well-known/openid-configuration': () => json(discovery(server.baseUrl)),
    '/jwks': () => json(jwks),
    '/authorize': ({ query }) => signInPage('Foreign issuer', hidden(query)),
    '/sign-in': signedIn,
    '/token': exchange,
  };
  const server = await startSmallServer(options.port ?? 0, (asked) => pages[asked.path]?.(asked) ?? { status: 404 });
  return { issuer: server.baseUrl, ...CLIENT, lies, stop: () => server.stop() };
}

const KEPT = ['redirect_uri', 'state', 'nonce', 'code_challenge'];
const hidden = (from: URLSearchParams): Record<string, string> =>
  Object.fromEntries(KEPT.flatMap((name) => (from.get(name) === null ? [] : [[name, from.get(name) ?? '']])));

const discovery = (issuer: string): object => ({
  issuer,
  authorization_endpoint: `${issuer}/authorize`,
  token_endpoint: `${issuer}/token`,
  jwks_uri: `${issuer}/jwks`,
  response_types_supported: ['code'],
  subject_types_supported: ['public'],
  id_token_signing_alg_values_supported: ['RS256'],
  token_endpoint_auth_methods_supported: ['client_secret_post'],
  code_challenge_methods_supported: ['S256'],
});
