import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AdoptResult, Match, OldWay, ProvingAttempt, ProvingResult } from '../../src/migration/index.ts';
import { legacyKeyOf } from '../../src/migration/ledger/legacy-keys.ts';
import { legacyEstate, type LegacyEstate, rentCsv, rentPortal, ssha512Of } from '../support/legacy-estate.ts';
import { type TestDatabase, testDatabase } from '../support/postgres.ts';

const PASSWORD = 'correct horse battery staple';
const META = { actor: 'citizen' };
const SECTOR = 'tax.example';

/** What the old system answers to everybody with the right password, until a test changes it. */
const old: { status: number; says: Record<string, unknown> } = { status: 200, says: {} };

let database: TestDatabase;
let estate: LegacyEstate;
let server: Server;

beforeAll(async () => {
  database = await testDatabase({ poolSize: 10 });
  estate = legacyEstate(database.db);
  server = createServer((request, response) => {
    request.resume();
    response.writeHead(old.status, { 'content-type': 'application/json' }).end(JSON.stringify(old.says));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  const live = {
    subjects: 'none',
    sectors: [SECTOR],
    firstSight: 'create',
    policy: { version: 1, proofs: ['old-sign-in'], assurance: 'Cl' },
    adapter: {
      family: 'http',
      method: 'M09',
      url: `http://127.0.0.1:${port}/log-in`,
      limits: { floorMs: 0 },
      attributes: [{ name: 'name', path: 'name' }],
      warnings: [{ path: 'shared', equals: true, as: 'shared-account' }],
      rights: { list: 'clients', subject: 'id', right: { path: 'may' }, from: 'from', until: 'until' },
    },
  };
  for (const changes of [
    { ...live, source: 'tax-agents', holder: 'agent' },
    { ...live, source: 'mixed-gateway', subjects: 'inherit' },
    { source: 'club-portal', holder: 'organisation', subjects: 'none', sectors: [SECTOR] },
    {
      source: 'pension-records',
      holder: 'record',
      scheme: 'none',
      file: { format: 'csv', columns: { id: 'id', email: 'email', name: 'name' } },
      policy: {
        version: 1,
        proofs: ['two-operators', 'contact-code', { kind: 'reference-and-fact', facts: ['name'] }],
        assurance: 'Cl',
      },
    },
  ]) {
    const added = await estate.migration.sources.add(rentPortal(changes), { actor: 'operator:test' });
    if (added.outcome !== 'added') throw new Error(JSON.stringify(added));
  }
});
afterAll(async () => {
  await estate.migration.oldSystems.close();
  server.close();
  await database.drop();
});
beforeEach(() => Object.assign(old, { status: 200, says: {} }));

let count = 0;
async function somebody(): Promise<string> {
  const account = { email: `p${(count += 1)}@example.org`, language: 'en', password: undefined } as const;
  const made = await estate.db.transaction((tx) => estate.accounts.create(tx, account, META));
  if (made.outcome !== 'created') throw new Error(made.outcome);
  return made.accountId;
}

const placeOf = (accountId: string) =>
  ({ journeyId: `j-${accountId}`, browserKey: 'b', purpose: 'add-old-account', accountId }) as const;

type Fields = Record<string, string>;

/** Proves an old account as a citizen does who is signed in and adds it. */
async function prove(source: string, accountId: string, fields: Fields, way: OldWay): Promise<ProvingResult> {
  const { proving } = estate.migration;
  const attempt: ProvingAttempt = {
    source,
    way,
    place: placeOf(accountId),
    ip: `10.1.${(count += 1) % 250}.9`,
    language: 'en',
    tag: 'test',
    deliver: async () => {},
  };
  const started = await proving.start(attempt);
  if (started.outcome !== 'asks') throw new Error(started.outcome);
  return proving.answer({ ...attempt, state: started.state, fields });
}

async function matched(...of: Parameters<typeof prove>): Promise<Match> {
  const result = await prove(...of);
  if (result.outcome !== 'match') throw new Error(result.outcome);
  return result;
}

const add = (accountId: string, { proof }: Match): Promise<AdoptResult> =>
  estate.migration.addOldAccount({
    ...placeOf(accountId),
    proof,
    accountProvedAt: estate.clock.now,
    meta: META,
  });

const signIn = (login: string): Fields => ({ login, password: PASSWORD });
const rightsOf = async (accountId: string) =>
  (await estate.migration.rights.of(accountId)).rights.map(({ client, right }) => `${right} ${client}`).toSorted();
const stateOf = async (source: string, id: string) => {
  const [row] = await estate.db.query<{ state: string; verifier: boolean; account: string | null }>({
    text: `SELECT state, verifier_sealed IS NOT NULL AS verifier, account_id AS account FROM legacy_accounts
           WHERE legacy_key = $1`,
    values: [legacyKeyOf(estate.keyRing, source, id)],
  });
  return row;
};

describe('M42: an agent brings rights along, never clients', () => {
  const anna = {
    id: 'A-1',
    name: 'Anna Hughes',
    clients: [
      { id: 'C-118', may: 'file', from: '2024-01-01', until: '2027-03-31' },
      { id: 'C-204', may: 'read' },
      { id: 'C-300', may: 'file', until: '2026-11-21' },
      { id: 'C-301', may: 'file', from: '2026-12-01' },
      { id: 'C-302', may: 'file', until: 'some day' },
      { id: 'A-1', may: 'file' },
    ],
  };

  it('M42: signs in at the old system; rights that hold now belong to the link, and the client stays its own', async () => {
    const [agent, client] = [await somebody(), await somebody()];
    old.says = { id: 'C-118', name: 'Client' };
    const clients = await matched('tax-agents', client, signIn('c118'), 'old-system');
    old.says = anna;
    const proved = await matched('tax-agents', agent, signIn('anna'), 'old-system');
    expect(await rightsOf(agent), 'nothing before the account is adopted').toEqual([]);
    const added = await add(agent, proved);
    expect(added).toMatchObject({ outcome: 'adopted' });
    // Run out, not begun, with a date that cannot be read, over herself: none of these.
    expect(await rightsOf(agent)).toEqual(['file C-118', 'read C-204']);

    expect(await stateOf('tax-agents', 'C-118')).toMatchObject({ state: 'waiting', account: null });
    expect(await estate.migration.links.list(agent)).toHaveLength(1);
    expect(await add(client, clients), 'the client’s own account is still the client’s').toMatchObject({
      outcome: 'adopted',
      accountId: client,
    });
    expect(await rightsOf(client)).toEqual([]);
  });

  it('M42: a right over a client proves nothing of the client', async () => {
    const agent = await somebody();
    old.says = { ...anna, id: 'A-2', clients: [{ id: 'C-400', may: 'file' }] };
    const proved = await matched('tax-agents', agent, signIn('berta'), 'old-system');
    expect(await add(agent, proved)).toMatchObject({ outcome: 'adopted' });
    old.says = { id: 'C-400' };
    const other = await somebody();
    const clients = await matched('tax-agents', other, signIn('c400'), 'old-system');
    // The client's proof in the agent's hands, and the agent's own once more.
    expect(await add(agent, clients)).toMatchObject({ outcome: 'refused', reason: 'proof-not-bound' });
    expect(await add(agent, proved)).toMatchObject({ outcome: 'refused', reason: 'proof-used' });
    expect(await stateOf('tax-agents', 'C-400')).toMatchObject({ state: 'waiting' });
  });

  it('M42: they go with the link, come back when it is proved anew, and run out by themselves', async () => {
    const [first, second] = [await somebody(), await somebody()];
    old.says = { id: 'A-3', clients: [{ id: 'C-500', may: 'file', until: '2026-11-30' }] };
    const added = await add(first, await matched('tax-agents', first, signIn('carys'), 'old-system'));
    if (added.outcome !== 'adopted') throw new Error(added.outcome);
    expect(await rightsOf(first)).toEqual(['file C-500']);
    const undone = await estate.migration.links.undo({
      accountId: first,
      linkId: added.linkId,
      reason: 'not-mine',
      accountProvedAt: estate.clock.now,
      meta: META,
    });
    expect(undone.outcome).toBe('undone');
    expect(await rightsOf(first)).toEqual([]);
    estate.clock.now = new Date(estate.clock.now.getTime() + 1000);
    // The old system says less by now: what it does not say has ended.
    old.says = { id: 'A-3', clients: [{ id: 'C-501', may: 'read', until: '2026-11-30' }] };
    await add(second, await matched('tax-agents', second, signIn('carys'), 'old-system'));
    expect(await rightsOf(second)).toEqual(['read C-501']);
    const before = estate.clock.now;
    estate.clock.now = new Date('2026-11-30T23:59:59Z');
    expect(await rightsOf(second), 'to the end of its last day').toEqual(['read C-501']);
    estate.clock.now = new Date('2026-12-01T00:00:00Z');
    expect(await rightsOf(second)).toEqual([]);
    estate.clock.now = before;
  });

  it('M42 E10: a merge moves them with the link; undoing it gives them back', async () => {
    const [survivor, absorbed] = [await somebody(), await somebody()];
    old.says = { id: 'A-4', clients: [{ id: 'C-600', may: 'file' }] };
    await add(absorbed, await matched('tax-agents', absorbed, signIn('delyth'), 'old-system'));
    const mergeId = await merge(survivor, absorbed);
    expect([await rightsOf(survivor), await rightsOf(absorbed)]).toEqual([['file C-600'], []]);
    await estate.db.transaction((tx) => estate.accounts.merging.unmerge(tx, { survivor, mergeId }, META));
    expect([await rightsOf(survivor), await rightsOf(absorbed)]).toEqual([[], ['file C-600']]);
  });

  it('M42: services are told by their own ids, of their own sector and sources only', async () => {
    const agent = await somebody();
    old.says = { id: 'A-5', clients: [{ id: 'C-700', may: 'file', until: '2027-01-31' }] };
    await add(agent, await matched('tax-agents', agent, signIn('eleri'), 'old-system'));
    const ask = (sector: string, sources: string[]) =>
      estate.migration.rights.toldActsFor({ accountId: agent, sector, sources });
    expect(await ask(SECTOR, ['tax-agents', 'club-portal'])).toEqual({
      rights: [{ source: 'tax-agents', kind: 'client', id: 'C-700', right: 'file', until: '2027-02-01T00:00:00.000Z' }],
      complete: true,
    });
    const nothing = { rights: [], complete: true };
    expect(await ask('other.example', ['tax-agents'])).toEqual(nothing);
    expect(await ask(SECTOR, ['club-portal'])).toEqual(nothing);
  });

  it('M42: come from a file, too; the same file twice changes nothing, a corrected one only what was corrected', async () => {
    const agent = await somebody();
    old.says = { id: 'A-6', clients: [] };
    await add(agent, await matched('tax-agents', agent, signIn('ffion'), 'old-system'));
    const load = (text: string, source = 'tax-agents') =>
      estate.migration.rights.importFile({
        source,
        stream: Readable.from([Buffer.from(text)]),
        actor: 'operator:olga',
      });
    const head = 'agent,client,right,from,until\n';
    const file = `${head}A-6,C-800,file,,\nA-6,C-801,read,2024-01-01,2027-01-01\n`;
    expect(await load(file)).toMatchObject({ outcome: 'imported', read: 2, created: 2, changed: 0, rejected: [] });
    expect(await load(file)).toMatchObject({ created: 0, changed: 0, unchanged: 2 });
    expect(await rightsOf(agent)).toEqual(['file C-800', 'read C-801']);
    const corrected = `${head}A-6,C-800,file,,2026-01-01\nA-6,C-801,read,2024-01-01,2027-01-01\n`;
    expect(await load(corrected)).toMatchObject({ created: 0, changed: 1, unchanged: 1 });
    expect(await rightsOf(agent)).toEqual(['read C-801']);

    const ndjson = [
      { agent: 'A-6', client: 'O-1', right: 'file', kind: 'organisation', grantedBy: 'O-1 itself' },
      { agent: 'A-6', client: 'O-1', right: 'file', kind: 'organisation' },
      { agent: '', client: 'C-1', right: 'file' },
      { agent: 'A-6', client: '', right: 'file' },
      { agent: 'A-6', client: 'A-6', right: 'file' },
      { agent: 'A-6', client: 'C-1', right: 'file', kind: 'pet' },
      { agent: 'A-6', client: 'C-1', right: 'file', until: '31/12/2026' },
      { agent: 'A-6', client: 'C-1', right: 'file', until: '2026-02-31' },
      { agent: 'A-6', client: 'C-1', right: 'file', from: '2026-02-01', until: '2026-01-01' },
    ].map((row) => JSON.stringify(row));
    const mixed = await load([...ndjson, '{"agent":', ''].join('\n'));
    expect(mixed).toMatchObject({ outcome: 'imported', read: 10, created: 1 });
    expect('rejected' in mixed && mixed.rejected.map(({ line, code }) => `${line} ${code}`)).toEqual([
      '2 duplicate_right',
      '3 agent_missing',
      '4 right_unusable',
      '5 right_unusable',
      '6 kind_unknown',
      '7 date_unreadable',
      '8 date_unreadable',
      '9 dates_crossed',
      '10 unreadable',
    ]);
    expect(await load('agent,client\nA,B\n')).toMatchObject({ outcome: 'refused' });
    expect(await load(file, 'club-portal')).toMatchObject({ problems: [{ code: 'holder_not_agent' }] });
    await expect(load(file, 'nothing-such')).rejects.toThrow('no source');
  });
});

/** Merges with fresh proof of both. */
async function merge(survivor: string, absorbed: string): Promise<string> {
  const { merging } = estate.accounts;
  const place = { journeyId: `merge-${(count += 1)}`, browserKey: 'b' };
  return estate.db.transaction(async (tx) => {
    const proofOf = (accountId: string) => merging.prove(tx, { ...place, accountId, method: 'password', level: 'Cl' });
    const proofs = { survivor: (await proofOf(survivor)) ?? raise(), absorbed: (await proofOf(absorbed)) ?? raise() };
    const merged = await merging.merge(tx, { ...place, survivor, absorbed, proofs, policyVersion: 1, meta: META });
    if (merged.outcome !== 'merged') throw new Error(JSON.stringify(merged));
    return merged.mergeId;
  });
}

async function club(name: string | undefined = 'Rhyl Rowing Club'): Promise<{ id: string; login: string }> {
  const id = `CLUB-${(count += 1)}`;
  const login = id.toLowerCase();
  const row = { id, login, hash: ssha512Of(PASSWORD), email: 'office@rowing.example', ...(name && { name }) };
  const done = await estate.importText(rentCsv([row]), { source: 'club-portal' });
  if (done.outcome !== 'imported' || done.created !== 1) throw new Error(JSON.stringify(done));
  return { id, login };
}

describe('M43: an account that several people share becomes an organisation', () => {
  it('M43: its first prover administers it; nothing of it is linked to them, and its password is dead', async () => {
    const { id, login } = await club();
    const first = await somebody();
    const proved = await matched('club-portal', first, signIn(login), 'old-password');
    expect(proved.carriesPassword, 'a shared password becomes nobody’s own').toBe(false);
    expect(await estate.migration.oldAccounts.describe(proved.legacyKey)).toMatchObject({ isShared: true });
    const before = await estate.accounts.read(first);
    expect(await add(first, proved)).toMatchObject({ outcome: 'organised', accountId: first });

    expect(await estate.accounts.organisations.of(first)).toMatchObject([
      { name: 'Rhyl Rowing Club', role: 'administrator' },
    ]);
    expect(await estate.migration.links.list(first, { withUndone: true })).toEqual([]);
    expect(await estate.accounts.subjects.find(first, SECTOR)).toBeUndefined();
    const after = await estate.accounts.read(first);
    expect({ ...after, version: 0 }).toEqual({ ...before, version: 0 });
    expect(await stateOf('club-portal', id)).toEqual({ state: 'organised', verifier: false, account: null });
    const second = await somebody();
    expect(await prove('club-portal', second, signIn(login), 'old-password')).toEqual({ outcome: 'mismatch' });
  });

  it('M43: a person without an account gets one of their own beside it, without its name and without its password', async () => {
    const { login } = await club();
    const place = { journeyId: 'first', browserKey: 'b' };
    const { migration, accounts, clock } = estate;
    const checked = await migration.oldAccounts.check({
      source: 'club-portal',
      login,
      password: PASSWORD,
      ip: '10.9.9.9',
      ...place,
    });
    if (checked.outcome !== 'match') throw new Error(checked.outcome);
    const newAccount = { email: 'cai@example.org', emailProvedAt: clock.now, language: 'en' } as const;
    const made = await migration.adoptAccount({ ...place, proof: checked.proof, newAccount, meta: META });
    expect(made).toMatchObject({ outcome: 'organised', created: true });
    expect(await accounts.read('accountId' in made ? made.accountId : '')).toMatchObject({
      name: undefined,
      hasPassword: false,
    });
    expect(await accounts.checkPassword('cai@example.org', PASSWORD)).toMatchObject({ outcome: 'mismatch' });
  });

  it('M43 LA35: of many first provers at once one makes the organisation, and there is one', async () => {
    const { login } = await club();
    const people = await Promise.all(Array.from({ length: 5 }, somebody));
    const proofs: Match[] = [];
    for (const one of people) proofs.push(await matched('club-portal', one, signIn(login), 'old-password'));
    const results = await Promise.all(people.map((one, index) => add(one, proofs[index] ?? raise())));
    expect(results.filter(({ outcome }) => outcome === 'organised')).toHaveLength(1);
    expect(results.filter((one) => 'reason' in one && one.reason === 'already-adopted')).toHaveLength(4);
    const made = await Promise.all(people.map((one) => estate.accounts.organisations.of(one)));
    expect(made.flat()).toHaveLength(1);
  });

  it('M43: an old system that calls one of its accounts shared is believed, whatever its source is', async () => {
    const [one, other] = [await somebody(), await somebody()];
    old.says = { id: 'G-1', name: 'Corner Shop', shared: true };
    const shared = await matched('mixed-gateway', one, signIn('corner-shop'), 'old-system');
    expect(shared.carriesPassword).toBe(false);
    expect(await add(one, shared)).toMatchObject({ outcome: 'organised' });
    expect(await estate.accounts.organisations.of(one)).toMatchObject([{ name: 'Corner Shop' }]);
    expect(await prove('mixed-gateway', other, signIn('corner-shop'), 'old-system')).toEqual({ outcome: 'mismatch' });
    old.says = { id: 'G-2', name: 'Gwen' };
    const own = await matched('mixed-gateway', other, signIn('gwen'), 'old-system');
    expect(await add(other, own)).toMatchObject({ outcome: 'adopted' });
  });

  it('M43: services of its sector see the organisation by its old id, for its members only', async () => {
    const { id, login } = await club();
    const first = await somebody();
    await add(first, await matched('club-portal', first, signIn(login), 'old-password'));
    const ask = (accountId: string, sector: string) =>
      estate.migration.rights.toldOrganisations({ accountId, sector, sources: ['club-portal'] });
    const told = [{ source: 'club-portal', id, name: 'Rhyl Rowing Club', role: 'administrator' }];
    expect(await ask(first, SECTOR)).toEqual(told);
    expect(await ask(first, 'other.example')).toEqual([]);
    expect(await ask(await somebody(), SECTOR)).toEqual([]);
    expect(
      await estate.migration.links.legacyIds({ accountId: first, sector: SECTOR, sources: ['club-portal'] }),
    ).toEqual([]);
  });

  it('M43 E10: a merge lets the survivor act for it, and undoing the merge gives it back', async () => {
    const { login } = await club();
    const [survivor, absorbed] = [await somebody(), await somebody()];
    await add(absorbed, await matched('club-portal', absorbed, signIn(login), 'old-password'));
    const mergeId = await merge(survivor, absorbed);
    const { organisations, merging } = estate.accounts;
    expect(await organisations.of(survivor)).toMatchObject([{ role: 'administrator' }]);
    await estate.db.transaction((tx) => merging.unmerge(tx, { survivor, mergeId }, META));
    expect(await organisations.of(survivor)).toEqual([]);
    expect(await organisations.of(absorbed)).toMatchObject([{ role: 'administrator' }]);
  });

  it('M43 L17: two operators undo it within 30 days; the old account is proved anew by whoever can', async () => {
    const { id, login } = await club();
    const [rogue, owner] = [await somebody(), await somebody()];
    await add(rogue, await matched('club-portal', rogue, signIn(login), 'old-password'));
    const undo = (by: string) =>
      estate.migration.operatorRequests.undoOrganisation(
        { source: 'club-portal', legacyId: id },
        { meta: { actor: `operator:${by}` }, evidence: 'Letter of the secretary, case 12' },
      );
    expect(await undo('olga')).toMatchObject({ outcome: 'requested' });
    expect(await undo('olga')).toEqual({ outcome: 'refused', reason: 'same-operator' });
    expect(await estate.accounts.organisations.of(rogue)).toHaveLength(1);
    expect(await undo('piotr')).toEqual({ outcome: 'undone', members: 1 });
    expect(await undo('piotr')).toEqual({ outcome: 'refused', reason: 'organisation-unknown' });
    expect(await estate.accounts.organisations.of(rogue)).toEqual([]);
    expect(await stateOf('club-portal', id)).toEqual({ state: 'released', verifier: true, account: null });
    estate.clock.now = new Date(estate.clock.now.getTime() + 1000);
    const anew = await matched('club-portal', owner, signIn(login), 'old-password');
    expect(await add(owner, anew)).toMatchObject({ outcome: 'organised' });
  });

  it('M43: a record without a name lends the organisation that of the old service', async () => {
    const { login } = await club('');
    const first = await somebody();
    await add(first, await matched('club-portal', first, signIn(login), 'old-password'));
    expect(await estate.accounts.organisations.of(first)).toMatchObject([{ name: 'Rent Portal' }]);
  });
});

describe('M44: a record without a sign-in', () => {
  it('M44: needs two operators, or a code to the address on record and a fact; facts alone are never enough', async () => {
    const csv = 'id,email,name\nR-1,gwen@old.example,Gwen Hughes\n';
    await estate.importText(csv, { source: 'pension-records' });
    const accountId = await somebody();
    const { proving, operatorRequests } = estate.migration;
    expect(await proving.ways('pension-records')).toEqual(['contact-code', 'reference-and-fact', 'code-in-hand']);
    const fact = { reference: 'R-1', fact: 'Gwen Hughes' };
    const facts = await matched('pension-records', accountId, fact, 'reference-and-fact');
    expect(await proving.isEnough('pension-records', ['reference-and-fact'])).toBe(false);
    expect(await add(accountId, facts)).toMatchObject({ outcome: 'needs-proof', because: 'not-enough' });

    const of = { source: 'pension-records', legacyId: 'R-1', accountId };
    const vouch = (by: string) =>
      operatorRequests.vouch(of, { meta: { actor: `operator:${by}` }, evidence: 'Passport seen at the counter' });
    expect(await vouch('olga')).toMatchObject({ outcome: 'requested' });
    const vouched = await vouch('piotr');
    if (vouched.outcome !== 'vouched') throw new Error(vouched.outcome);
    const other = await somebody();
    expect(
      await prove('pension-records', other, { code: vouched.code }, 'code-in-hand'),
      'only in the account of the person who was identified',
    ).toEqual({ outcome: 'mismatch' });
    const proved = await matched('pension-records', accountId, { code: vouched.code }, 'code-in-hand');
    expect(proved).toMatchObject({ kind: 'two-operators', carriesPassword: false });
    expect(await add(accountId, proved)).toMatchObject({ outcome: 'adopted', accountId });
  });

  it('M44: a policy that took a password, an old sign-in or a fact alone is refused', async () => {
    const file = { format: 'csv', columns: { id: 'id', name: 'name' } };
    const record = (proofs: unknown[]) =>
      estate.migration.sources.add(
        rentPortal({
          source: 'other-records',
          holder: 'record',
          scheme: 'none',
          file,
          policy: { version: 1, proofs, assurance: 'Cl' },
        }),
        META,
      );
    const fact = { kind: 'reference-and-fact', facts: ['name'] };
    for (const [proofs, code] of [
      [['old-password', 'posted-code'], 'record_proof'],
      [['old-sign-in', 'posted-code'], 'record_proof'],
      [[fact], 'policy_unsatisfiable'],
    ] as const)
      expect(await record([...proofs])).toMatchObject({ outcome: 'invalid', problems: [{ code }] });
    expect(await record(['posted-code', fact])).toMatchObject({ outcome: 'added' });
  });
});

function raise(): never {
  throw new Error('not there');
}
