import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { legacyEstate, type LegacyEstate, rentPortal } from '../../../test/support/legacy-estate.ts';
import { testDatabase } from '../../../test/support/postgres.ts';
import type { ProvingAttempt, ProvingResult } from './proving.ts';

const PASSWORD = 'correct horse battery staple';

/** What the old system says to everybody, until a test changes it. */
const old = { status: 200, id: 'A-1', asked: 0 };

describe('proving an old account by the old system itself', () => {
  let estate: LegacyEstate;
  let drop: () => Promise<void>;
  let server: Server;

  beforeAll(async () => {
    const database = await testDatabase();
    ({ drop } = database);
    estate = legacyEstate(database.db);
    server = createServer((request, response) => {
      old.asked += 1;
      request.resume();
      response.writeHead(old.status, { 'content-type': 'application/json' }).end(JSON.stringify({ id: old.id }));
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const { port } = server.address() as AddressInfo;
    const definition = rentPortal({
      adapter: { family: 'http', method: 'M09', url: `http://127.0.0.1:${port}/log-in`, limits: { floorMs: 0 } },
      firstSight: 'create',
      identifier: { label: { en: 'User name' }, normalise: ['trim', 'lower-case'], pattern: '^[a-z0-9.-]{1,40}$' },
      policy: { version: 1, proofs: ['old-sign-in'], assurance: 'Cl.Cm' },
    });
    const added = await estate.migration.sources.add(definition, { actor: 'operator:test' });
    if (added.outcome !== 'added') throw new Error(JSON.stringify(added));
  });
  afterAll(async () => {
    await estate.migration.oldSystems.close();
    server.close();
    await drop();
  });
  beforeEach(() => Object.assign(old, { status: 200, id: 'A-1', asked: 0 }));

  const attempt = (journeyId = 'j'): ProvingAttempt => ({
    source: 'rent-portal',
    way: 'old-system',
    place: { journeyId, browserKey: 'b' },
    ip: '192.0.2.1',
    language: 'en',
    tag: 'test',
    deliver: async () => {},
  });
  const signIn = async (login: string, journeyId = 'j'): Promise<ProvingResult> => {
    const { proving } = estate.migration;
    const started = await proving.start(attempt(journeyId));
    if (started.outcome === 'unavailable') return started;
    if (started.outcome !== 'asks') throw new Error(started.outcome);
    expect(started.prompt.fields.map(({ name }) => name)).toEqual(['login', 'password']);
    return proving.answer({ ...attempt(journeyId), state: started.state, fields: { login, password: PASSWORD } });
  };
  const adopt = async (login: string, email: string, journeyId = 'j') => {
    const proved = await signIn(login, journeyId);
    if (proved.outcome !== 'match') throw new Error(proved.outcome);
    return estate.migration.adoptAccount({
      proof: proved.proof,
      journeyId,
      browserKey: 'b',
      newAccount: { email, emailProvedAt: estate.clock.now, language: 'en' },
      meta: { actor: 'citizen' },
    });
  };

  it('offers only the ways that the policy opens', async () => {
    expect(await estate.migration.proving.ways('rent-portal')).toEqual(['old-system']);
    expect(await estate.migration.proving.ways('nothing-such')).toEqual([]);
    expect(await estate.migration.proving.isEnough('rent-portal', ['old-sign-in'])).toBe(true);
    expect(await estate.migration.proving.isEnough('rent-portal', [])).toBe(false);
  });

  it('E1 LA06: the row is keyed by the id that the old system gave, not by what was typed', async () => {
    old.id = 'A-100';
    const first = await signIn('anna');
    const second = await signIn('anna.renamed');
    expect(first).toMatchObject({ outcome: 'match', kind: 'old-sign-in', carriesPassword: true });
    expect(second).toMatchObject({ outcome: 'match' });
    expect(second).toHaveProperty('legacyKey', first.outcome === 'match' ? first.legacyKey : '');
  });

  it('carries the password that the old system has taken, and the level it reached', async () => {
    old.id = 'A-200';
    const result = await adopt('bert', 'bert@example.org');
    expect(result).toMatchObject({ outcome: 'adopted', created: true, assurance: 'Cl' });
    expect(await estate.accounts.checkPassword('bert@example.org', PASSWORD)).toMatchObject({ outcome: 'match' });
    expect(await signIn('bert')).toEqual({ outcome: 'mismatch' });
  });

  it('E6 LA09: a source that is suspended is not asked any more', async () => {
    await estate.migration.sources.suspend('rent-portal', { actor: 'operator:test' });
    expect(await estate.migration.proving.start(attempt())).toEqual({ outcome: 'unavailable' });
    expect(old.asked).toBe(0);
    await estate.migration.sources.open('rent-portal', { actor: 'operator:test' });
  });

  it('LA18: what can be no user name there is never asked, and counts', async () => {
    expect(await signIn('*)(uid=*')).toEqual({ outcome: 'mismatch' });
    expect(old.asked).toBe(0);
  });

  it('LA18: attempts are counted before the old system is asked', async () => {
    old.status = 401;
    const seen: string[] = [];
    for (let tries = 0; tries < 12; tries += 1) seen.push((await signIn('carol', `j${tries}`)).outcome);
    expect(seen.filter((outcome) => outcome === 'mismatch')).toHaveLength(10);
    expect(seen.at(-1)).toBe('too-many');
    expect(old.asked).toBe(10);
  });

  it('F24: an outage is no mistake of the citizen, and the breaker then leaves the old system alone', async () => {
    old.status = 500;
    const seen: string[] = [];
    for (let tries = 0; tries < 7; tries += 1) seen.push((await signIn(`dora${tries}`, `j${tries}`)).outcome);
    expect(seen).toEqual(Array.from({ length: 7 }, () => 'unavailable'));
    expect(old.asked).toBe(5);
    const [health] = estate.migration.oldSystems.health();
    expect(health).toMatchObject({ source: 'rent-portal', breaker: 'open', lastFault: { reason: 'server-error' } });
    estate.clock.now = new Date(estate.clock.now.getTime() + 31_000);
    old.status = 200;
    old.id = 'A-300';
    expect(await signIn('dora')).toMatchObject({ outcome: 'match' });
    expect(estate.migration.oldSystems.health()[0]).toMatchObject({ breaker: 'closed' });
  });
});
