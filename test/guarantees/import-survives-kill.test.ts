import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { legacyEstate, rentCsv, rentPortal } from '../support/legacy-estate.ts';
import { type TestDatabase, testDatabase } from '../support/postgres.ts';

const BIN = join(import.meta.dirname, '../../src/cli/latchkey.ts');
const ROWS = 20_000;

let database: TestDatabase;
let folder: string;

beforeAll(async () => {
  database = await testDatabase();
  folder = await mkdtemp(join(tmpdir(), 'kill-'));
});
afterAll(async () => {
  await database.drop();
  await rm(folder, { recursive: true });
});

function importProcess(file: string) {
  return spawn(process.execPath, [BIN, 'import', file, '--source', 'rent-portal', '--json'], {
    env: {
      PATH: process.env['PATH'],
      LATCHKEY_ENVIRONMENT: 'development',
      LATCHKEY_POSTGRES_URL: database.url,
      LATCHKEY_REDIS_URL: '',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

async function imported(): Promise<{ rows: number; names: number; orphans: number; digests: string }> {
  const [row] = await database.db.query<{ rows: number; names: number; orphans: number; digests: string }>({
    text: `SELECT (SELECT count(*)::int FROM legacy_accounts) AS rows,
                  (SELECT count(*)::int FROM legacy_login_names) AS names,
                  (SELECT count(*)::int FROM legacy_login_names n
                    WHERE NOT EXISTS (SELECT 1 FROM legacy_accounts l WHERE l.legacy_key = n.legacy_key)) AS orphans,
                  (SELECT md5(string_agg(row_digest::text, '' ORDER BY legacy_key)) FROM legacy_accounts) AS digests`,
  });
  return row!;
}

it('I6, F20: an import killed again and again, then run, ends as one that nobody disturbed', async () => {
  const estate = legacyEstate(database.db);
  await estate.migration.sources.add(rentPortal(), { actor: 'operator:test' });
  const file = join(folder, 'export.csv');
  await writeFile(file, rentCsv(Array.from({ length: ROWS }, (_, n) => ({ id: `K${n}`, name: `Ann ${n}` }))));

  let partial = 0;
  for (let attempt = 0; attempt < 12 && partial < 3; attempt += 1) {
    const child = importProcess(file);
    const exited = once(child, 'exit');
    // Wait until it writes, then a while that differs each time, then end it in the middle of whatever it does.
    const before = (await imported()).rows;
    while (child.exitCode === null && (await imported()).rows === before) await sleep(5);
    await sleep(17 * attempt);
    child.kill('SIGKILL');
    await exited;
    const state = await imported();
    expect(state.orphans).toBe(0);
    expect(state.names).toBe(state.rows);
    if (state.rows > 0 && state.rows < ROWS) partial += 1;
    if (state.rows === ROWS) break;
  }
  expect(partial).toBeGreaterThan(0);

  const last = importProcess(file);
  const output: Buffer[] = [];
  last.stdout.on('data', (chunk: Buffer) => output.push(chunk));
  const [code] = await once(last, 'exit');
  expect(code).toBe(0);
  const balance: unknown = JSON.parse(Buffer.concat(output).toString());
  expect(balance).toMatchObject({ read: ROWS, changed: 0, kept: 0, rejected: 0 });
  const resumed = await imported();
  await database.db.query({ text: 'TRUNCATE legacy_accounts, legacy_login_names' });
  await once(importProcess(file), 'exit');
  // Every row's digest covers all that the file says of it; the ciphertexts differ, as they must.
  expect(resumed).toEqual(await imported());
});
