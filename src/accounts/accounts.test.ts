import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestAccounts, testAccounts } from '../../test/support/accounts.ts';
import { verifyChains } from '../audit/index.ts';
import { isPasswordHash } from './credentials/hash-password.ts';

const ME = { actor: 'citizen' };
const GOOD = 'three brown horses in a lift';

let test: TestAccounts;
beforeAll(async () => {
  test = await testAccounts({ poolSize: 10 });
});
afterAll(() => test.drop());

const eventsOf = async (accountId: string): Promise<unknown[]> => {
  const rows = await test.db.query({
    text: 'SELECT type FROM audit_events WHERE chain_id = $1 ORDER BY seq',
    values: [`account:${accountId}`],
  });
  return rows.map((row) => row['type']);
};
const countOf = async (table: string): Promise<number> => {
  const [row] = await test.db.query<{ count: number }>({ text: `SELECT count(*) AS count FROM ${table}` });
  return row!.count;
};
/** The PHC string that is stored, unsealed. */
const storedHash = async (accountId: string): Promise<string> => {
  const [row] = await test.db.query<{ data_key: Buffer; credential_id: string; secret_sealed: Buffer }>({
    text: `SELECT data_key, credential_id, secret_sealed FROM accounts JOIN credentials USING (account_id)
           WHERE account_id = $1`,
    values: [accountId],
  });
  const { openDataKey } = await import('./store/data-key.ts');
  const key = openDataKey(test.keyRing, accountId, row!.data_key);
  return key.open(`credentials:${row!.credential_id}`, row!.secret_sealed);
};

describe('create and read', () => {
  it('reads back what was written, and nothing for ids that are nobody’s', async () => {
    const id = await test.person('  Ada@Example.org ', GOOD, 'Ada Lovelace');
    expect(await test.accounts.read(id)).toEqual({
      accountId: id,
      status: 'active',
      language: 'en',
      name: 'Ada Lovelace',
      emails: [
        { identityId: expect.any(String), address: 'Ada@Example.org', primary: true, verifiedAt: expect.any(Date) },
      ],
      hasPassword: true,
      passwordBelowPolicy: false,
      createdAt: expect.any(Date),
      version: 1,
    });
    expect(await test.accounts.findByEmail('ADA@example.ORG')).toBe(id);
    expect(await test.accounts.findByEmail('a.da@example.org')).toBeUndefined();
    expect(await test.accounts.read('00000000-0000-7000-8000-000000000000')).toBeUndefined();
    expect(await test.accounts.read("'; DROP TABLE accounts; --")).toBeUndefined();
    expect(await eventsOf(id)).toEqual(['account.created']);
  });

  it('E1, L1, L12: a second account cannot have the address, in whatever spelling', async () => {
    const id = await test.person('grace@example.org');
    const again = await test.db.transaction((tx) =>
      test.accounts.create(tx, { email: 'GRACE@Example.org', language: 'cy', password: undefined }, ME),
    );
    expect(again).toEqual({ outcome: 'email-taken', accountId: id });
    expect(await test.accounts.read(id)).toMatchObject({ name: undefined, language: 'en', hasPassword: false });
  });

  it('E1: of 20 at once exactly one has the address', async () => {
    const before = await countOf('accounts');
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, () =>
        test.db.transaction((tx) =>
          test.accounts.create(tx, { email: 'race@example.org', language: 'en', password: undefined }, ME),
        ),
      ),
    );
    expect(outcomes.filter(({ outcome }) => outcome === 'created')).toHaveLength(1);
    expect(new Set(outcomes.map(({ accountId }) => accountId)).size).toBe(1);
    expect((await countOf('accounts')) - before).toBe(1);
  });

  it('I6, I7: a transaction that fails leaves no account, no claim and no event', async () => {
    const tables = ['accounts', 'identities', 'identity_claims', 'credentials', 'audit_events'];
    const before = await Promise.all(tables.map(countOf));
    const hash = await test.accounts.hashPassword(GOOD);
    await expect(
      test.db.transaction(async (tx) => {
        await test.accounts.create(tx, { email: 'half@example.org', language: 'en', password: hash }, ME);
        throw new Error('crash');
      }),
    ).rejects.toThrow('crash');
    expect(await Promise.all(tables.map(countOf))).toEqual(before);
    await test.person('half@example.org', GOOD);
  });

  it('what is no address is refused', async () => {
    const make = test.db.transaction((tx) =>
      test.accounts.create(tx, { email: 'not an address', language: 'en', password: undefined }, ME),
    );
    await expect(make).rejects.toMatchObject({ code: 'input_invalid' });
  });
});

describe('addEmail', () => {
  const add = (accountId: string, address: string, primary = false): Promise<unknown> => {
    test.clock.now = new Date(test.clock.now.getTime() + 1000);
    return test.db.transaction((tx) => test.accounts.addEmail(tx, accountId, { address, primary }, ME));
  };

  it('adds up to 12, keeps one primary, raises the version, records each once', async () => {
    const id = await test.person('many@example.org');
    expect(await add(id, 'many-2@example.org', true)).toMatchObject({ outcome: 'added' });
    for (let index = 3; index <= 12; index += 1)
      expect(await add(id, `many-${index}@example.org`)).toMatchObject({ outcome: 'added' });
    expect(await add(id, 'many-13@example.org')).toEqual({ outcome: 'too-many' });
    expect(await add(id, 'MANY-3@example.org')).toEqual({ outcome: 'already-there' });

    const account = await test.accounts.read(id);
    expect(account?.emails.map(({ address, primary }) => [address, primary]).slice(0, 3)).toEqual([
      ['many-2@example.org', true],
      ['many@example.org', false],
      ['many-3@example.org', false],
    ]);
    expect(account?.version).toBe(12);
    expect(await eventsOf(id)).toEqual(['account.created', ...Array<string>(11).fill('account.email-added')]);
    expect(await test.accounts.findByEmail('many-13@example.org')).toBeUndefined();
  });

  it('E1: somebody else’s address stays theirs', async () => {
    const [one, other] = [await test.person('mine@example.org'), await test.person('yours@example.org')];
    expect(await add(one, 'yours@example.org')).toEqual({ outcome: 'email-taken' });
    expect(await test.accounts.findByEmail('yours@example.org')).toBe(other);
    expect(await test.accounts.read(one)).toMatchObject({ version: 1 });
  });

  it('no such account is an error of the caller', async () => {
    await expect(add('00000000-0000-7000-8000-000000000000', 'x@example.org')).rejects.toMatchObject({
      code: 'not_found',
    });
  });
});

describe('checkPassword', () => {
  it('A2: knows the right password by any address, in any Unicode form, and no part of it', async () => {
    const long = `${'ﬁ'.repeat(2)} café ${'🔑'.repeat(150)}`;
    const id = await test.person('unicode@example.org', long);
    const nfd = long.normalize('NFD');
    expect(await test.accounts.checkPassword('Unicode@Example.ORG', nfd)).toEqual({ outcome: 'match', accountId: id });
    expect(
      await test.accounts.checkPassword('unicode@example.org', `${'fi'.repeat(2)} café ${'🔑'.repeat(150)}`),
    ).toEqual({ outcome: 'match', accountId: id });
    const bytes72 = Buffer.from(long.normalize('NFKC')).subarray(0, 72).toString();
    for (const wrong of ['', bytes72, `${long} `, long.toUpperCase()])
      expect(await test.accounts.checkPassword('unicode@example.org', wrong)).toEqual({ outcome: 'mismatch' });
    expect(await test.accounts.checkPasswordOf(id, long)).toEqual({ outcome: 'match', accountId: id });
  });

  it('A2: more than 1,024 bytes is a mismatch without a hash or a statement, and cannot be set', async () => {
    const id = await test.person('long@example.org', GOOD);
    const before = await countOf('attempt_counters');
    const huge = 'x'.repeat(1025);
    expect(await test.accounts.checkPassword('long@example.org', huge)).toEqual({ outcome: 'mismatch' });
    expect(await test.accounts.checkPasswordOf(id, '🔑'.repeat(257))).toEqual({ outcome: 'mismatch' });
    expect(await countOf('attempt_counters')).toBe(before);
    await expect(test.accounts.hashPassword(huge)).rejects.toMatchObject({ code: 'too_large' });
  });

  it('A11: unknown, wrong, without a password, suspended: same answer, same statements, same hash work', async () => {
    await test.person('known@example.org', GOOD);
    await test.person('no-password@example.org');
    const suspended = await test.person('suspended@example.org', GOOD);
    await test.db.query({
      text: `UPDATE accounts SET status = 'suspended' WHERE account_id = $1`,
      values: [suspended],
    });

    const statements: string[] = [];
    const costs: string[] = [];
    const { createAccounts } = await import('./create-accounts.ts');
    const watched = createAccounts({
      db: {
        ...test.db,
        query: (statement) => (statements.push(statement.name ?? statement.text), test.db.query(statement)),
      },
      keyRing: test.keyRing,
      config: { subjects: { prefix: '' } },
      passwordWork: {
        ...test.passwordWork,
        verify: (encoded, password) => {
          costs.push(encoded.split('$').slice(0, 4).join('$'));
          return test.passwordWork.verify(encoded, password);
        },
      },
    });
    const seen: unknown[] = [];
    for (const [address, password] of [
      ['known@example.org', 'wrong'],
      ['nobody@example.org', 'wrong'],
      ['not an address at all', 'wrong'],
      ['no-password@example.org', 'wrong'],
      ['suspended@example.org', 'wrong'],
      ['suspended@example.org', GOOD],
    ] as const) {
      const answer = await watched.checkPassword(address, password);
      seen.push({ answer, statements: statements.splice(0), costs: costs.splice(0) });
    }
    expect(seen[0]).toEqual({
      answer: { outcome: 'mismatch' },
      statements: ['email-holder', 'attempts-take', 'password-read'],
      costs: ['$argon2id$v=19$m=1024,t=2,p=1'],
    });
    for (const other of seen) expect(other).toEqual(seen[0]);
  });

  it('E12: an account that came without a password has none that works, until one is set', async () => {
    const id = await test.person('dormant@example.org');
    for (const guess of ['', 'undefined', 'null', GOOD])
      expect(await test.accounts.checkPassword('dormant@example.org', guess)).toEqual({ outcome: 'mismatch' });
    const hash = await test.accounts.hashPassword(GOOD);
    await test.db.transaction((tx) => test.accounts.setPassword(tx, id, { hash, belowPolicy: false }, ME));
    expect(await test.accounts.checkPassword('dormant@example.org', GOOD)).toMatchObject({ outcome: 'match' });
  });

  it('A8, K1: of 130 wrong passwords at once 100 are looked at; then even the right one is switched off until set anew', async () => {
    const id = await test.person('guessed@example.org', GOOD);
    const { createAccounts } = await import('./create-accounts.ts');
    let looked = 0;
    // The hash is not what is tested: without it the flood is over in a moment.
    const guessing = createAccounts({
      db: test.db,
      keyRing: test.keyRing,
      config: { subjects: { prefix: '' } },
      passwordWork: { ...test.passwordWork, verify: () => ((looked += 1), Promise.resolve(false)) },
    });
    const answers = await Promise.all(
      Array.from({ length: 130 }, (_, index) =>
        index % 2 === 0
          ? guessing.checkPassword('guessed@example.org', 'wrong')
          : guessing.checkPasswordOf(id, 'wrong'),
      ),
    );
    expect(looked).toBe(100);
    expect(answers.filter(({ outcome }) => outcome === 'blocked')).toHaveLength(30);
    expect(await test.accounts.checkPassword('guessed@example.org', GOOD)).toEqual({ outcome: 'blocked' });

    const hash = await test.accounts.hashPassword(GOOD);
    await test.db.transaction((tx) => test.accounts.setPassword(tx, id, { hash, belowPolicy: false }, ME));
    expect(await test.accounts.checkPassword('guessed@example.org', GOOD)).toEqual({ outcome: 'match', accountId: id });
  });

  it('A8: only failures in a row count: a success forgets them', async () => {
    const id = await test.person('row@example.org', GOOD);
    for (let index = 0; index < 3; index += 1) await test.accounts.checkPassword('row@example.org', 'wrong');
    await test.accounts.checkPassword('row@example.org', GOOD);
    const next = await test.accounts.attempts.take({
      what: 'password-failures',
      who: id,
      limit: 100,
      windowSeconds: 60,
    });
    expect(next.count).toBe(1);
  });

  it('A8, A11: an address that nobody has is blocked just the same', async () => {
    for (let index = 0; index < 100; index += 1)
      await test.accounts.attempts.take({
        what: 'password-failures',
        who: 'address:ghost@example.org',
        limit: 100,
        windowSeconds: 60,
      });
    expect(await test.accounts.checkPassword('Ghost@example.org', 'wrong')).toEqual({ outcome: 'blocked' });
  });

  it('A7: a hash below today’s parameters is made anew at sign-in, once, and recorded', async () => {
    const id = await test.person('old-parameters@example.org', GOOD);
    const old = await storedHash(id);
    const stronger = test.withPasswords({ iterations: 3 });
    expect(await stronger.checkPassword('old-parameters@example.org', 'wrong')).toEqual({ outcome: 'mismatch' });
    expect(await storedHash(id)).toBe(old);
    expect(await stronger.checkPassword('old-parameters@example.org', GOOD)).toMatchObject({ outcome: 'match' });
    const raised = await storedHash(id);
    expect(raised).toContain('t=3');
    expect(await stronger.checkPassword('old-parameters@example.org', GOOD)).toMatchObject({ outcome: 'match' });
    expect(await storedHash(id)).toBe(raised);
    expect(await eventsOf(id)).toEqual(['account.created', 'account.password-rehashed']);
    expect(await test.accounts.checkPassword('old-parameters@example.org', GOOD)).toMatchObject({ outcome: 'match' });
    expect(await storedHash(id)).toBe(raised);
  });

  it('a re-hash that fails never fails the sign-in, and never overwrites a newer password', async () => {
    const id = await test.person('rehash-fails@example.org', GOOD);
    const { createAccounts } = await import('./create-accounts.ts');
    const errors: unknown[] = [];
    const failing = createAccounts({
      db: test.db,
      keyRing: test.keyRing,
      config: { subjects: { prefix: '' } },
      onError: (error) => errors.push(error),
      passwordWork: {
        ...test.passwordWork,
        isCurrent: () => false,
        hash: () => Promise.reject(new Error('queue is full')),
      },
    });
    expect(await failing.checkPassword('rehash-fails@example.org', GOOD)).toMatchObject({ outcome: 'match' });
    expect(errors).toHaveLength(1);

    const newer = await test.accounts.hashPassword('another good password');
    const racing = createAccounts({
      db: test.db,
      keyRing: test.keyRing,
      config: { subjects: { prefix: '' } },
      passwordWork: {
        ...test.passwordWork,
        isCurrent: () => false,
        hash: async (password) => {
          await test.db.transaction((tx) => test.accounts.setPassword(tx, id, { hash: newer, belowPolicy: false }, ME));
          return test.passwordWork.hash(password);
        },
      },
    });
    expect(await racing.checkPassword('rehash-fails@example.org', GOOD)).toMatchObject({ outcome: 'match' });
    expect(await storedHash(id)).toBe(newer);
    expect(await eventsOf(id)).toEqual(['account.created', 'account.password-set']);
  });

  it('A4: says when a password that came along is weak', async () => {
    const common = await test.person('common@example.org', 'password1');
    expect(await test.accounts.checkPassword('common@example.org', 'password1')).toEqual({
      outcome: 'match',
      accountId: common,
      weak: true,
    });
    const id = await test.person('short@example.org', GOOD);
    const hash = await test.accounts.hashPassword('q7wz%kd9');
    await test.db.transaction((tx) => test.accounts.setPassword(tx, id, { hash, belowPolicy: true }, ME));
    expect(await test.accounts.checkPassword('short@example.org', 'q7wz%kd9')).toMatchObject({ weak: true });
    expect(await test.accounts.read(id)).toMatchObject({ passwordBelowPolicy: true, version: 2 });
  });

  it('G15: a full queue is 503, not a wrong password', async () => {
    await test.person('busy@example.org', GOOD);
    const busy = test.withPasswords({ workers: 1, queue: 0 });
    const answers = await Promise.allSettled(
      Array.from({ length: 5 }, () => busy.checkPassword('busy@example.org', GOOD)),
    );
    const refused = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason as unknown] : []));
    expect(refused.length).toBeGreaterThan(0);
    for (const reason of refused) expect(reason).toMatchObject({ code: 'busy', statusCode: 503, retryAfter: 2 });
  });

  it('I5: Postgres away is `unavailable`, never a mismatch', async () => {
    const { openDatabase } = await import('../platform/postgres/database.ts');
    const { createAccounts } = await import('./create-accounts.ts');
    const db = openDatabase(
      { url: 'postgres://x@127.0.0.1:1/x', poolSize: 1, statementTimeoutMs: 500, connectTimeoutMs: 500 },
      () => undefined,
    );
    const accounts = createAccounts({
      db,
      keyRing: test.keyRing,
      passwordWork: test.passwordWork,
      config: { subjects: { prefix: '' } },
    });
    await expect(accounts.checkPassword('a@example.org', 'x')).rejects.toMatchObject({ code: 'unavailable' });
    await expect(accounts.findByEmail('a@example.org')).rejects.toMatchObject({ code: 'unavailable' });
    await db.close();
  });
});

describe('setPassword', () => {
  it('A7: the old hash is gone, one password remains, the version rises, one event tells', async () => {
    const id = await test.person('change@example.org', GOOD);
    const old = await storedHash(id);
    const hash = await test.accounts.hashPassword('another good password');
    await test.db.transaction((tx) => test.accounts.setPassword(tx, id, { hash, belowPolicy: false }, ME));
    expect(await test.accounts.checkPassword('change@example.org', GOOD)).toEqual({ outcome: 'mismatch' });
    expect(await test.accounts.checkPassword('change@example.org', 'another good password')).toMatchObject({
      outcome: 'match',
    });
    const now = await storedHash(id);
    expect(isPasswordHash(now)).toBe(true);
    expect(now).not.toBe(old);
    expect(await test.accounts.read(id)).toMatchObject({ version: 2 });
    expect(await eventsOf(id)).toEqual(['account.created', 'account.password-set']);
  });

  it('10 at once: one password remains and every change is recorded', async () => {
    const id = await test.person('ten@example.org', GOOD);
    const hash = await test.accounts.hashPassword('another good password');
    await Promise.all(
      Array.from({ length: 10 }, () =>
        test.db.transaction((tx) => test.accounts.setPassword(tx, id, { hash, belowPolicy: false }, ME)),
      ),
    );
    expect(await test.accounts.read(id)).toMatchObject({ version: 11, hasPassword: true });
    expect(await eventsOf(id)).toHaveLength(11);
  });
});

describe('devices', () => {
  it('A9: are known to the account that remembered them only, and recorded once', async () => {
    const [one, other] = [await test.person('device@example.org'), await test.person('device-2@example.org')];
    for (let index = 0; index < 2; index += 1)
      await test.db.transaction((tx) => test.accounts.devices.remember(tx, one, 'a-random-device-id'));
    expect(await test.accounts.devices.isKnown(one, 'a-random-device-id')).toBe(true);
    expect(await test.accounts.devices.isKnown(one, 'another')).toBe(false);
    expect(await test.accounts.devices.isKnown(other, 'a-random-device-id')).toBe(false);
    expect(await eventsOf(one)).toEqual(['account.created', 'account.device-remembered']);

    await test.db.transaction((tx) => test.accounts.devices.remember(tx, other, 'a-random-device-id'));
    const keys = await test.db.query<{ key: string }>({
      text: `SELECT encode(device_key, 'hex') AS key FROM known_devices WHERE account_id IN ($1, $2)`,
      values: [one, other],
    });
    // People who share a browser cannot be told from the table.
    expect(new Set(keys.map(({ key }) => key)).size).toBe(2);
  });
});

describe('the whole of it', () => {
  it('G1, K12: a dump holds no address, no name, no password hash in the clear', async () => {
    const id = await test.person('planted.person@planted.example', GOOD, 'Planted Personname');
    const device = 'planted-device-identifier';
    await test.db.transaction(async (tx) => {
      await test.accounts.devices.remember(tx, id, device);
      await test.accounts.codes.issue(tx, {
        purpose: 'x',
        boundTo: ['planted.person@planted.example'],
        lifetimeSeconds: 60,
      });
    });
    await test.accounts.attempts.take({ what: 'password-ip', who: '203.0.113.77', limit: 1, windowSeconds: 60 });
    const tables = await test.db.query<{ table_name: string }>({
      text: `SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'`,
    });
    const planted = ['planted', 'personname', '$argon2', '203.0.113.77'];
    for (const { table_name: table } of tables) {
      const rows = await test.db.query<{ row: string; bytes: string }>({
        text: `SELECT t::text AS row FROM "${table}" AS t`,
      });
      const dump = rows.map(({ row }) => row.toLowerCase()).join('\n');
      for (const word of planted) {
        expect(dump.includes(word), `${word} in ${table}`).toBe(false);
        expect(dump.includes(Buffer.from(word).toString('hex')), `${word} in bytes of ${table}`).toBe(false);
      }
    }
  });

  it('G1: a sealed value moved to another row or account does not open', async () => {
    const [one, other] = [await test.person('seal-1@example.org'), await test.person('seal-2@example.org')];
    await test.db.query({
      text: `UPDATE accounts SET data_key = (SELECT data_key FROM accounts WHERE account_id = $2) WHERE account_id = $1`,
      values: [one, other],
    });
    await expect(test.accounts.read(one)).rejects.toThrow(Error);
  });

  it('I7: every chain that these tests wrote verifies', async () => {
    const { broken, events } = await verifyChains(test.db);
    expect(broken).toEqual([]);
    expect(events).toBeGreaterThan(50);
  });
});
