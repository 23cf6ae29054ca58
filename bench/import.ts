import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { chmod, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { startPostgres } from '../scripts/postgres/embedded-postgres.ts';
import { importFile } from '../src/migration/runs/import-file.ts';
import { createSources } from '../src/migration/sources/source-store.ts';
import { createPasswordWork } from '../src/platform/crypto/password-work.ts';
import { createKeyRing } from '../src/platform/crypto/key-ring.ts';
import { type Database, openDatabase } from '../src/platform/postgres/database.ts';
import { migrate } from '../src/platform/postgres/migrate.ts';
import { benchConfig } from './bench-config.ts';

// Imports generated rows, and in the same call copies the same rows with plain COPY into a table with a primary key.
// All on one Postgres, started here with durable settings, in turns. Usage: node bench/import.ts [rows] [rounds]
//
// There are two plain COPYs. One is of the file as it stands: narrow rows in the order of their key, no work but parsing.
// The other is of the rows that the import makes of them, sealed and keyed by hashes, into tables with the same keys: what
// it costs Postgres to take those rows at all. The target is against the second; the first is printed beside it.
//
// The rows have bcrypt hashes, which are stored as they are. What wrapping a weak hash costs is measured by itself.

const rows = Number(process.argv[2] ?? 200_000);
const rounds = Number(process.argv[3] ?? 3);
const TARGET = 0.15;

const print = (line: string): boolean => process.stdout.write(`${line}\n`);
const count = (value: number): string => Math.round(value).toLocaleString('en-GB');
const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;

/** Small and the same everywhere (mulberry32): the rows of two runs are the same rows. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}

/** Rows whose hash is weak: each is one argon2id. */
const WEAK_ROWS = 1000;

function* weakRows(): Generator<Buffer> {
  yield Buffer.from('id,login,hash,email,name,status\n');
  for (let n = 0; n < WEAK_ROWS; n += 1) {
    const digest = createHash('sha1').update(`${n}`).digest('base64');
    yield Buffer.from(`W-${n},weak.${n},{SHA}${digest},weak.${n}@example.org,Ann,live\n`);
  }
}

const ALPHABET = './ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const NAMES = ['Amina Khan', 'Rhys Price', "Mary O'Neill", 'Zoë Clarke', 'Tomos Evans', 'Gwen Morgan', 'Li Wei'];

async function writeRows(path: string): Promise<void> {
  const random = seeded(20261122);
  const file = createWriteStream(path, { highWaterMark: 1 << 20 });
  file.write('id,login,hash,email,name,status\n');
  for (let n = 0; n < rows; n += 1) {
    let tail = '';
    for (let at = 0; at < 52; at += 1) tail += ALPHABET[random() % 64];
    const name = NAMES[random() % NAMES.length];
    const line = `RP-${10_000_000 + n},user.${n},$2y$10$${tail}e,user.${n}@example.org,${name},live\n`;
    if (!file.write(line)) await new Promise((resolve) => file.once('drain', resolve));
  }
  file.end();
  await finished(file);
}

async function copyInto(db: Database, table: string, path: string, how: string): Promise<number> {
  const client = await db.pool.connect();
  const started = performance.now();
  await pipeline(createReadStream(path), client.query(copyFrom(`COPY ${table} FROM STDIN (${how})`)));
  client.release();
  return (performance.now() - started) / 1000;
}

/** The rows of the file as they stand: narrow, in the order of their key. */
async function copyFile(db: Database, path: string): Promise<number> {
  await db.query({ text: 'DROP TABLE IF EXISTS plain' });
  await db.query({
    text: 'CREATE TABLE plain (id text PRIMARY KEY, login text, hash text, email text, name text, status text)',
  });
  return rows / (await copyInto(db, 'plain', path, 'FORMAT csv, HEADER'));
}

/** The rows that the import has made of them: sealed, and in the random order of their keyed hashes. */
async function copyStored(db: Database): Promise<number> {
  let seconds = 0;
  for (const table of ['legacy_accounts', 'legacy_login_names']) {
    const path = join(folder, table);
    const client = await db.pool.connect();
    await pipeline(client.query(copyTo(`COPY ${table} TO STDOUT (FORMAT binary)`)), createWriteStream(path));
    client.release();
    await db.query({ text: `DROP TABLE IF EXISTS stored_${table}` });
    await db.query({ text: `CREATE TABLE stored_${table} (LIKE ${table} INCLUDING INDEXES)` });
    seconds += await copyInto(db, `stored_${table}`, path, 'FORMAT binary');
  }
  return rows / seconds;
}

const definition = {
  source: 'bench',
  name: { en: 'Bench' },
  department: 'Bench',
  identifier: { label: { en: 'User name' }, normalise: ['trim', 'lower-case'] },
  file: {
    format: 'csv',
    columns: { id: 'id', login: 'login', hash: 'hash', email: 'email', name: 'name', status: 'status' },
    statuses: { live: 'active' },
  },
  scheme: 'bcrypt',
  subjects: 'inherit',
  sectors: ['bench.example'],
  policy: { version: 1, proofs: ['old-password'], assurance: 'Cl' },
};

const folder = await mkdtemp(join(tmpdir(), 'latchkey-bench-'));
await chmod(folder, 0o755);
const postgres = await startPostgres({ dataDir: join(folder, 'pg'), durable: true });
try {
  await migrate(postgres.url);
  const db = openDatabase(
    { url: postgres.url, poolSize: 4, statementTimeoutMs: 60_000, connectTimeoutMs: 5_000 },
    () => {},
  );
  const now = (): Date => new Date();
  const keyRing = createKeyRing(benchConfig().secrets);
  const { passwords } = benchConfig();
  const { workers } = passwords;
  const passwordWork = createPasswordWork(passwords);
  await createSources({ db, now }).add(definition, { actor: 'system' });
  const path = join(folder, 'rows.csv');
  await writeRows(path);
  const { size } = await stat(path);
  print(`${count(rows)} rows, ${count(size / rows)} bytes each, ${rounds} rounds in turns`);

  const run = async (created: number): Promise<number> => {
    const stream = createReadStream(path, { highWaterMark: 256 * 1024 });
    const outcome = await importFile(
      { db, keyRing, passwordWork, now },
      { source: 'bench', stream, fileName: 'rows.csv', actor: 'system' },
    );
    if (outcome.outcome !== 'imported' || outcome.created !== created || outcome.rejected > 0)
      throw new Error(JSON.stringify(outcome));
    return rows / outcome.seconds;
  };

  const rates = { file: [] as number[], stored: [] as number[], first: [] as number[] };
  for (let round = 1; round <= rounds; round += 1) {
    await db.query({ text: 'TRUNCATE legacy_accounts, legacy_login_names' });
    const file = await copyFile(db, path);
    const cpu = process.cpuUsage();
    const first = await run(rows);
    const { user, system } = process.cpuUsage(cpu);
    const again = await run(0);
    const stored = await copyStored(db);
    rates.file.push(file);
    rates.stored.push(stored);
    rates.first.push(first);
    print(`round ${round}: COPY of the file ${count(file)}, of what is stored ${count(stored)} rows/s`);
    print(
      `  import ${count(first)} rows/s (${((user + system) / rows).toFixed(1)} µs of our CPU a row), again ${count(again)}`,
    );
  }
  await createSources({ db, now }).add({ ...definition, source: 'weak', scheme: 'detect' }, { actor: 'system' });
  for (const what of ['wrapped', 'again, nothing wrapped']) {
    const cpu = process.cpuUsage();
    const stream = Readable.from(weakRows());
    const request = { source: 'weak', stream, fileName: 'weak.csv', actor: 'system' };
    const outcome = await importFile({ db, keyRing, passwordWork, now }, request);
    if (outcome.outcome !== 'imported' || outcome.rejected > 0) throw new Error(JSON.stringify(outcome));
    const { user, system } = process.cpuUsage(cpu);
    const [wall, ours] = [outcome.seconds * 1000, (user + system) / 1000].map((ms) => (ms / WEAK_ROWS).toFixed(2));
    print(`${count(WEAK_ROWS)} weak hashes, ${what}: ${wall} ms a row, ${ours} ms of our CPU (${workers} workers)`);
  }
  const first = median(rates.first);
  const ratio = first / median(rates.stored);
  print(`median: import ${count(first)} rows/s, peak memory ${count(process.resourceUsage().maxRSS / 1024)} MiB`);
  print(`ratio to COPY of what is stored ${ratio.toFixed(3)} (target ${TARGET})`);
  print(`ratio to COPY of the file as it stands ${(first / median(rates.file)).toFixed(3)}`);
  await db.close();
  process.exitCode = ratio >= TARGET ? 0 : 1;
} finally {
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
}
