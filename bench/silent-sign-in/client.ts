import { createHash, type KeyObject, randomBytes, randomUUID, sign } from 'node:crypto';
import { type Agent, request } from 'node:http';
import { CLIENT_ID, REDIRECT } from './contender.ts';

/** A relying party and its citizens' browsers, as cheap as they can be made: the load must not weigh on the loaded. */
export interface Party {
  readonly issuer: string;
  readonly key: KeyObject;
  readonly agent: Agent;
}

interface Answer {
  readonly status: number;
  readonly location: string;
  readonly cookies: readonly string[];
  readonly body: string;
}

const verifier = randomBytes(32).toString('base64url');
const challenge = createHash('sha256').update(verifier).digest('base64url');
const AUTHORIZE = `/authorize?${new URLSearchParams({
  client_id: CLIENT_ID,
  response_type: 'code',
  scope: 'openid',
  redirect_uri: REDIRECT,
  state: 'state',
  nonce: 'nonce',
  code_challenge: challenge,
  code_challenge_method: 'S256',
}).toString()}`;

function send(
  { issuer, agent }: Party,
  path: string,
  { cookie = '', form }: { cookie?: string; form?: string } = {},
): Promise<Answer> {
  const { hostname, port } = new URL(issuer);
  return new Promise((resolve, reject) => {
    const headers: Record<string, string> = { cookie, host: `${hostname}:${port}` };
    if (form !== undefined) headers['content-type'] = 'application/x-www-form-urlencoded';
    const outgoing = request(
      { host: '127.0.0.1', port, path, agent, headers, method: form === undefined ? 'GET' : 'POST' },
      (incoming) => {
        let body = '';
        incoming.setEncoding('utf8');
        incoming.on('data', (chunk: string) => (body += chunk));
        incoming.on('end', () =>
          resolve({
            status: incoming.statusCode ?? 0,
            location: incoming.headers.location ?? '',
            cookies: incoming.headers['set-cookie'] ?? [],
            body,
          }),
        );
        incoming.on('error', reject);
      },
    );
    outgoing.on('error', reject);
    outgoing.end(form);
  });
}

/** Signs a browser in through the interaction; answers its session cookies. */
export async function openSession(party: Party): Promise<string> {
  const jar = new Map<string, string>();
  let path = AUTHORIZE;
  for (let hop = 0; hop < 6; hop += 1) {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await send(party, path, { cookie });
    for (const line of answer.cookies) keep(jar, line);
    if (answer.location.startsWith(REDIRECT)) return sessionCookies(jar);
    const next = new URL(answer.location, party.issuer);
    path = `${next.pathname}${next.search}`;
  }
  throw new Error('could not sign in');
}

function keep(jar: Map<string, string>, line: string): void {
  const [pair = ''] = line.split(';');
  const at = pair.indexOf('=');
  jar.set(pair.slice(0, at), pair.slice(at + 1));
}

function sessionCookies(jar: Map<string, string>): string {
  return [...jar]
    .filter(([name, value]) => name.includes('session') && value !== '')
    .map(([name, value]) => `${name}=${value}`)
    .join('; ');
}

/** One silent sign-in: /authorize with a live session, then /token. @throws Error when either did not succeed. */
export async function silentSignIn(party: Party, cookie: string): Promise<void> {
  const { location, status } = await send(party, AUTHORIZE, { cookie });
  const code = /[?&]code=([^&]+)/.exec(location)?.[1];
  if (code === undefined) throw new Error(`no code: ${status} ${location}`);
  const form = new URLSearchParams({
    grant_type: 'authorization_code',
    code,
    redirect_uri: REDIRECT,
    code_verifier: verifier,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: assertion(party),
  });
  const answer = await send(party, '/token', { form: form.toString() });
  if (answer.status !== 200) throw new Error(`no token: ${answer.status} ${answer.body}`);
}

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const HEADER = encode({ alg: 'ES256', typ: 'JWT' });

function assertion({ issuer, key }: Party): string {
  const now = Math.floor(Date.now() / 1000);
  const claims = { iss: CLIENT_ID, sub: CLIENT_ID, aud: issuer, jti: randomUUID(), iat: now, exp: now + 60 };
  const input = `${HEADER}.${encode(claims)}`;
  return `${input}.${sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
}
