import { type Accounts, createAccounts } from '../../src/accounts/index.ts';
import { type KeyRing, createKeyRing } from '../../src/platform/crypto/key-ring.ts';
import {
  type PasswordWork,
  type PasswordWorkOptions,
  createPasswordWork,
} from '../../src/platform/crypto/password-work.ts';
import type { Database } from '../../src/platform/postgres/database.ts';
import { testConfig } from './config.ts';
import { type TestDatabase, testDatabase } from './postgres.ts';

export interface TestAccounts extends TestDatabase {
  readonly accounts: Accounts;
  readonly keyRing: KeyRing;
  readonly passwordWork: PasswordWork;
  /** What failed without failing anybody. */
  readonly errors: unknown[];
  /** The clock that the accounts go by; stands at the time of the start until it is set. */
  readonly clock: { now: Date };
  /** The same rows seen by a process with other password parameters. */
  withPasswords(passwords: Partial<PasswordWorkOptions>): Accounts;
  /** An account with a proved address. */
  person(email: string, password?: string, name?: string): Promise<string>;
}

/** Accounts on a database of their own, with the test secrets. Call `drop()` at the end. */
export async function testAccounts(options: { poolSize?: number } = {}): Promise<TestAccounts> {
  const database = await testDatabase(options);
  const config = testConfig();
  const keyRing = createKeyRing(config.secrets);
  const errors: unknown[] = [];
  const clock = { now: new Date() };
  const build = (db: Database, passwordWork: PasswordWork): Accounts =>
    createAccounts({ db, keyRing, passwordWork, config, now: () => clock.now, onError: (error) => errors.push(error) });
  const passwordWork = createPasswordWork(config.passwords);
  const accounts = build(database.db, passwordWork);
  return {
    ...database,
    accounts,
    keyRing,
    passwordWork,
    errors,
    clock,
    withPasswords: (passwords) => build(database.db, createPasswordWork({ ...config.passwords, ...passwords })),
    async person(email, password, name) {
      const hash = password === undefined ? undefined : await accounts.hashPassword(password);
      const made = await database.db.transaction((tx) =>
        accounts.create(tx, { email, language: 'en', name, password: hash }, { actor: 'citizen' }),
      );
      if (made.outcome !== 'created') throw new Error(`test: ${made.outcome}`);
      return made.accountId;
    },
  };
}
