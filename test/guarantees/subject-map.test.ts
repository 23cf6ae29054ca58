import { createLocalJWKSet, decodeProtectedHeader, type JWTPayload, jwtVerify } from 'jose';
import * as oauth from 'oauth4webapi';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { protocolApp, type ProtocolApp, type TestClient } from '../support/protocol-app.ts';
import { authenticate, Browser, clientAssertion, post, signIn, userinfo } from '../support/raw-client.ts';
import { mergeTwo, type Pair, partTwo, subsOf, twoPeople } from '../support/two-people.ts';

const SUBJECT_MAP_GRANT = 'urn:fdc:latchkey:2026:grant-type:subject-map';
const SECTORS = ['rents.example', 'permits.example'];

let app: ProtocolApp;
let rents: TestClient;
let permits: TestClient;
const pairs: { pair: Pair; mergeId: string; rents: [string, string]; permits: [string, string] }[] = [];

beforeAll(async () => {
  app = await protocolApp();
  rents = await app.register('rents', { sector: 'rents.example' });
  permits = await app.register('permits', {
    sector: 'permits.example',
    authMethod: 'client_secret_post',
    idTokenAlg: 'RS256',
  });
  for (let n = 0; n < 5; n += 1) {
    const pair = await twoPeople(app.app, SECTORS);
    const known = {
      rents: await subsOf(app.app, pair, 'rents.example'),
      permits: await subsOf(app.app, pair, 'permits.example'),
    };
    pairs.push({ pair, mergeId: await mergeTwo(app.app, pair), ...known });
  }
});
afterAll(() => app.close());

const ask = async (client: TestClient, more: Record<string, string> = {}): ReturnType<typeof post> =>
  post(app.issuer, '/token', {
    grant_type: SUBJECT_MAP_GRANT,
    ...(await authenticate(client, app.issuer)),
    ...more,
  });

async function verify(token: string, audience: string): Promise<JWTPayload> {
  const response = await new Browser(app.issuer).get('/.well-known/jwks.json');
  const keys = createLocalJWKSet(JSON.parse(await response.text()));
  return (await jwtVerify(token, keys, { issuer: app.issuer, audience, typ: 'subject-map+jwt' })).payload;
}

interface Entry {
  readonly from: string;
  readonly to: string;
  readonly change: string;
  readonly at: number;
}

async function page(client: TestClient, more: Record<string, string> = {}) {
  const { status, body } = await ask(client, more);
  expect(status).toBe(200);
  const payload = await verify(body['access_token'] ?? '', client.clientId);
  const entries: Entry[] = Object(payload)['entries'];
  const { next } = payload;
  return { payload, entries, next: typeof next === 'string' ? next : undefined };
}

describe('E11: the map that a service fetches', () => {
  it('holds which of its subs stands for which, signed for it alone', async () => {
    const { body } = await ask(rents);
    expect(body).toMatchObject({
      issued_token_type: 'urn:ietf:params:oauth:token-type:jwt',
      token_type: 'N_A',
      expires_in: 300,
    });
    expect(decodeProtectedHeader(body['access_token'] ?? '')).toMatchObject({ alg: 'ES256', typ: 'subject-map+jwt' });
    const payload = await verify(body['access_token'] ?? '', 'rents');
    expect(payload).toMatchObject({ sector: 'rents.example', exp: (payload.iat ?? 0) + 300, jti: expect.any(String) });
    expect(payload).not.toHaveProperty('sub');
    const entries: Entry[] = Object(payload)['entries'];
    const expected = pairs.map(({ rents: [to, from] }) => ({ from, to, change: 'joined', at: expect.any(Number) }));
    expect(entries).toHaveLength(expected.length);
    expect(entries).toEqual(expect.arrayContaining(expected));
  });

  it('holds nothing of another sector, whatever the request says', async () => {
    const mine = await page(rents, { sector: 'permits.example', client_sector: 'permits.example' });
    const theirs = await page(permits);
    const subsIn = (entries: Entry[]): string[] => entries.flatMap(({ from, to }) => [from, to]);
    expect(subsIn(theirs.entries)).toHaveLength(10);
    expect(subsIn(mine.entries).filter((sub) => subsIn(theirs.entries).includes(sub))).toEqual([]);
    // A cursor of another sector leads nowhere else.
    const { next } = await page(permits, { limit: '2' });
    const within = await page(rents, { after: next ?? '' });
    expect(subsIn(within.entries).filter((sub) => subsIn(theirs.entries).includes(sub))).toEqual([]);
  });

  it('comes page by page, and says of each what was asked', async () => {
    const seen: string[] = [];
    let after: string | undefined;
    let pages = 0;
    do {
      const one: Awaited<ReturnType<typeof page>> = await page(rents, {
        limit: '2',
        ...(after === undefined ? {} : { after }),
      });
      expect(one.payload['after']).toBe(after);
      seen.push(...one.entries.map(({ from }) => from));
      after = one.next;
      pages += 1;
    } while (after !== undefined);
    expect(pages).toBe(3);
    expect(new Set(seen)).toEqual(new Set(pairs.map(({ rents: [, from] }) => from)));
    expect(seen).toHaveLength(5);
  });

  it('tells what changed since, and what stands for itself again', async () => {
    const later = Math.floor(Date.now() / 1000) + 3600;
    const empty = await page(rents, { since: `${later}` });
    expect(empty.entries).toEqual([]);
    expect(empty.payload['since']).toBe(later);
    const pair = await twoPeople(app.app, ['parting.example']);
    const [, gone] = await subsOf(app.app, pair, 'parting.example');
    const parting = await app.register('parting', { sector: 'parting.example' });
    await partTwo(app.app, pair, await mergeTwo(app.app, pair));
    const { entries } = await page(parting, { since: `${Math.floor(Date.now() / 1000) - 60}` });
    expect(entries).toEqual([{ from: gone, to: gone, change: 'parted', at: expect.any(Number) }]);
  });

  it('is fetched by a stock client library', async () => {
    // oxlint-disable-next-line typescript/no-deprecated -- marked so that it stands out; tests are on loopback http
    const options = { [oauth.allowInsecureRequests]: true };
    const issuer = new URL(app.issuer);
    const as = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, options));
    expect(as.grant_types_supported).toContain(SUBJECT_MAP_GRANT);
    const client = { client_id: 'rents' };
    if (!rents.privateKey) throw new Error('no key');
    const proof = oauth.PrivateKeyJwt({ key: rents.privateKey, kid: 'rp-key' });
    const response = await oauth.genericTokenEndpointRequest(as, client, proof, SUBJECT_MAP_GRANT, {}, options);
    const recognizedTokenTypes = { n_a: () => {} };
    const { access_token: map } = await oauth.processGenericTokenEndpointResponse(as, client, response, {
      recognizedTokenTypes,
    });
    expect(Object(await verify(map, 'rents'))['entries']).toHaveLength(5);
  });
});

describe('E11 X4: who gets no map', () => {
  const refusals: Record<string, () => Promise<Record<string, string>>> = {
    'somebody without proof': async () => ({ client_id: 'rents' }),
    'nobody at all': async () => ({}),
    'another service in our name, by its key': async () => {
      const now = await clientAssertion({ ...rents, clientId: 'rp-jwt' }, app.issuer);
      return { ...assertion(now), client_id: 'rents' };
    },
    'another service in our name, by its secret': async () => ({
      client_id: 'rents',
      client_secret: permits.secret ?? '',
    }),
    'a wrong secret': async () => ({ client_id: 'permits', client_secret: 'x'.repeat(43) }),
    'an assertion for another server': async () =>
      assertion(await clientAssertion(rents, app.issuer, { aud: 'https://elsewhere.example' })),
    'an assertion for us and another server': async () =>
      assertion(await clientAssertion(rents, app.issuer, { aud: [app.issuer, 'https://elsewhere.example'] })),
    'our own pages, which prove nothing': async () => ({ client_id: 'your-account' }),
  };
  const assertion = (value: string): Record<string, string> => ({
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: value,
  });
  it.each(Object.keys(refusals))('%s', async (name) => {
    const proof = (await refusals[name]?.()) ?? {};
    const { status, body } = await post(app.issuer, '/token', { grant_type: SUBJECT_MAP_GRANT, ...proof });
    expect(`${status} ${body['error']}`).toMatch(/^(401 invalid_client|400 invalid_request)$/);
    expect(body).not.toHaveProperty('access_token');
  });

  it('an assertion is good once', async () => {
    const once = assertion(await clientAssertion(rents, app.issuer));
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => post(app.issuer, '/token', { grant_type: SUBJECT_MAP_GRANT, ...once })),
    );
    const statuses = answers.map(({ status }) => `${status}`).toSorted();
    expect(statuses).toEqual(['200', ...Array.from({ length: 7 }, () => '401')]);
  });

  it('a service that was suspended', async () => {
    const stopped = await app.register('stopped', { sector: 'rents.example' });
    expect((await ask(stopped)).status).toBe(200);
    await app.app.house.relyingParties.suspend('stopped', { actor: 'operator:test' });
    expect(await ask(stopped)).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
  });

  it.each([
    ['limit', '1001'],
    ['limit', '-1'],
    ['limit', '1e3'],
    ['since', 'yesterday'],
    ['since', '99999999999'],
    ['after', 'x'],
    ['after', 'x'.repeat(3000)],
  ])('a request with %s=%s is refused, not bent', async (name, value) => {
    expect(await ask(rents, { [name]: value })).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
  });

  it('and a map is no token: it opens nothing here', async () => {
    const { body } = await ask(rents);
    const map = body['access_token'] ?? '';
    expect((await userinfo(app, map)).status).toBe(401);
    const browser = new Browser(app.issuer);
    await signIn(app, browser, rents);
    await browser.get(`/logout?id_token_hint=${map}`, { accept: 'text/html' });
    expect((await signIn(app, browser, rents, { prompt: 'none' })).status).toBe(200);
  });
});
