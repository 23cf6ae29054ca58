import { Readable } from 'node:stream';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rentCsv, rentPortal, ssha512Of } from '../support/legacy-estate.ts';
import { protocolApp, type ProtocolApp, type TestClient } from '../support/protocol-app.ts';
import { Browser, signIn, userinfo } from '../support/raw-client.ts';

const OPERATOR = { actor: 'operator:test' };
const PASSWORD = 'correct horse battery staple';
const CLAIM = { legacy_accounts: null };

let app: ProtocolApp;
let links: Map<string, string>;

async function addSource(source: string, changes: Record<string, unknown>): Promise<void> {
  const added = await app.app.house.migration.sources.add(rentPortal({ source, ...changes }), OPERATOR);
  if (added.outcome !== 'added') throw new Error(JSON.stringify(added));
}

/** One more old account of the citizen, proved with its password. */
async function addOld(source: string, id: string): Promise<string> {
  const { migration } = app.app.house;
  const login = `${source}-${id}`.toLowerCase();
  const csv = rentCsv([{ id, login, hash: ssha512Of(PASSWORD), email: 'old@example.org' }]);
  const stream = Readable.from([Buffer.from(csv)]);
  await migration.importFile({ source, stream, fileName: 'export.csv', actor: OPERATOR.actor });
  const { accountId } = app;
  const place = { journeyId: `add-${id}`, browserKey: 'browser', purpose: 'add-old-account', accountId } as const;
  const checked = await migration.oldAccounts.check({ source, login, password: PASSWORD, ip: '10.0.0.1', ...place });
  if (checked.outcome !== 'match') throw new Error(checked.outcome);
  const added = await migration.addOldAccount({
    ...place,
    proof: checked.proof,
    accountProvedAt: new Date(),
    meta: { actor: 'citizen' },
  });
  if (added.outcome !== 'adopted') throw new Error(JSON.stringify(added));
  return added.linkId;
}

beforeAll(async () => {
  app = await protocolApp();
  await addSource('rent-portal', { sectors: ['rents.example'] });
  await addSource('rod-register', { subjects: 'none', sectors: [] });
  await addSource('tax-portal', { sectors: ['taxes.example'] });
  links = new Map();
  for (const [source, id] of [
    ['rent-portal', 'R-1'],
    ['rent-portal', 'R-2'],
    ['rod-register', 'ROD-7'],
    ['tax-portal', 'T-9'],
  ] as const)
    links.set(id, await addOld(source, id));
});
afterAll(() => app.close());

const register = (clientId: string, changes: Record<string, unknown>): Promise<TestClient> =>
  app.register(clientId, { claims: ['email', 'legacy_accounts'], ...changes });

/** What the service is told: in the ID token and by userinfo. */
async function told(client: TestClient, claims: object = { id_token: CLAIM, userinfo: CLAIM }): Promise<unknown[]> {
  const { body } = await signIn(app, new Browser(app.issuer), client, { claims: JSON.stringify(claims) });
  const inUserinfo = await (await userinfo(app, body['access_token'] ?? '')).json();
  return [decodeJwt(body['id_token'] ?? '')['legacy_accounts'], Object(inUserinfo)['legacy_accounts']];
}

describe('LA37: the old ids that a service may be told', () => {
  const all = ['rent-portal', 'rod-register', 'tax-portal'];

  it('are those of its own sources, signed, so that it need not match by e-mail address', async () => {
    const rents = await register('rents', { sector: 'rents.example', sources: ['rent-portal', 'rod-register'] });
    const expected = [
      { source: 'rent-portal', id: 'R-1' },
      { source: 'rent-portal', id: 'R-2' },
      { source: 'rod-register', id: 'ROD-7' },
    ];
    expect(await told(rents)).toEqual([expected, expected]);
  });

  it('are never those of a source that it is not registered with', async () => {
    const rods = await register('rods', { sector: 'rents.example', sources: ['rod-register'] });
    expect(await told(rods)).toEqual([
      [{ source: 'rod-register', id: 'ROD-7' }],
      [{ source: 'rod-register', id: 'ROD-7' }],
    ]);
    const none = await register('no-sources', { sector: 'rents.example' });
    expect(await told(none)).toEqual([undefined, undefined]);
  });

  it('are never those that another sector knew people by, whatever it is registered with', async () => {
    const greedy = await register('greedy', { sector: 'greedy.example', sources: all });
    const own = [{ source: 'rod-register', id: 'ROD-7' }];
    expect(await told(greedy)).toEqual([own, own]);
  });

  it('are told only to who is registered for the claim, and asks', async () => {
    const plain = await app.register('plain', { sector: 'rents.example', sources: all });
    expect(await told(plain)).toEqual([undefined, undefined]);
    const quiet = await register('quiet', { sector: 'rents.example', sources: all });
    expect(await told(quiet, { id_token: { email: null } })).toEqual([undefined, undefined]);
    expect(await told(quiet, { id_token: CLAIM })).toEqual([expect.any(Array), undefined]);
  });

  it('end with the registration, for tokens that were given before, too', async () => {
    const changing = await register('changing', { sector: 'rents.example', sources: all });
    const claims = JSON.stringify({ userinfo: CLAIM });
    const { body } = await signIn(app, new Browser(app.issuer), changing, { claims });
    await app.register('changing', { sector: 'rents.example', sources: all });
    const answer = await (await userinfo(app, body['access_token'] ?? '')).json();
    expect(answer).not.toHaveProperty('legacy_accounts');
  });

  it('end with the link, and come back with a new one', async () => {
    const late = await register('late', { sector: 'rents.example', sources: ['rent-portal'] });
    const undone = await app.app.house.migration.links.undo({
      accountId: app.accountId,
      linkId: links.get('R-2') ?? '',
      accountProvedAt: new Date(),
      reason: 'not-mine',
      meta: { actor: 'citizen' },
    });
    expect(undone.outcome).toBe('undone');
    expect(await told(late, { id_token: CLAIM })).toEqual([[{ source: 'rent-portal', id: 'R-1' }], undefined]);
    await addOld('rent-portal', 'R-2');
    const both = [
      { source: 'rent-portal', id: 'R-1' },
      { source: 'rent-portal', id: 'R-2' },
    ];
    expect(await told(late, { id_token: CLAIM })).toEqual([both, undefined]);
  });
});
