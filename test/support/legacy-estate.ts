import { createHash, pbkdf2Sync } from 'node:crypto';
import { Readable } from 'node:stream';
import { hashSync } from '@node-rs/bcrypt';
import { createAccounts, type Accounts } from '../../src/accounts/index.ts';
import type { BatchedAuditEvent } from '../../src/audit/index.ts';
import {
  createMigration,
  type ImportOutcome,
  type ImportRequest,
  type Migration,
  type MigrationDependencies,
} from '../../src/migration/index.ts';
import { createKeyRing, type KeyRing } from '../../src/platform/crypto/key-ring.ts';
import { createPasswordWork, type PasswordWork } from '../../src/platform/crypto/password-work.ts';
import type { Database } from '../../src/platform/postgres/database.ts';
import { testConfig } from './config.ts';
import { createMetrics } from '../../src/platform/telemetry/create-metrics.ts';

export interface LegacyEstate {
  readonly db: Database;
  readonly keyRing: KeyRing;
  readonly accounts: Accounts;
  readonly migration: Migration;
  /** What went to the audit batch. */
  readonly events: BatchedAuditEvent[];
  readonly clock: { now: Date };
  /** How many old hashes were computed, for real or as a decoy; how many new ones were made. */
  readonly work: { oldHashes: number; newHashes: number };
  /** What was counted of hashes that cannot be verified. */
  readonly unverifiable: { readonly scheme: string; readonly reason: string }[];
  /** What went wrong with old systems. */
  readonly faults: readonly unknown[];
  importText(text: string | Uint8Array, options?: Partial<ImportRequest>): Promise<ImportOutcome>;
}

/** Old systems that tests start themselves. */
const ON_THIS_MACHINE = { allow: ['127.0.0.1:*', 'localhost:*'], metrics: createMetrics().oldSystems };

/** Migration and accounts on a real database, with a clock that stands still until it is moved. */
export function legacyEstate(db: Database, known: Pick<MigrationDependencies, 'sourceSecrets'> = {}): LegacyEstate {
  const config = testConfig();
  const keyRing = createKeyRing(config.secrets);
  const clock = { now: new Date('2026-11-22T12:00:00Z') };
  const now = (): Date => clock.now;
  const queue = createPasswordWork({ ...config.passwords, queue: 1000, maxWaitMs: 60_000 });
  const work = { oldHashes: 0, newHashes: 0 };
  const passwordWork: PasswordWork = {
    ...queue,
    run(task, options) {
      work.oldHashes += 1;
      return queue.run(task, options);
    },
    hash(password) {
      work.newHashes += 1;
      return queue.hash(password);
    },
    // Weak old hashes are wrapped: theirs is one of argon2id.
    verify(encoded, password) {
      work.oldHashes += 1;
      return queue.verify(encoded, password);
    },
  };
  const accounts = createAccounts({ db, keyRing, passwordWork, config, now });
  const events: BatchedAuditEvent[] = [];
  const faults: unknown[] = [];
  const unverifiable: { scheme: string; reason: string }[] = [];
  const migration = createMigration({
    ...known,
    db,
    keyRing,
    accounts,
    passwordWork,
    minimumPasswordLength: 15,
    recordEvent: (event) => events.push(event),
    onUnverifiable: (event) => unverifiable.push(event),
    oldSystems: { ...ON_THIS_MACHINE, issuer: config.issuer, onFault: (fault) => faults.push(fault) },
    now,
  });
  return {
    db,
    keyRing,
    accounts,
    migration,
    events,
    clock,
    work,
    unverifiable,
    faults,
    importText: (text, options = {}) =>
      migration.importFile({
        source: 'rent-portal',
        stream: Readable.from([typeof text === 'string' ? Buffer.from(text) : text]),
        fileName: 'export.csv',
        actor: 'operator:test',
        ...options,
      }),
  };
}

/** A source definition that every field can be changed of. */
export function rentPortal(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    source: 'rent-portal',
    name: { en: 'Rent Portal', cy: 'Porth Rhent' },
    department: 'Department for Housing',
    identifier: { label: { en: 'User name' }, normalise: ['trim', 'lower-case'] },
    file: {
      format: 'csv',
      columns: { id: 'id', login: 'login', hash: 'hash', email: 'email', name: 'name', status: 'status' },
      statuses: { live: 'active', closed: 'disabled' },
    },
    scheme: 'detect',
    subjects: 'inherit',
    sectors: ['rent.example'],
    policy: { version: 1, proofs: ['old-password'], assurance: 'Cl' },
    ...changes,
  };
}

export const bcryptOf = (password: string, cost = 4): string => hashSync(password, cost).replace('$2b$', '$2y$');

export function ssha512Of(password: string, salt = 'pepper and salt'): string {
  const digest = createHash('sha512').update(password).update(salt).digest();
  return `{SSHA512}${Buffer.concat([digest, Buffer.from(salt)]).toString('base64')}`;
}

export function djangoOf(password: string, iterations = 20_000, salt = 'NaClNaClNaCl'): string {
  const hash = pbkdf2Sync(password, salt, iterations, 32, 'sha256').toString('base64');
  return `pbkdf2_sha256$${iterations}$${salt}$${hash}`;
}

export interface OldPerson {
  readonly id: string;
  readonly login?: string;
  readonly hash?: string;
  readonly email?: string;
  readonly name?: string;
  readonly status?: string;
}

/** Slow enough to be stored as it is: thousands of rows with a weak hash would be wrapped one by one. */
export const SLOW_HASH = bcryptOf('x');

/** The people as a CSV export of the rent portal. */
export function rentCsv(people: readonly OldPerson[]): string {
  const rows = people.map(({ id, login = id, hash = SLOW_HASH, email = '', name = '', status = 'live' }) =>
    [id, login, hash, email, name, status].map((field) => `"${field.replaceAll('"', '""')}"`).join(','),
  );
  return ['id,login,hash,email,name,status', ...rows, ''].join('\n');
}
