import { createHmac, createPublicKey, randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { exportJWK, exportSPKI, generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { protocolApp, type ProtocolApp, type TestClient } from '../support/protocol-app.ts';
import { clientAssertion, obtainCode, Browser, post, redeem, signIn, type TokenAnswer } from '../support/raw-client.ts';

let app: ProtocolApp;
let client: TestClient;
let elsewhere: Server;
let fetches = 0;

beforeAll(async () => {
  app = await protocolApp();
  client = app.clients.jwt;
  elsewhere = createServer((_request, response) => {
    fetches += 1;
    response.end('{"keys":[]}');
  });
  await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  elsewhere.close();
  await app.close();
});

const present = (assertion: string): Promise<TokenAnswer> =>
  post(app.issuer, '/introspect', {
    token: 'any',
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: assertion,
  });

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

function claims(extra: Record<string, unknown> = {}): JWTPayload {
  const now = Math.floor(Date.now() / 1000);
  const { clientId } = client;
  return { iss: clientId, sub: clientId, aud: app.issuer, jti: randomUUID(), iat: now, exp: now + 60, ...extra };
}

async function signed(payload: JWTPayload, header: Record<string, unknown> = {}): Promise<string> {
  if (!client.privateKey) throw new Error('no key');
  return new SignJWT(payload).setProtectedHeader({ alg: 'ES256', kid: 'rp-key', ...header }).sign(client.privateKey);
}

/** An HMAC under whatever bytes, as alg confusion makes it. */
function hmac(header: Record<string, unknown>, key: string | Buffer): string {
  const input = `${encode(header)}.${encode(claims())}`;
  return `${input}.${createHmac('sha256', key).update(input).digest('base64url')}`;
}

describe('client assertions', () => {
  it('an honest one is taken', async () => {
    expect(await present(await signed(claims()))).toMatchObject({ status: 200 });
  });

  const now = (): number => Math.floor(Date.now() / 1000);
  const CLAIMS: Record<string, () => Record<string, unknown>> = {
    'for another server': () => ({ aud: 'https://elsewhere.example' }),
    'for us and another server (CVE-2025-27370)': () => ({ aud: [app.issuer, 'https://elsewhere.example'] }),
    'for an address that only begins like ours': () => ({ aud: `${app.issuer}.elsewhere.example` }),
    'for nobody': () => ({ aud: undefined }),
    'of another service': () => ({ iss: 'rp-secret' }),
    'about another service': () => ({ sub: 'rp-secret' }),
    'without a subject': () => ({ sub: undefined }),
    'without an id': () => ({ jti: undefined }),
    'without an end': () => ({ exp: undefined }),
    'that ended': () => ({ exp: now() - 20 }),
    'that lives for an hour': () => ({ exp: now() + 3600 }),
    'without a beginning': () => ({ iat: undefined }),
    'from the future': () => ({ iat: now() + 60 }),
    'that is not valid yet': () => ({ nbf: now() + 60 }),
  };
  it.each(Object.keys(CLAIMS))('D7: one %s is refused', async (name) => {
    const { status, body } = await present(await signed(claims(CLAIMS[name]?.() ?? {})));
    expect(`${status} ${body['error']}`).toMatch(/^(401 invalid_client|400 invalid_request)$/);
  });

  it('D7: of a high-security service, one for the token endpoint is refused, one for the issuer taken', async () => {
    const strict = await app.register('rp-strict', { highSecurity: true, sector: 'strict.example' });
    const forIssuer = await clientAssertion(strict, app.issuer);
    const forEndpoint = await clientAssertion(strict, app.issuer, { aud: `${app.issuer}/introspect` });
    const forToken = await clientAssertion(strict, app.issuer, { aud: `${app.issuer}/token` });
    expect(await present(forIssuer)).toMatchObject({ status: 200 });
    expect(await present(forEndpoint)).toMatchObject({ status: 401 });
    expect(await present(forToken)).toMatchObject({ status: 401 });
  });

  it('X4 D14: none of the known forgeries passes, and no key is fetched from where they point', async () => {
    const place = elsewhere.address();
    const url = `http://127.0.0.1:${typeof place === 'object' ? place?.port : 0}/jwks`;
    const stranger = await generateKeyPair('ES256', { extractable: true });
    const strangerJwk = await exportJWK(stranger.publicKey);
    const rsa = await generateKeyPair('RS256');
    const es384 = await generateKeyPair('ES384');
    const ours = await publicKeyOf(app);
    const honest = await signed(claims());
    const [head = '', body = '', signature = ''] = honest.split('.');
    const strangerSigns = (header: Record<string, unknown>): Promise<string> =>
      new SignJWT(claims()).setProtectedHeader({ alg: 'ES256', ...header }).sign(stranger.privateKey);

    const forged: Record<string, string> = {
      none: new UnsecuredJWT(claims()).encode(),
      'none in other letters': `${encode({ alg: 'NoNe' })}.${encode(claims())}.`,
      'none with our signature': `${encode({ alg: 'none' })}.${body}.${signature}`,
      'no alg': `${encode({ kid: 'rp-key' })}.${body}.${signature}`,
      'no signature': `${head}.${body}.`,
      'cut signature': honest.slice(0, -4),
      'zero signature': `${head}.${body}.${Buffer.alloc(64).toString('base64url')}`,
      'changed body': `${head}.${encode(claims({ extra: 1 }))}.${signature}`,
      'HS256 under our public key, PEM': hmac({ alg: 'HS256' }, ours.pem),
      'HS256 under our public key, JWK': hmac({ alg: 'HS256', kid: ours.kid }, JSON.stringify(ours.jwk)),
      'HS256 under the client id': hmac({ alg: 'HS256' }, client.clientId),
      'HS256 under nothing': hmac({ alg: 'HS256' }, ''),
      stranger: await strangerSigns({}),
      'stranger, known kid': await strangerSigns({ kid: 'rp-key' }),
      'stranger, embedded key': await strangerSigns({ jwk: strangerJwk }),
      'stranger, jku': await strangerSigns({ jku: url, kid: 'x' }),
      'stranger, x5u': await strangerSigns({ x5u: url }),
      'kid is a path': await strangerSigns({ kid: '../../../../dev/null' }),
      'kid is SQL': await strangerSigns({ kid: "' OR '1'='1" }),
      'kid is an address': await strangerSigns({ kid: url }),
      'RS256 of a stranger': await new SignJWT(claims()).setProtectedHeader({ alg: 'RS256' }).sign(rsa.privateKey),
      'ES384 of a stranger': await new SignJWT(claims()).setProtectedHeader({ alg: 'ES384' }).sign(es384.privateKey),
      'unknown crit': await strangerSigns({ kid: 'rp-key' }).then(() => craft({ alg: 'ES256', crit: ['x'], x: 1 })),
      'b64 false': craft({ alg: 'ES256', b64: false, crit: ['b64'] }),
      'two parts': `${head}.${body}`,
      'four parts': `${honest}.x`,
      'five parts': `${head}..${body}.${signature}.x`,
      'an ID token of ours': (await signIn(app, new Browser(app.issuer), app.clients.secret)).body['id_token'] ?? '',
      'not JSON': `${Buffer.from('{').toString('base64url')}.${body}.${signature}`,
      'an array': `${encode([])}.${encode([])}.${signature}`,
      'huge payload': `${head}.${Buffer.alloc(40_000, 65).toString('base64url')}.${signature}`,
    };
    const passed: string[] = [];
    for (const [name, assertion] of Object.entries(forged)) {
      const { status } = await present(assertion);
      if (status !== 400 && status !== 401) passed.push(`${name}: ${status}`);
    }
    expect(passed).toEqual([]);
    expect(fetches).toBe(0);
    // The one they were made from was never used up by its forgeries.
    expect(await present(honest)).toMatchObject({ status: 200 });
  });

  /** A header that the library for making tokens would not sign. */
  function craft(header: Record<string, unknown>): string {
    return `${encode(header)}.${encode(claims())}.${Buffer.alloc(64, 1).toString('base64url')}`;
  }

  it('X4: a body of more than 64 KiB is refused before it is read', async () => {
    const answer = await post(app.issuer, '/token', { client_assertion: 'a'.repeat(1_000_000) });
    expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
  });
});

describe('who proves what', () => {
  it('a service with a key may not come with a secret, nor with nothing', async () => {
    const { code, request } = await obtainCode(new Browser(app.issuer), client);
    const form = {
      grant_type: 'authorization_code',
      code,
      redirect_uri: client.redirectUri,
      code_verifier: request.verifier,
      client_id: client.clientId,
    };
    expect(await post(app.issuer, '/token', form)).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
    expect(await post(app.issuer, '/token', { ...form, client_secret: 'guess' })).toMatchObject({ status: 401 });
  });

  it('the hash of a secret, as it is stored, is no secret', async () => {
    const { secret } = app.clients;
    const stored = (await app.app.house.relyingParties.find(secret.clientId))?.metadata.secretHash ?? '';
    const { code, request } = await obtainCode(new Browser(app.issuer), secret);
    const thief = { ...secret, secret: stored };
    expect(await redeem(app, thief, { code, verifier: request.verifier })).toMatchObject({ status: 401 });
  });

  it('an unknown and a suspended service are told the same', async () => {
    const gone = await app.register('rp-gone', { authMethod: 'client_secret_post', sector: 'gone.example' });
    await app.app.house.relyingParties.suspend('rp-gone', { actor: 'operator:test' });
    const ask = (clientId: string): Promise<TokenAnswer> =>
      post(app.issuer, '/introspect', { token: 'any', client_id: clientId, client_secret: gone.secret ?? '' });
    await expect.poll(async () => (await ask('rp-gone')).status).toBe(401);
    expect(await ask('rp-gone')).toEqual(await ask('rp-never'));
  });
});

async function publicKeyOf({ issuer }: ProtocolApp): Promise<{ pem: string; jwk: object; kid: string }> {
  const answer = await new Browser(issuer).get('/.well-known/jwks.json');
  const { keys }: { keys: { kty: string; kid: string }[] } = JSON.parse(await answer.text());
  const jwk = keys.find(({ kty }) => kty === 'EC');
  if (!jwk) throw new Error('no key');
  return { pem: await exportSPKI(createPublicKey({ key: jwk, format: 'jwk' })), jwk, kid: jwk.kid };
}
