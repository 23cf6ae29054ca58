import { randomBytes, randomFillSync } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Client } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { startPostgres } from '../scripts/postgres/embedded-postgres.ts';
import { createAccounts } from '../src/accounts/index.ts';
import { createMigration, type LegacyProof } from '../src/migration/index.ts';
import { createLegacyProofs } from '../src/migration/adoption/legacy-proofs.ts';
import { legacyKeyOf } from '../src/migration/ledger/legacy-keys.ts';
import { createKeyRing } from '../src/platform/crypto/key-ring.ts';
import { createPasswordWork } from '../src/platform/crypto/password-work.ts';
import { uuidv7 } from '../src/platform/crypto/uuid.ts';
import { type Database, openDatabase } from '../src/platform/postgres/database.ts';
import { migrate } from '../src/platform/postgres/migrate.ts';
import { createMetrics } from '../src/platform/telemetry/create-metrics.ts';
import { benchConfig } from './bench-config.ts';

// What adopting, linking and undoing take on a small ledger and on a large one, in turns on one Postgres with durable
// settings: their ratio must be flat. Filler rows are copied in and are as long as real ones; what is timed is real.
// Usage: node bench/links.ts [accounts, default 200000; two links each] [operations of each kind, default 400]

const large = Number(process.argv[2] ?? 200_000);
const operations = Number(process.argv[3] ?? 400);
const SMALL = 10_000;
const MOST_RATIO = 1.5;

const print = (line: string): boolean => process.stdout.write(`${line}\n`);
const count = (value: number): string => Math.round(value).toLocaleString('en-GB');
const at = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? 0;

const config = benchConfig();
const keyRing = createKeyRing(config.secrets);
const now = (): Date => new Date();
const passwordWork = createPasswordWork(config.passwords);
const meta = { actor: 'citizen' };
const place = { journeyId: 'bench', browserKey: 'bench' };

const definition = {
  source: 'bench',
  name: { en: 'Bench' },
  department: 'Bench',
  identifier: { label: { en: 'User name' }, normalise: ['trim', 'lower-case'] },
  file: { format: 'csv', columns: { id: 'id', hash: 'hash', email: 'email', name: 'name' } },
  scheme: 'salted-sha512',
  subjects: 'inherit',
  sectors: ['bench.example'],
  policy: { version: 1, proofs: ['old-password'], assurance: 'Cl' },
};

interface Ledger {
  readonly name: string;
  readonly accounts: number;
  readonly db: Database;
  readonly migration: ReturnType<typeof createMigration>;
  readonly times: Record<'adopt' | 'link' | 'undo', number[]>;
}

async function openLedger(serverUrl: string, name: string, accounts: number): Promise<Ledger> {
  const admin = new Client({ connectionString: serverUrl });
  await admin.connect();
  await admin.query(`CREATE DATABASE ${name}`);
  await admin.end();
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  await migrate(url.href);
  const options = { url: url.href, poolSize: 4, statementTimeoutMs: 600_000, connectTimeoutMs: 5_000 };
  const db = openDatabase(options, () => {});
  const domain = createAccounts({ db, keyRing, passwordWork, config, now });
  const migration = createMigration({
    db,
    keyRing,
    accounts: domain,
    passwordWork,
    minimumPasswordLength: 15,
    recordEvent: () => {},
    oldSystems: { allow: [], issuer: config.issuer, metrics: createMetrics().oldSystems, onFault: () => {} },
    now,
  });
  await migration.sources.add(definition, { actor: 'system' });
  await fill(db, accounts);
  return { name, accounts, db, migration, times: { adopt: [], link: [], undo: [] } };
}

/** Hex of random bytes, from a pool that is filled a megabyte at a time. */
const pool = Buffer.alloc(1 << 20);
let used = pool.length;
function hex(bytes: number): string {
  if (used + bytes > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += bytes;
  return `\\\\x${pool.toString('hex', used - bytes, used)}`;
}

async function copy(db: Database, into: string, rows: Iterable<string>): Promise<void> {
  const client = await db.pool.connect();
  try {
    await pipeline(Readable.from(inChunks(rows)), client.query(copyFrom(`COPY ${into} FROM STDIN`)));
  } finally {
    client.release();
  }
}

function* inChunks(rows: Iterable<string>): Generator<string> {
  let chunk = '';
  for (const row of rows) {
    chunk += `${row}\n`;
    if (chunk.length > 1 << 18) {
      yield chunk;
      chunk = '';
    }
  }
  yield chunk;
}

/** Accounts with a contact, a password, a subject and two old accounts each, as long as real rows are. */
async function fill(db: Database, accounts: number): Promise<void> {
  const start = Date.parse('2025-01-01T00:00:00Z');
  const ids = Array.from({ length: accounts }, (_, n) => uuidv7(start + n));
  const when = '2025-06-01T12:00:00Z';
  const each = function* (row: (id: string, n: number) => readonly (string | number)[]): Generator<string> {
    for (const [n, id] of ids.entries()) yield row(id, n).join('\t');
  };
  await copy(
    db,
    'accounts (account_id, status, data_key, profile_sealed, language, version, created_at)',
    each((id) => [id, 'active', hex(77), hex(60), 'en', 3, when]),
  );
  const emails = ids.map(() => hex(32));
  await copy(
    db,
    'identities (account_id, identity_id, kind, value_sealed, value_key, is_primary, verified_at, created_at)',
    each((id, n) => [id, uuidv7(start + n), 'email', hex(55), emails[n] ?? '', 't', when, when]),
  );
  await copy(
    db,
    'identity_claims',
    each((id, n) => [emails[n] ?? '', 'email', id, when]),
  );
  await copy(
    db,
    'credentials (account_id, credential_id, kind, secret_sealed, below_policy, created_at)',
    each((id, n) => [id, uuidv7(start + n), 'password', hex(126), 'f', when]),
  );
  await copy(
    db,
    'subjects (account_id, sector, sub, origin, source, created_at)',
    each((id, n) => [id, 'filler.example', `S-${n}`, 'inherited', 'bench', when]),
  );
  await copy(
    db,
    'subject_claims',
    each((id) => [hex(32), id, 'filler.example', when]),
  );

  const importId = uuidv7();
  const proofs = JSON.stringify([
    { of: 'legacy', kind: 'old-password', at: when, strength: 'full' },
    { of: 'address', kind: 'email-code', at: when },
  ]);
  const changed = JSON.stringify({ created: true, credentialId: uuidv7(), sectors: ['filler.example'] });
  for (const turn of [0, 1]) {
    const keys = ids.map(() => hex(32));
    await copy(
      db,
      `legacy_accounts (legacy_key, source, state, source_status, data_key, personal_sealed, scheme, row_digest, account_id,
                        import_id, imported_at, adopted_at, state_since, links_made)`,
      each((id, n) => [
        keys[n] ?? '',
        'bench',
        'adopted',
        'active',
        hex(77),
        hex(150),
        'bcrypt',
        hex(32),
        id,
        importId,
        when,
        when,
        when,
        1,
      ]),
    );
    await copy(
      db,
      'legacy_login_names',
      each((_id, n) => [hex(32), keys[n] ?? '', 'bench']),
    );
    await copy(
      db,
      `links (account_id, link_id, legacy_key, source, proofs, policy_version, assurance, linked_by, linked_at, changed, carried_sealed)`,
      each((id, n) => [
        id,
        uuidv7(start + 2 * n + turn),
        keys[n] ?? '',
        'bench',
        proofs,
        1,
        'Cl',
        'citizen',
        when,
        changed,
        hex(126),
      ]),
    );
    await copy(
      db,
      'audit_events',
      each((id) => [
        `account:${id}`,
        turn + 1,
        'legacy.adopted',
        when,
        JSON.stringify({ actor: 'citizen', accountId: id, detail: { source: 'bench', linkId: id } }),
        hex(32),
      ]),
    );
  }
  await db.query({ text: 'VACUUM ANALYZE' });
}

/** Old accounts that nobody has claimed, with proofs as if their password had just been typed. */
async function prepare({ migration, db }: Ledger, first: number, many: number): Promise<LegacyProof[]> {
  // A slow one: weak ones would be wrapped, and that is not what is measured here.
  const hash = '$2y$10$c92SVSfjeiCD6F2nAD6y0uBpJDjdRkt0EgeC4/31Rf2LUZbDRDE.O';
  const ids = Array.from({ length: many }, (_, n) => `B${first + n}`);
  const rows = ids.map((id) => `${id},${hash},${id}@example.org,Ann Example`);
  const stream = Readable.from([Buffer.from(`id,hash,email,name\n${rows.join('\n')}\n`)]);
  const imported = await migration.importFile({ source: 'bench', stream, fileName: 'rows.csv', actor: 'system' });
  if (imported.outcome !== 'imported' || imported.created !== many) throw new Error(JSON.stringify(imported));
  const proofs = createLegacyProofs(keyRing);
  const carried = { passwordHash, belowPolicy: false, truncated: false };
  const made: LegacyProof[] = [];
  for (const [n, id] of ids.entries()) {
    const of = {
      source: 'bench',
      legacyKey: legacyKeyOf(keyRing, 'bench', id),
      kind: 'old-password',
      seconds: 600,
    } as const;
    // The second half is for accounts that exist by then: bound to nothing but the journey, as at a first sign-in.
    made.push(await proofs.issue(db, { ...of, carried: n < many / 2 ? carried : undefined, now: now() }, place));
  }
  return made;
}

async function timed<T>(into: number[], work: () => Promise<T>): Promise<T> {
  const started = performance.now();
  const result = await work();
  into.push(performance.now() - started);
  return result;
}

/** One person's whole way: adopts an old account, adds another, undoes that. */
async function oneWay({ migration, times }: Ledger, proof: LegacyProof, second: LegacyProof): Promise<void> {
  const email = `${randomBytes(9).toString('hex')}@example.org`;
  const newAccount = { email, emailProvedAt: now(), language: 'en' } as const;
  const adopted = await timed(times.adopt, () => migration.adoptAccount({ proof, ...place, meta, newAccount }));
  if (adopted.outcome !== 'adopted') throw new Error(JSON.stringify(adopted));
  const { accountId } = adopted;
  const mine = { accountId, accountProvedAt: now() };
  const linked = await timed(times.link, () => migration.adoptAccount({ proof: second, ...place, meta, ...mine }));
  if (linked.outcome !== 'adopted') throw new Error(JSON.stringify(linked));
  const { linkId } = linked;
  const undone = await timed(times.undo, () => migration.links.undo({ ...mine, linkId, reason: 'not-wanted', meta }));
  if (undone.outcome !== 'undone') throw new Error(JSON.stringify(undone));
}

const BLOCK = 50;

async function block(ledger: Ledger, done: number): Promise<void> {
  const proofs = await prepare(ledger, (done + BLOCK) * 2, 2 * BLOCK);
  for (let n = 0; n < BLOCK; n += 1) await oneWay(ledger, proofs[n]!, proofs[n + BLOCK]!);
  // The first block warms caches and prepared statements.
  if (done < 0) for (const times of Object.values(ledger.times)) times.length = 0;
}

const OF_ACCOUNT = ['accounts', 'identities', 'identity_claims', 'credentials', 'subjects', 'subject_claims'];
const OF_LINK = ['links', 'legacy_accounts', 'legacy_login_names'];

async function sizes({ db, accounts, name }: Ledger): Promise<void> {
  const bytes = async (tables: readonly string[]): Promise<number> => {
    const [row] = await db.query<{ n: number }>({
      text: 'SELECT sum(pg_total_relation_size(t::regclass))::bigint AS n FROM unnest($1::text[]) AS t',
      values: [tables],
    });
    return row?.n ?? 0;
  };
  const [account, link, edge, audit] = await Promise.all([
    bytes(OF_ACCOUNT),
    bytes(OF_LINK),
    bytes(['links']),
    bytes(['audit_events']),
  ]);
  const per = (total: number, rows: number): string => count(total / rows);
  print(
    `${name}: ${per(account, accounts)} bytes an account; ${per(link, 2 * accounts)} a linked old account, of which ` +
      `${per(edge, 2 * accounts)} the link itself; ${per(audit, 2 * accounts)} its event; indexes included`,
  );
}

const passwordHash = await passwordWork.hash('a password');
const folder = await mkdtemp(join(tmpdir(), 'latchkey-bench-'));
await chmod(folder, 0o755);
const postgres = await startPostgres({ dataDir: join(folder, 'pg'), durable: true });
try {
  const began = performance.now();
  const ledgers = [
    await openLedger(postgres.url, 'small', SMALL),
    await openLedger(postgres.url, 'large', large),
  ] as const;
  print(
    `${count(SMALL)} accounts with ${count(2 * SMALL)} links, and ${count(large)} with ${count(2 * large)}, ` +
      `made in ${count((performance.now() - began) / 1000)} s`,
  );
  for (const ledger of ledgers) await sizes(ledger);

  for (let done = -BLOCK; done < operations; done += BLOCK) {
    for (const ledger of done % (2 * BLOCK) === 0 ? ledgers : ledgers.toReversed()) await block(ledger, done);
  }

  let worst = 0;
  for (const kind of ['adopt', 'link', 'undo'] as const) {
    const [small, big] = ledgers.map(({ times }) => times[kind]);
    const ms = (values: readonly number[] | undefined, share: number): number => at(values ?? [], share);
    const ratio = ms(big, 0.5) / ms(small, 0.5);
    worst = Math.max(worst, ratio);
    print(
      `${kind.padEnd(6)} p50 ${ms(small, 0.5).toFixed(1)} → ${ms(big, 0.5).toFixed(1)} ms (ratio ${ratio.toFixed(2)}), ` +
        `p99 ${ms(small, 0.99).toFixed(1)} → ${ms(big, 0.99).toFixed(1)} ms ` +
        `(ratio ${(ms(big, 0.99) / ms(small, 0.99)).toFixed(2)}), ${big?.length} each`,
    );
  }
  print(`worst ratio of medians ${worst.toFixed(2)} (at most ${MOST_RATIO})`);
  for (const { db } of ledgers) await db.close();
  process.exitCode = worst <= MOST_RATIO ? 0 : 1;
} finally {
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
}
