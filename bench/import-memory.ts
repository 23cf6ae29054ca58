import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setFlagsFromString } from 'node:v8';
import { createGzip } from 'node:zlib';
import { startPostgres } from '../scripts/postgres/embedded-postgres.ts';
import { checkFile } from '../src/migration/runs/check-file.ts';
import { type ImportDependencies, importFile } from '../src/migration/runs/import-file.ts';
import { createSources } from '../src/migration/sources/source-store.ts';
import { createKeyRing } from '../src/platform/crypto/key-ring.ts';
import { createPasswordWork } from '../src/platform/crypto/password-work.ts';
import { openDatabase } from '../src/platform/postgres/database.ts';
import { migrate } from '../src/platform/postgres/migrate.ts';
import { benchConfig } from './bench-config.ts';

// How much memory reading takes, whatever the size of a file: rows come from a generator, never from a file, and Postgres is
// another process. Usage: node bench/import-memory.ts [MiB to check] [MiB to import]
//
// Checked are narrow rows, whose keys are what could pile up; imported are wide ones, so that as many bytes go through in
// less time; then the same amount of zeros, packed. The short form, for a look: node bench/import-memory.ts 64 16

// As `latchkey import` does it: without, V8 puts off its work and takes some 130 MiB more for rows that are gone.
setFlagsFromString('--optimize-for-size');

const checkMiB = Number(process.argv[2] ?? 2048);
const importMiB = Number(process.argv[3] ?? 512);
const LIMIT_MIB = 256;
const CHUNK = 64 * 1024;
const HEADER = 'id,login,hash,email,name,status,notes\n';
const HASH = `$2y$10$${'./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxy'.slice(0, 53)}`;

const print = (line: string): boolean => process.stdout.write(`${line}\n`);
const count = (value: number): string => Math.round(value).toLocaleString('en-GB');
const peakMiB = (): number => process.resourceUsage().maxRSS / 1024;

/** Rows until there are so many mebibytes; every hundredth is bad. */
async function* rowsOf(mebibytes: number, notes: string): AsyncGenerator<Buffer> {
  let chunk = HEADER;
  let sent = 0;
  for (let n = 0; sent < mebibytes * 2 ** 20; n += 1) {
    const status = n % 100 === 99 ? 'asleep' : 'live';
    chunk += `RP-${n},user.${n},${HASH},user.${n}@example.org,Mary O'Neill,${status},${notes}\n`;
    if (chunk.length < CHUNK) continue;
    sent += chunk.length;
    yield await Promise.resolve(Buffer.from(chunk));
    chunk = '';
  }
}

async function* zeros(mebibytes: number): AsyncGenerator<Buffer> {
  yield await Promise.resolve(Buffer.from(HEADER));
  for (let n = 0; n < mebibytes; n += 1) yield Buffer.alloc(1 << 20);
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
    maxBytes: 2 ** 42,
  },
  scheme: 'bcrypt',
  subjects: 'inherit',
  sectors: ['bench.example'],
  policy: { version: 1, proofs: ['old-password'], assurance: 'Cl' },
};

async function measure(what: string, work: () => Promise<{ readonly read: number }>): Promise<void> {
  const cpu = process.cpuUsage();
  const { read } = await work();
  const { user, system } = process.cpuUsage(cpu);
  const perRow = ((user + system) / Math.max(read, 1)).toFixed(1);
  print(`${what}: ${count(read)} rows, ${perRow} µs of our CPU a row, peak memory so far ${count(peakMiB())} MiB`);
}

async function run(dependencies: ImportDependencies, folder: string): Promise<void> {
  const request = (stream: AsyncIterable<Uint8Array>) => ({
    source: 'bench',
    stream,
    fileName: 'rows.csv',
    actor: 'system',
    rejectsPath: join(folder, 'rejects.csv'),
    mendPath: join(folder, 'mend.csv'),
  });
  const check = async (stream: AsyncIterable<Uint8Array>) => {
    const outcome = await checkFile(dependencies, request(stream));
    if (outcome.outcome === 'refused') throw new Error(JSON.stringify(outcome));
    return outcome;
  };
  print(`at rest: ${count(peakMiB())} MiB`);
  await measure(`imported ${importMiB} MiB`, async () => {
    const outcome = await importFile(dependencies, request(rowsOf(importMiB, 'x'.repeat(2000))));
    if (outcome.outcome === 'refused') throw new Error(JSON.stringify(outcome));
    return outcome;
  });
  await measure(`checked ${checkMiB} MiB of zeros, packed`, () => {
    const packed = Readable.from(zeros(checkMiB)).pipe(createGzip());
    return check(packed);
  });
  await measure(`checked ${checkMiB} MiB`, () => check(rowsOf(checkMiB, '')));
}

const folder = await mkdtemp(join(tmpdir(), 'latchkey-bench-'));
await chmod(folder, 0o755);
const postgres = await startPostgres({ dataDir: join(folder, 'pg'), durable: false });
try {
  await migrate(postgres.url);
  const db = openDatabase(
    { url: postgres.url, poolSize: 4, statementTimeoutMs: 60_000, connectTimeoutMs: 5_000 },
    () => {},
  );
  const config = benchConfig();
  const now = (): Date => new Date();
  await createSources({ db, now }).add(definition, { actor: 'system' });
  const passwordWork = createPasswordWork(config.passwords);
  await run({ db, keyRing: createKeyRing(config.secrets), passwordWork, now }, folder);
  await db.close();
  const peak = peakMiB();
  print(`peak memory ${count(peak)} MiB (limit ${LIMIT_MIB})`);
  process.exitCode = peak <= LIMIT_MIB ? 0 : 1;
} finally {
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
}
