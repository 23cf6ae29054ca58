import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  type LegacyEstate,
  type OldPerson,
  SLOW_HASH,
  bcryptOf,
  djangoOf,
  legacyEstate,
  rentCsv,
  rentPortal,
  ssha512Of,
} from '../../../test/support/legacy-estate.ts';
import { type TestDatabase, testDatabase } from '../../../test/support/postgres.ts';
import { testConfig } from '../../../test/support/config.ts';
import { createPasswordWork } from '../../platform/crypto/password-work.ts';
import { createRowJudge } from '../runs/judge-row.ts';
import { createRowKeys, planBatch } from '../runs/plan-batch.ts';
import { createRowWrapper } from '../runs/wrap-rows.ts';
import { StaleBatchError, writeBatch } from '../runs/write-batch.ts';
import { columnReading } from '../sources/column-reading.ts';
import { createAdoptAccount } from './adopt-account.ts';
import type { AdoptRequest, AdoptResult, LegacyProof } from './adoption-types.ts';
import { createSourceCosts } from './source-costs.ts';

let database: TestDatabase;
let estate: LegacyEstate;
let count = 0;
const meta = { actor: 'operator:test' };
const citizen = { actor: 'citizen', correlationId: 'j1' };
const PASSWORD = 'correct horse battery staple';

beforeAll(async () => {
  database = await testDatabase({ poolSize: 10 });
  estate = legacyEstate(database.db);
  await estate.migration.sources.add(rentPortal(), meta);
});
beforeEach(() => {
  estate.events.length = 0;
});
afterAll(() => database.drop());

const place = (name = 'one') => ({ journeyId: `journey-${name}`, browserKey: `browser-${name}` });
const address = () => `person${(count += 1)}@example.org`;

/** A person of the rent portal that no other test has. */
async function oldPerson(
  changes: Partial<OldPerson> = {},
  source = 'rent-portal',
): Promise<OldPerson & { login: string }> {
  const id = `P${(count += 1)}`;
  const person = { id, login: `login-${id}`, hash: ssha512Of(PASSWORD), name: 'Ann Example', ...changes };
  const outcome = await estate.importText(rentCsv([person]), { source });
  expect(outcome).toMatchObject({ created: 1 });
  return person;
}

const check = (login: string, options: { password?: string; place?: string; ip?: string; source?: string } = {}) =>
  estate.migration.oldAccounts.check({
    source: options.source ?? 'rent-portal',
    login,
    password: options.password ?? PASSWORD,
    ip: options.ip ?? `10.${count % 250}.${Math.floor(count / 250)}.7`,
    ...place(options.place),
  });

async function prove(login: string, options: Parameters<typeof check>[1] = {}): Promise<LegacyProof> {
  const result = await check(login, options);
  if (result.outcome !== 'match') throw new Error(`no match: ${result.outcome}`);
  return result.proof;
}

const asNew = (proof: LegacyProof, changes: Partial<AdoptRequest> & { email?: string; place?: string } = {}) => {
  const { email = address(), place: where, ...rest } = changes;
  const newAccount = { email, emailProvedAt: estate.clock.now, language: 'en' } as const;
  return estate.migration.adoptAccount({ proof, ...place(where), meta: citizen, newAccount, ...rest });
};

function adopted(result: AdoptResult): Extract<AdoptResult, { outcome: 'adopted' }> {
  if (result.outcome !== 'adopted') throw new Error(JSON.stringify(result));
  return result;
}

async function ledger(): Promise<{ adopted: number; links: number; accounts: number; verifiers: number }> {
  const [row] = await database.db.query<{ adopted: number; links: number; accounts: number; verifiers: number }>({
    text: `SELECT (SELECT count(*)::int FROM legacy_accounts WHERE state = 'adopted') AS adopted,
                  (SELECT count(*)::int FROM links) AS links, (SELECT count(*)::int FROM accounts) AS accounts,
                  (SELECT count(*)::int FROM legacy_accounts WHERE verifier_sealed IS NOT NULL) AS verifiers`,
  });
  return row!;
}

describe('adopting an old account', () => {
  it('makes an account that signs in with the old password, keeps the old subject, and erases the old hash', async () => {
    const person = await oldPerson({ hash: bcryptOf(PASSWORD), email: 'old@example.net' });
    const email = address();
    const before = await ledger();
    const notices: unknown[] = [];
    const result = adopted(
      await asNew(await prove(person.login), {
        email,
        alsoInTransaction: (_tx, facts) => Promise.resolve(void notices.push(facts)),
      }),
    );
    expect(result).toMatchObject({ created: true, subjects: [{ sector: 'rent.example', outcome: 'inherited' }] });
    expect(await estate.accounts.subjects.find(result.accountId, 'rent.example')).toBe(person.id);
    expect(await estate.accounts.checkPassword(email, PASSWORD)).toMatchObject({ outcome: 'match' });
    expect(await estate.accounts.read(result.accountId)).toMatchObject({ name: 'Ann Example', status: 'active' });
    expect(await ledger()).toEqual({
      adopted: before.adopted + 1,
      links: before.links + 1,
      accounts: before.accounts + 1,
      verifiers: before.verifiers - 1,
    });
    const { accountId, linkId } = result;
    expect(notices).toEqual([{ accountId, linkId, created: true, contactsBefore: [], oldEmail: 'old@example.net' }]);
    const trail = await database.db.query<{ type: string }>({
      text: 'SELECT type FROM audit_events WHERE chain_id = $1 ORDER BY seq',
      values: [`account:${result.accountId}`],
    });
    expect(trail.map(({ type }) => type)).toEqual(['account.created', 'subject.inherited', 'legacy.adopted']);
  });

  it.each([
    ['bcrypt', bcryptOf],
    ['django-pbkdf2', djangoOf],
    ['salted-sha512', ssha512Of],
  ] as const)('A7: %s is verified once, then gone', async (_scheme, hashOf) => {
    const person = await oldPerson({ hash: hashOf(PASSWORD) });
    expect(await check(person.login, { password: 'something else' })).toEqual({ outcome: 'mismatch' });
    adopted(await asNew(await prove(person.login)));
    expect(await check(person.login)).toEqual({ outcome: 'mismatch' });
    expect(estate.events.at(-1)?.detail).toMatchObject({ reason: 'already-adopted' });
  });

  it('a user name is found as people type it, and never across sources', async () => {
    const person = await oldPerson();
    expect(await check(`  ${person.login.toUpperCase()} `)).toMatchObject({ outcome: 'match' });
    await estate.migration.sources.add(rentPortal({ source: 'other-portal' }), meta);
    expect(await check(person.login, { source: 'other-portal' })).toEqual({ outcome: 'mismatch' });
  });

  it('E12: what a dump of the old system holds opens nothing', async () => {
    const hash = ssha512Of(PASSWORD);
    const person = await oldPerson({ hash });
    for (const password of [hash, hash.slice(9), Buffer.from(hash.slice(9), 'base64').toString('latin1')])
      expect(await check(person.login, { password })).toEqual({ outcome: 'mismatch' });
  });

  it('E1: the same address in two sources makes nothing one', async () => {
    const email = address();
    const first = await oldPerson({ email });
    await estate.migration.sources.add(rentPortal({ source: 'second-portal', sectors: ['second.example'] }), meta);
    const second = await oldPerson({ email }, 'second-portal');
    const result = adopted(await asNew(await prove(first.login), { email }));
    const proof = await prove(second.login, { source: 'second-portal' });
    expect(await asNew(proof, { email })).toEqual({ outcome: 'needs-choice', reason: 'address-taken' });
    expect(await estate.accounts.subjects.find(result.accountId, 'second.example')).toBeUndefined();
    // The choice is to sign in to the first account and to add the second to it, with the same proof.
    const joined = await estate.migration.adoptAccount({
      proof,
      meta: citizen,
      ...place(),
      accountId: result.accountId,
      accountProvedAt: estate.clock.now,
    });
    expect(joined).toMatchObject({ outcome: 'adopted', created: false, accountId: result.accountId });
    expect(await estate.accounts.checkPassword(email, PASSWORD)).toMatchObject({ outcome: 'match' });
  });

  it('several old accounts of one system go to one person, and the first subject stays', async () => {
    const first = await oldPerson();
    const second = await oldPerson({ hash: ssha512Of('another password entirely') });
    const { accountId } = adopted(await asNew(await prove(first.login)));
    const proof = await prove(second.login, { password: 'another password entirely' });
    const result = await estate.migration.adoptAccount({
      proof,
      meta: citizen,
      ...place(),
      accountId,
      accountProvedAt: estate.clock.now,
    });
    expect(result).toMatchObject({ subjects: [{ sector: 'rent.example', outcome: 'kept' }] });
    expect(await estate.accounts.subjects.find(accountId, 'rent.example')).toBe(first.id);
  });

  it('A2, A4: a password that is weak today is let in and marked', async () => {
    const person = await oldPerson({ hash: ssha512Of('password1') });
    const { accountId } = adopted(await asNew(await prove(person.login, { password: 'password1' })));
    expect(await estate.accounts.read(accountId)).toMatchObject({ passwordBelowPolicy: true });
  });

  it('linking-attacks 23: a password of which bcrypt saw only a part is marked to be chosen anew', async () => {
    const long = `${PASSWORD} `.repeat(4);
    const person = await oldPerson({ hash: bcryptOf(long) });
    const { accountId } = adopted(await asNew(await prove(person.login, { password: long })));
    expect(await estate.accounts.read(accountId)).toMatchObject({ passwordBelowPolicy: true });
  });
});

describe('a proof', () => {
  it('E3, L7: is refused in another journey and in another browser', async () => {
    const person = await oldPerson();
    const proof = await prove(person.login);
    const elsewhere = [
      place('two'),
      { ...place(), journeyId: 'journey-two' },
      { ...place(), browserKey: 'browser-two' },
    ];
    for (const where of elsewhere)
      expect(await asNew(proof, where)).toEqual({ outcome: 'refused', reason: 'proof-not-bound' });
    expect(adopted(await asNew(proof)).created).toBe(true);
  });

  it('E3: of one old account does not open another, and a made-up one opens nothing', async () => {
    const mine = await oldPerson();
    const theirs = await oldPerson();
    adopted(await asNew(await prove(mine.login)));
    const made = 'A'.repeat(43) as LegacyProof;
    expect(await asNew(made)).toEqual({ outcome: 'refused', reason: 'proof-invalid' });
    expect(await check(theirs.login)).toMatchObject({ outcome: 'match' });
  });

  it('E3: ends after ten minutes', async () => {
    const person = await oldPerson();
    const proof = await prove(person.login);
    const start = estate.clock.now;
    estate.clock.now = new Date(start.getTime() + 10 * 60_000);
    const late = await asNew(proof);
    estate.clock.now = start;
    expect(late).toEqual({ outcome: 'refused', reason: 'proof-expired' });
  });

  it('E2: of the new side must be fresh too', async () => {
    const person = await oldPerson();
    const proof = await prove(person.login);
    const stale = new Date(estate.clock.now.getTime() - 11 * 60_000);
    const newAccount = { email: address(), emailProvedAt: stale, language: 'en' } as const;
    expect(await asNew(proof, { newAccount })).toEqual({ outcome: 'needs-proof', of: 'account', because: 'stale' });
  });

  it('X2, L8: used 50 times at once links once', async () => {
    const person = await oldPerson();
    const proof = await prove(person.login);
    const results = await Promise.all(Array.from({ length: 50 }, () => asNew(proof)));
    expect(results.filter(({ outcome }) => outcome === 'adopted')).toHaveLength(1);
    const others = results.filter(({ outcome }) => outcome !== 'adopted');
    expect(new Set(others.map((other) => JSON.stringify(other)))).toEqual(
      new Set([JSON.stringify({ outcome: 'refused', reason: 'proof-used' })]),
    );
    expect(await asNew(proof)).toEqual({ outcome: 'refused', reason: 'proof-used' });
  });

  it('K12: a copy of the proofs table holds neither the handle nor a hash', async () => {
    const person = await oldPerson();
    const proof = await prove(person.login);
    const rows = await database.db.query({ text: 'SELECT p::text AS whole FROM legacy_proofs p' });
    expect(JSON.stringify(rows)).not.toContain(proof);
    expect(JSON.stringify(rows)).not.toContain(Buffer.from('$argon2id').toString('hex'));
  });
});

describe('two people, one old account', () => {
  it('L13: of twenty at once exactly one gets it, every loser is told, all of it is on record', async () => {
    const person = await oldPerson();
    const names = Array.from({ length: 20 }, (_, n) => `racer${n}`);
    const proofs: LegacyProof[] = [];
    for (const name of names) proofs.push(await prove(person.login, { place: name, ip: `10.9.${proofs.length}.1` }));
    const before = await ledger();
    const results = await Promise.all(proofs.map((proof, n) => asNew(proof, { place: names[n] })));
    const winners = results.filter(({ outcome }) => outcome === 'adopted');
    expect(winners).toHaveLength(1);
    expect(
      results.filter((result) => result.outcome === 'refused' && result.reason === 'already-adopted'),
    ).toHaveLength(19);
    expect(await ledger()).toMatchObject({ links: before.links + 1, accounts: before.accounts + 1 });
    expect(estate.events.filter(({ type }) => type === 'legacy.adoption-refused')).toHaveLength(19);
  });

  it('L11: a name given to another id is another old account, and inherits nothing', async () => {
    const first = await oldPerson();
    const { accountId } = adopted(await asNew(await prove(first.login)));
    const recycled = await estate.importText(rentCsv([{ id: `${first.id}-new`, login: first.login }]));
    expect(recycled).toMatchObject({ rejections: { login_taken: 1 } });
    // The same id in a new export is the row that was adopted: it is kept as it is.
    const again = await estate.importText(rentCsv([{ id: first.id, login: 'new-name', hash: ssha512Of('attacker') }]));
    expect(again).toMatchObject({ kept: 1, changed: 0 });
    expect(await check('new-name', { password: 'attacker' })).toEqual({ outcome: 'mismatch' });
    expect(await estate.accounts.subjects.find(accountId, 'rent.example')).toBe(first.id);
  });

  it('L11: a subject that somebody has is never given to a second person', async () => {
    const first = await oldPerson();
    adopted(await asNew(await prove(first.login)));
    const columns = { id: 'id', login: 'login', hash: 'hash', subject: 'name' };
    await estate.migration.sources.add(rentPortal({ source: 'clashing', file: { format: 'csv', columns } }), meta);
    const second = await oldPerson({ name: first.id }, 'clashing');
    const before = await ledger();
    const result = await asNew(await prove(second.login, { source: 'clashing' }));
    expect(result).toEqual({ outcome: 'refused', reason: 'subject-taken' });
    expect(await ledger()).toEqual(before);
  });
});

describe('checking an old password', () => {
  it('A11: unknown, wrong, disabled, adopted and suspended say the same to the public, and each its own to the record', async () => {
    const known = await oldPerson();
    const closed = await oldPerson({ status: 'closed' });
    const moved = await oldPerson();
    adopted(await asNew(await prove(moved.login)));
    estate.events.length = 0;
    const answers = [
      await check(known.login, { password: 'wrong password here' }),
      await check('nobody-at-all'),
      await check(closed.login),
      await check(moved.login),
      await check(known.login, { password: 'x'.repeat(1025) }),
    ];
    await estate.migration.sources.suspend('rent-portal', meta);
    answers.push(await check(known.login));
    await estate.migration.sources.open('rent-portal', meta);
    expect(new Set(answers.map((answer) => JSON.stringify(answer)))).toEqual(new Set(['{"outcome":"mismatch"}']));
    expect(estate.events.map((event) => event.detail?.['reason'])).toEqual([
      'password-wrong',
      'name-unknown',
      'disabled',
      'already-adopted',
      'password-overlong',
      'source-suspended',
    ]);
  });

  it('A11: does one verification for everybody, whether or not there is anything to verify', async () => {
    const known = await oldPerson();
    const closed = await oldPerson({ status: 'closed' });
    const moved = await oldPerson();
    adopted(await asNew(await prove(moved.login)));
    const attempts = [
      () => check(known.login, { password: 'wrong password here' }),
      () => check('nobody-at-all'),
      () => check(closed.login),
      () => check(moved.login),
      () => check(known.login, { source: 'no-such-source' }),
    ];
    for (const attempt of attempts) {
      const before = estate.work.oldHashes;
      await attempt();
      expect(estate.work.oldHashes - before).toBe(1);
    }
  });

  it('A11: a decoy costs what the hashes of the source cost, and always the same for one name', async () => {
    await estate.migration.sources.add(rentPortal({ source: 'dear-portal' }), meta);
    const people = Array.from({ length: 40 }, (_, n) => ({
      id: `D${n}`,
      hash: n < 20 ? bcryptOf('x', 5) : djangoOf('x'),
    }));
    await estate.importText(rentCsv(people), { source: 'dear-portal' });
    const costs = createSourceCosts({ db: database.db, now: () => estate.clock.now });
    const source = await estate.migration.sources.find('dear-portal');
    const decoys = await Promise.all(
      Array.from({ length: 200 }, (_, n) => {
        const loginKey = estate.keyRing.lookupKey('test', `${n % 100}`);
        return costs.decoyFor(source?.definition, loginKey);
      }),
    );
    expect(decoys.slice(0, 100)).toEqual(decoys.slice(100));
    const kinds = decoys.map(({ scheme, cost }) => `${scheme} ${cost}`);
    expect(new Set(kinds)).toEqual(new Set(['bcrypt 5', 'django-pbkdf2 20000']));
  });

  it('E6: a source suspended after the proof links nothing', async () => {
    const person = await oldPerson();
    const proof = await prove(person.login);
    await estate.migration.sources.suspend('rent-portal', meta);
    const result = await asNew(proof);
    await estate.migration.sources.open('rent-portal', meta);
    expect(result).toEqual({ outcome: 'refused', reason: 'source-suspended' });
  });

  it('K1, A8: of 60 guesses at once from many places no more than the limit are looked at', async () => {
    const person = await oldPerson();
    const results = await Promise.all(
      Array.from({ length: 60 }, (_, n) => check(person.login, { password: `guess number ${n}`, ip: `172.16.${n}.1` })),
    );
    expect(results.filter(({ outcome }) => outcome === 'mismatch')).toHaveLength(30);
    expect(results.filter(({ outcome }) => outcome === 'too-many')).toHaveLength(30);
  });

  it('K3: a flood from one place leaves the owner a way in from another', async () => {
    const person = await oldPerson();
    for (let n = 0; n < 30; n += 1) await check(person.login, { password: `flood ${n}`, ip: '192.0.2.66' });
    expect(await check(person.login, { ip: '192.0.2.67' })).toMatchObject({ outcome: 'too-many' });
    expect(await check(person.login, { ip: '203.0.113.5' })).toMatchObject({ outcome: 'match' });
  });
});

it('LA35, A14: what changed of the account between reading and holding it is read anew: nobody is left untold', async () => {
  const { accountId } = adopted(await asNew(await prove((await oldPerson()).login)));
  const person = await oldPerson();
  const proof = await prove(person.login);
  const late = address();
  let reads = 0;
  const accounts = {
    ...estate.accounts,
    async read(id: string) {
      const account = await estate.accounts.read(id);
      reads += 1;
      if (reads === 1)
        await estate.db.transaction((tx) => estate.accounts.addEmail(tx, id, { address: late }, citizen));
      return account;
    },
  };
  const told: string[] = [];
  const adopt = createAdoptAccount({ ...estate, accounts, recordEvent: () => {}, now: () => estate.clock.now });
  const result = await adopt({
    proof,
    ...place(),
    meta: citizen,
    accountId,
    accountProvedAt: estate.clock.now,
    alsoInTransaction: (_tx, { contactsBefore }) => Promise.resolve(void told.push(...contactsBefore)),
  });
  expect(result).toMatchObject({ outcome: 'adopted' });
  expect(told).toContain(late);
});

it('F21: a batch that was planned before somebody adopted one of its rows is planned again', async () => {
  const { db, keyRing } = estate;
  const person = await oldPerson();
  const { definition } = (await estate.migration.sources.find('rent-portal'))!;
  const read = columnReading(definition, {});
  if ('problems' in read) throw new Error('no reading');
  const judged = createRowJudge(
    definition,
    read.reading,
    estate.clock.now,
  )({
    id: person.id,
    login: person.login,
    hash: ssha512Of('changed in the file'),
    status: 'live',
  });
  if ('rejects' in judged) throw new Error(judged.rejects.join());
  const wrapper = createRowWrapper(createPasswordWork(testConfig().passwords));
  const keys = createRowKeys(keyRing, definition);
  const rows = [keys({ line: 2, raw: '', row: judged })];
  const plan = await planBatch({ db, keyRing, wrapper }, 'rent-portal', rows);
  expect(plan.changes).toHaveLength(1);
  adopted(await asNew(await prove(person.login)));
  const target = {
    source: 'rent-portal',
    importId: '00000000-0000-7000-8000-000000000000',
    actor: 'operator:test',
    now: estate.clock.now,
    rehearse: false,
    outcomeAfter: () => ({}),
  };
  await expect(writeBatch(db, plan, target)).rejects.toBeInstanceOf(StaleBatchError);
});

it('F21: an import that runs while people adopt overwrites nothing of theirs', async () => {
  await estate.migration.sources.add(rentPortal({ source: 'busy-portal', sectors: ['busy.example'] }), meta);
  const movers = [2, 950, 1500, 2100, 2999];
  const people = Array.from({ length: 3000 }, (_, n) => ({
    id: `B${n}`,
    hash: movers.includes(n) ? ssha512Of(`${PASSWORD} ${n}`) : SLOW_HASH,
  }));
  await estate.importText(rentCsv(people), { source: 'busy-portal' });
  const changed = bcryptOf('changed in the file');
  const corrected = rentCsv(people.map((person) => ({ ...person, hash: changed })));
  const proofs = await Promise.all(
    movers.map((n) =>
      prove(`B${n}`, { source: 'busy-portal', password: `${PASSWORD} ${n}`, place: `m${n}`, ip: `10.77.${n % 200}.1` }),
    ),
  );
  const emails = movers.map(address);
  const [outcome, ...results] = await Promise.all([
    estate.importText(corrected, { source: 'busy-portal' }),
    ...proofs.map((proof, n) => asNew(proof, { place: `m${movers[n]}`, email: emails[n]! })),
  ]);
  expect(results.map(({ outcome: done }) => done)).toEqual(movers.map(() => 'adopted'));
  expect(outcome).toMatchObject({ read: 3000, rejected: 0, created: 0, unchanged: 0 });
  for (const [n, email] of emails.entries())
    expect(await estate.accounts.checkPassword(email, `${PASSWORD} ${movers[n]}`)).toMatchObject({ outcome: 'match' });
  const [row] = await database.db.query<{ n: number }>({
    text: `SELECT count(*)::int AS n FROM legacy_accounts
           WHERE source = 'busy-portal' AND state = 'adopted' AND verifier_sealed IS NULL`,
  });
  expect(row!.n).toBe(movers.length);
});
