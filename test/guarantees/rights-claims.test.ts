import { Readable } from 'node:stream';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rentCsv, rentPortal, ssha512Of } from '../support/legacy-estate.ts';
import { protocolApp, type ProtocolApp, type TestClient } from '../support/protocol-app.ts';
import { Browser, signIn, userinfo } from '../support/raw-client.ts';

const OPERATOR = { actor: 'operator:test' };
const PASSWORD = 'correct horse battery staple';
const SECTOR = 'taxes.example';
const CLAIMS = { acts_for: null, organisations: null };

let app: ProtocolApp;

/** An old account of the citizen, proved with its password. */
async function addOld(source: string, id: string, name: string): Promise<void> {
  const { migration } = app.app.house;
  const login = id.toLowerCase();
  const csv = rentCsv([{ id, login, name, hash: ssha512Of(PASSWORD) }]);
  const stream = Readable.from([Buffer.from(csv)]);
  await migration.importFile({ source, stream, fileName: 'export.csv', actor: OPERATOR.actor });
  const { accountId } = app;
  const place = { journeyId: `add-${id}`, browserKey: 'browser', purpose: 'add-old-account', accountId } as const;
  const checked = await migration.oldAccounts.check({ source, login, password: PASSWORD, ip: '10.0.0.1', ...place });
  if (checked.outcome !== 'match') throw new Error(checked.outcome);
  const { proof } = checked;
  await migration.addOldAccount({ ...place, proof, accountProvedAt: new Date(), meta: { actor: 'citizen' } });
}

beforeAll(async () => {
  app = await protocolApp();
  const { migration } = app.app.house;
  for (const changes of [
    { source: 'tax-agents', holder: 'agent' },
    { source: 'club-portal', holder: 'organisation' },
  ]) {
    const definition = rentPortal({ ...changes, subjects: 'none', sectors: [SECTOR] });
    const added = await migration.sources.add(definition, OPERATOR);
    if (added.outcome !== 'added') throw new Error(JSON.stringify(added));
  }
  await addOld('tax-agents', 'A-1', 'Anna Hughes');
  await addOld('club-portal', 'CLUB-1', 'Rhyl Rowing Club');
  const file = 'agent,client,right,until\nA-1,C-118,file,2090-03-31\nA-1,C-204,file,2020-01-01\n';
  const stream = Readable.from([Buffer.from(file)]);
  await migration.rights.importFile({ source: 'tax-agents', stream, actor: OPERATOR.actor });
});
afterAll(() => app.close());

const register = (clientId: string, changes: Record<string, unknown>): Promise<TestClient> =>
  app.register(clientId, {
    sector: SECTOR,
    sources: ['tax-agents', 'club-portal'],
    claims: ['email', 'acts_for', 'organisations'],
    ...changes,
  });

/** What the service is told: in the ID token and by userinfo. */
async function told(client: TestClient, asked: object = CLAIMS): Promise<unknown[]> {
  const claims = JSON.stringify({ id_token: asked, userinfo: asked });
  const { body } = await signIn(app, new Browser(app.issuer), client, { claims });
  const inUserinfo: unknown = await (await userinfo(app, body['access_token'] ?? '')).json();
  return [decodeJwt(body['id_token'] ?? ''), Object(inUserinfo)].map(({ acts_for, organisations }) => ({
    acts_for,
    organisations,
  }));
}

const NOTHING = { acts_for: undefined, organisations: undefined };

describe('M42 M43: what services are told of rights and organisations', () => {
  it('M42 M43: those of its sector, registered and asking, hear whom somebody acts for now, by the old ids', async () => {
    const all = {
      acts_for: {
        rights: [
          { source: 'tax-agents', kind: 'client', id: 'C-118', right: 'file', until: '2090-04-01T00:00:00.000Z' },
        ],
        complete: true,
      },
      organisations: [{ source: 'club-portal', id: 'CLUB-1', name: 'Rhyl Rowing Club', role: 'administrator' }],
    };
    expect(await told(await register('taxes', {}))).toEqual([all, all]);
  });

  it.each([
    ['of another sector', { sector: 'other.example' }],
    ['without these sources', { sources: [] }],
    ['not registered for the claims', { claims: ['email'] }],
  ])('M42 M43: one %s hears nothing', async (why, changes) => {
    const client = await register(why.replaceAll(' ', '-'), changes);
    expect(await told(client)).toEqual([NOTHING, NOTHING]);
  });

  it('M42 M43: one that does not ask hears nothing, and nobody is known by the old id of either', async () => {
    const client = await register('quiet', { claims: ['email', 'acts_for', 'organisations', 'legacy_accounts'] });
    expect(await told(client, { email: null })).toEqual([NOTHING, NOTHING]);
    const { subjects } = app.app.house.accounts;
    expect(['A-1', 'CLUB-1']).not.toContain(await subjects.find(app.accountId, SECTOR));
  });
});
