import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testConfig } from '../../test/support/config.ts';
import { type TestDatabase, testDatabase } from '../../test/support/postgres.ts';
import { openDatabase } from '../platform/postgres/database.ts';
import { createRelyingParties, type RelyingParties } from './create-relying-parties.ts';
import { secretMatches } from './keys/client-secret.ts';
import type { Submission, SubmitOutcome } from './service.ts';

const operator = { actor: 'operator:test' };
const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const jwks = { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'one' }] };

let database: TestDatabase;
let services: RelyingParties;

const fresh = (): RelyingParties =>
  createRelyingParties({ db: database.db, config: testConfig(), now: () => new Date() });

beforeAll(async () => {
  database = await testDatabase();
  services = fresh();
});
afterAll(() => database.drop());

function submission(clientId: string, changes: object = {}, departmentId = 'environment'): Submission {
  return {
    clientId,
    department: { departmentId, name: { en: 'Environment' } },
    metadata: {
      name: { en: 'Rod fishing licence' },
      redirectUris: [`https://${clientId}.example/callback`],
      jwks,
      ...changes,
    },
  };
}

const withSecret = { authMethod: 'client_secret_post', jwks: undefined };

async function auditOf(clientId: string): Promise<string[]> {
  const rows = await database.db.query<{ type: string }>({
    text: 'SELECT type FROM audit_events WHERE chain_id = $1 ORDER BY seq',
    values: [`service:${clientId}`],
  });
  return rows.map((row) => row.type);
}

it('publishes, finds, and changes nothing the second time', async () => {
  expect(await services.find('rod-fishing')).toBeUndefined();
  const outcome = await services.submit(submission('rod-fishing'), operator);
  expect(outcome).toMatchObject({ outcome: 'published', service: { version: 1, status: 'live' } });
  expect(await services.find('rod-fishing')).toMatchObject({
    clientId: 'rod-fishing',
    departmentName: { en: 'Environment' },
    metadata: { sector: 'rod-fishing.example' },
  });
  expect(await services.submit(submission('rod-fishing'), operator)).toMatchObject({ outcome: 'unchanged' });
  expect(await auditOf('rod-fishing')).toEqual(['service.published']);
});

it('keeps every version with who made it', async () => {
  await services.submit(submission('versions'), operator);
  await services.submit(submission('versions', { name: { en: 'New name' } }), { actor: 'operator:other' });
  const rows = await database.db.query({
    text: 'SELECT version, created_by FROM service_versions WHERE client_id = $1 ORDER BY version',
    values: ['versions'],
  });
  expect(rows).toEqual([
    { version: 1, created_by: 'operator:test' },
    { version: 2, created_by: 'operator:other' },
  ]);
  expect((await services.find('versions'))?.metadata.name.en).toBe('New name');
});

it('a refused submission leaves nothing behind', async () => {
  const outcome = await services.submit(submission('refused', { redirectUris: ['http://x.example/'] }), operator);
  expect(outcome).toMatchObject({ outcome: 'refused', problems: [{ code: 'scheme_not_allowed' }] });
  expect(await services.find('refused')).toBeUndefined();
  expect(await auditOf('refused')).toEqual([]);
});

it('shows a secret once, keeps its hash only, and carries it over to new versions', async () => {
  const first = await services.submit(submission('juggling', withSecret), operator);
  const secret = secretOf(first);
  expect(Buffer.from(secret, 'base64url')).toHaveLength(32);
  const [row] = await database.db.query<{ all: string }>({
    text: `SELECT json_agg(v)::text AS all FROM service_versions v WHERE client_id = 'juggling'`,
  });
  expect(row?.all).not.toContain(secret);

  const second = await services.submit(submission('juggling', { ...withSecret, name: { en: 'Juggling' } }), operator);
  expect(second).toMatchObject({ outcome: 'published', secret: undefined });
  expect(secretMatches((await services.find('juggling'))?.metadata.secretHash, secret)).toBe(true);

  const replaced = await services.newSecret('juggling', operator);
  const hash = (await services.find('juggling'))?.metadata.secretHash;
  expect(secretMatches(hash, replaced)).toBe(true);
  expect(secretMatches(hash, secret)).toBe(false);
  expect(secretMatches(undefined, secret)).toBe(false);
  expect(await auditOf('juggling')).toContain('service.secret-made');
  await expect(services.newSecret('rod-fishing', operator)).rejects.toMatchObject({ code: 'not_allowed' });
  await expect(services.newSecret('nobody', operator)).rejects.toMatchObject({ code: 'not_found' });
});

function secretOf(outcome: SubmitOutcome): string {
  if (outcome.outcome !== 'published' || outcome.secret === undefined) throw new Error('no secret');
  return outcome.secret;
}

it('C4: suspending shows at once here and within five seconds elsewhere', async () => {
  await services.submit(submission('stopping'), operator);
  let time = Date.now();
  const other = createRelyingParties({ db: database.db, config: testConfig(), now: () => new Date(time) });
  await other.find('stopping');
  await services.suspend('stopping', operator);
  await services.suspend('stopping', operator);
  expect((await services.find('stopping'))?.status).toBe('suspended');
  time += 5000;
  expect((await other.find('stopping'))?.status).toBe('suspended');
  await services.resume('stopping', operator);
  expect((await services.find('stopping'))?.status).toBe('live');
  expect(await auditOf('stopping')).toEqual(['service.published', 'service.suspended', 'service.resumed']);
  await expect(services.suspend('nobody', operator)).rejects.toMatchObject({ code: 'not_found' });
});

describe('two departments', () => {
  it('D12: cannot share a sector, nor take over a service', async () => {
    await services.submit(submission('angling', { sector: 'environment.example' }), operator);
    const other = await services.submit(submission('circus', { sector: 'environment.example' }, 'culture'), operator);
    expect(other).toMatchObject({ outcome: 'refused', problems: [{ field: 'sector', code: 'sector_taken' }] });
    const taken = await services.submit(submission('angling', { sector: 'environment.example' }, 'culture'), operator);
    expect(taken).toMatchObject({ outcome: 'refused' });
    const same = await services.submit(submission('boating', { sector: 'environment.example' }), operator);
    expect(same).toMatchObject({ outcome: 'published' });
  });
});

it('our own pages may move with the issuer, and hold no sector against anybody', async () => {
  const own = (host: string): Submission => ({
    clientId: 'your-account',
    department: { departmentId: 'latchkey', name: { en: 'Latchkey' } },
    metadata: {
      name: { en: 'Your account' },
      kind: 'internal',
      authMethod: 'none',
      redirectUris: [`https://${host}/account/signed-in`],
    },
  });
  const system = { actor: 'system' };
  expect(await services.submit(own('old.example'), system)).toMatchObject({ outcome: 'published' });
  expect(await services.submit(own('new.example'), system)).toMatchObject({ outcome: 'published' });
  const other = await services.submit(submission('neighbour', { sector: 'new.example' }), operator);
  expect(other).toMatchObject({ outcome: 'published' });
  expect(await services.submit(own('newer.example'), operator)).toMatchObject({ outcome: 'refused' });
});

it('twenty submissions at once make twenty versions, or none too many', async () => {
  const outcomes = await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      services.submit(submission('race', { name: { en: `Name ${index}` } }), operator),
    ),
  );
  const versions = outcomes.map((outcome) => (outcome.outcome === 'published' ? outcome.service.version : 0));
  expect(versions.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
  expect((await fresh().find('race'))?.version).toBe(20);
});

it('I5: a database that is away is unavailable, never an unknown service', async () => {
  const db = openDatabase(
    { url: 'postgres://nobody@127.0.0.1:1/none', poolSize: 1, statementTimeoutMs: 500, connectTimeoutMs: 500 },
    () => {},
  );
  const away = createRelyingParties({ db, config: testConfig(), now: () => new Date() });
  await expect(away.find('rod-fishing')).rejects.toMatchObject({ code: 'unavailable', statusCode: 503 });
  await expect(away.submit(submission('rod-fishing'), operator)).rejects.toMatchObject({ code: 'unavailable' });
  await db.close();
});

it('metadata in a shape nobody knows is unavailable, not half a service', async () => {
  await services.submit(submission('broken'), operator);
  await database.db.query({ text: `UPDATE service_versions SET metadata = '{}' WHERE client_id = 'broken'` });
  await expect(fresh().find('broken')).rejects.toMatchObject({ code: 'unavailable' });
  await database.db.query({ text: `UPDATE services SET status = 'suspended' WHERE client_id = 'broken'` });
});

it('lists every service', async () => {
  await database.db.query({ text: `DELETE FROM service_versions WHERE client_id = 'broken'` });
  await database.db.query({ text: `DELETE FROM services WHERE client_id = 'broken'` });
  const ids = (await services.list()).map((service) => service.clientId);
  expect(ids).toContain('rod-fishing');
  expect(ids).toEqual(ids.toSorted());
});
