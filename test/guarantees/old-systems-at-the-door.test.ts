import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ProvingAttempt, ProvingResult } from '../../src/migration/index.ts';
import { bcryptOf, legacyEstate, type LegacyEstate, rentCsv, rentPortal } from '../support/legacy-estate.ts';
import { testDatabase } from '../support/postgres.ts';

const PASSWORD = 'correct horse battery staple';
const GUESS = 'something else altogether';

/** What the old system says to everybody, until a test changes it. */
const old = { status: 401, id: 'A-1', asked: 0 };

describe('old systems behind their guard', () => {
  let estate: LegacyEstate;
  let drop: () => Promise<void>;
  let server: Server;
  let places = 0;

  const addSource = async (changes: Record<string, unknown>): Promise<void> => {
    const added = await estate.migration.sources.add(rentPortal(changes), { actor: 'operator:test' });
    if (added.outcome !== 'added') throw new Error(JSON.stringify(added));
  };

  beforeAll(async () => {
    const database = await testDatabase();
    ({ drop } = database);
    estate = legacyEstate(database.db, { sourceSecrets: { positions: 'a key that only these tests know' } });
    server = createServer((request, response) => {
      old.asked += 1;
      request.resume();
      response.writeHead(old.status, { 'content-type': 'application/json' }).end(JSON.stringify({ id: old.id }));
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const { port } = server.address() as AddressInfo;
    const adapter = {
      family: 'http',
      method: 'M09',
      url: `http://127.0.0.1:${port}/log-in`,
      limits: { floorMs: 0, breakAfter: 3 },
    };
    const first = { firstSight: 'create', policy: { version: 1, proofs: ['old-sign-in'], assurance: 'Cl' } };
    await addSource({ adapter, ...first });
    await addSource({
      source: 'no-secret',
      adapter: { ...adapter, credentials: { kind: 'bearer', secret: 'not-set' } },
      ...first,
    });
    await addSource({
      source: 'no-key',
      adapter: {
        family: 'code',
        method: 'M35',
        exportedOn: '2026-01-01',
        tries: 5,
        validDays: 28,
        ours: { addressColumns: ['street'], everyDays: 7, keySecret: 'not-set' },
        limits: { floorMs: 0 },
      },
      policy: { version: 1, proofs: ['posted-code'], assurance: 'Cl' },
    });
    await addSource({
      source: 'two-proofs',
      adapter,
      policy: {
        version: 1,
        proofs: ['old-password', 'old-sign-in'],
        needed: 2,
        assurance: 'Cl',
      },
    });
    const rows = rentCsv([{ id: 'A-1', login: 'anna', hash: bcryptOf(PASSWORD), email: 'anna@example.org' }]);
    await estate.importText(rows, { source: 'two-proofs' });
    const { file } = rentPortal();
    await addSource({
      source: 'one-mailbox',
      policy: { version: 1, proofs: ['old-password', 'contact-code'], assurance: 'Cl' },
    });
    const couple = ['jim', 'jan', 'joe', 'jon'].map((id) => ({ id, email: 'jim.and.jan@example.org' }));
    await estate.importText(rentCsv(couple), { source: 'one-mailbox' });
    await addSource({
      source: 'questions',
      file: { ...(file as object), extras: { word: 'word' } },
      adapter: {
        family: 'knowledge',
        method: 'M25',
        exportedOn: '2026-01-01',
        alongside: 'password',
        held: { as: 'text', column: 'word' },
        shortest: 6,
        asked: 2,
        tries: 5,
        positionsSecret: 'positions',
        limits: { floorMs: 0 },
      },
      policy: { version: 1, proofs: ['old-sign-in'], assurance: 'Cl' },
    });
  });
  afterAll(async () => {
    await estate.migration.oldSystems.close();
    server.close();
    await drop();
  });
  beforeEach(() => {
    Object.assign(old, { status: 401, id: 'A-1', asked: 0 });
    places += 1;
  });

  const attempt = (source = 'rent-portal', journeyId = 'j'): ProvingAttempt => ({
    source,
    way: 'old-system',
    place: { journeyId, browserKey: 'b' },
    ip: `192.0.2.${places}`,
    language: 'en',
    tag: 'test',
    deliver: async () => {},
  });
  const signIn = async (login: string, password = PASSWORD, source = 'rent-portal'): Promise<ProvingResult> => {
    const started = await estate.migration.proving.start(attempt(source));
    if (started.outcome !== 'asks') throw new Error(started.outcome);
    return estate.migration.proving.answer({
      ...attempt(source),
      state: started.state,
      fields: { login, password },
    });
  };

  it('LA18 A8: however a name is spelt, its attempts are counted together', async () => {
    const spellings = [
      'erik',
      'e.rik',
      'ERIK',
      'e-r-i-k',
      'ｅrik',
      'érik',
      'e rik',
      'erik.',
      "e'rik",
      '(erik)',
      'er\u00ADik',
    ];
    const seen: string[] = [];
    for (const login of spellings) seen.push((await signIn(login, GUESS)).outcome);
    expect(seen.filter((outcome) => outcome === 'mismatch')).toHaveLength(10);
    expect(seen.at(-1)).toBe('too-many');
    expect(old.asked).toBe(10);
  });

  it('A8: a password that is known buys no further guesses at a second proof', async () => {
    const guesses = async (): Promise<string[]> => {
      const seen: string[] = [];
      for (let tries = 0; tries < 6; tries += 1) seen.push((await signIn('anna', GUESS, 'two-proofs')).outcome);
      return seen;
    };
    await guesses();
    old.status = 200;
    const known = { source: 'two-proofs', login: 'anna', password: PASSWORD, journeyId: 'j', browserKey: 'b' };
    expect(await estate.migration.oldAccounts.check({ ...known, ip: attempt().ip })).toMatchObject({
      outcome: 'match',
    });
    old.status = 401;
    // Ten in all: six, the one that the old system was asked about the known password, and three more.
    expect((await guesses()).filter((outcome) => outcome === 'mismatch')).toHaveLength(3);
  });

  it('F24: a source whose secret is not set is away, and the operator is told which one', async () => {
    expect(await estate.migration.proving.start(attempt('no-secret'))).toEqual({ outcome: 'unavailable' });
    expect(estate.faults.at(-1)).toMatchObject({ message: expect.stringContaining('LATCHKEY_SOURCE_SECRET_') });
  });

  it('F24: so is one whose secret is looked for only when it is needed', async () => {
    expect(await signIn('ida', PASSWORD, 'no-key')).toEqual({ outcome: 'unavailable' });
    expect(estate.faults.at(-1)).toMatchObject({ reason: 'misconfigured' });
  });

  it('F24: an outage uses up nobody’s attempts', async () => {
    old.status = 500;
    const started = await estate.migration.proving.start(attempt());
    if (started.outcome !== 'asks') throw new Error(started.outcome);
    const answer = { ...attempt(), state: started.state, fields: { login: 'frida', password: PASSWORD } };
    for (let tries = 0; tries < 14; tries += 1)
      expect(await estate.migration.proving.answer(answer)).toEqual({ outcome: 'unavailable' });
    expect(old.asked).toBe(3);
    estate.clock.now = new Date(estate.clock.now.getTime() + 31_000);
    Object.assign(old, { status: 200, id: 'A-7' });
    expect(await signIn('frida')).toMatchObject({ outcome: 'match' });
  });

  it('LA19: a password that the old system takes for an account that moved costs no more than a wrong one', async () => {
    Object.assign(old, { status: 200, id: 'A-8' });
    const proved = await signIn('greta');
    if (proved.outcome !== 'match') throw new Error(proved.outcome);
    const adopted = await estate.migration.adoptAccount({
      proof: proved.proof,
      ...attempt().place,
      newAccount: { email: 'greta@example.org', emailProvedAt: estate.clock.now, language: 'en' },
      meta: { actor: 'citizen' },
    });
    expect(adopted).toMatchObject({ outcome: 'adopted' });
    const before = estate.work.newHashes;
    expect(await signIn('greta')).toEqual({ outcome: 'mismatch' });
    expect(estate.work.newHashes).toBe(before);
  });

  it('an id that is empty is nobody’s', async () => {
    Object.assign(old, { status: 200, id: ' ' });
    expect(await signIn('hilda')).toEqual({ outcome: 'mismatch' });
  });

  it('B6 K5: one mailbox is sent thirty codes a day, of however many old accounts, and nobody is told', async () => {
    const sent: (string | undefined)[] = [];
    const deliver: ProvingAttempt['deliver'] = async (_tx, { to }) => void sent.push(to);
    const send = async (login: string, network: number): Promise<string> => {
      const ip = `198.51.${network}.1`;
      const asking = { ...attempt('one-mailbox'), way: 'contact-code', deliver, ip } as const;
      return (await estate.migration.proving.answer({ ...asking, state: '', fields: { login } })).outcome;
    };
    for (const login of ['jim', 'jan', 'joe', 'jon', 'nobody'])
      for (let tries = 0; tries < 9; tries += 1) expect(await send(login, tries)).toBe('asks');
    expect(sent).toHaveLength(45);
    expect(sent.filter((to) => to !== undefined)).toHaveLength(30);
  });

  it('K2: codes to an old contact are guessed against one budget, however many are asked for', async () => {
    const deliver = async (): Promise<void> => {};
    let judged = 0;
    for (let network = 0; network < 12; network += 1) {
      const asking = { ...attempt('one-mailbox'), way: 'contact-code', deliver, ip: `198.18.${network}.1` } as const;
      const asked = await estate.migration.proving.answer({ ...asking, state: '', fields: { login: 'somebody' } });
      for (let tries = 0; asked.outcome === 'asks' && tries < 5; tries += 1) {
        const answer = { ...asking, state: asked.state, fields: { code: '000000' } };
        if ((await estate.migration.proving.answer(answer)).outcome === 'asks') judged += 1;
      }
    }
    expect(judged).toBe(25);
  });

  it('whoever is refused in a later round begins anew: its state is good for one answer', async () => {
    const asked = await signIn('nobody', GUESS, 'questions');
    if (asked.outcome !== 'asks') throw new Error(asked.outcome);
    const fields = Object.fromEntries(asked.prompt.fields.map(({ name }) => [name, 'x']));
    const { proving } = estate.migration;
    const refused = await proving.answer({ ...attempt('questions'), state: asked.state, fields });
    expect(refused).toMatchObject({ outcome: 'mismatch', again: { outcome: 'asks' } });
  });

  it('a question of a definition that has changed meanwhile is asked anew', async () => {
    const asked = await signIn('nobody', GUESS, 'questions');
    if (asked.outcome !== 'asks') throw new Error(asked.outcome);
    const source = await estate.migration.sources.find('questions');
    const changed = { ...source?.definition, name: { en: 'Questions' } };
    expect(await estate.migration.sources.add(changed, { actor: 'operator:test' })).toMatchObject({
      outcome: 'updated',
    });
    const answer = { ...attempt('questions'), state: asked.state, fields: { character1: 'x' } };
    const again = await estate.migration.proving.answer(answer);
    expect(again).toMatchObject({ outcome: 'asks', prompt: { fields: [{ name: 'login' }, { name: 'password' }] } });
  });
});
