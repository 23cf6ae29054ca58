import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PlannedFile, Runs } from '../../src/migration/index.ts';
import type { BatchPlace } from '../../src/migration/runs/phases/batch-keys.ts';
import { fieldOf, readStaged, rowsOfStaged } from '../../src/migration/runs/phases/staged-rows.ts';
import type { CopiedRow } from '../../src/platform/postgres/copy-binary.ts';
import { openPersonal, openVerifier } from '../../src/migration/ledger/seal-legacy-row.ts';
import { type Database, openDatabase } from '../../src/platform/postgres/database.ts';
import { type LegacyEstate, legacyEstate, rentCsv, rentPortal } from './legacy-estate.ts';
import { BRYN, done, OLWEN } from './run-desk.ts';

// Runs that are disturbed, beside the same ones that nobody disturbs. Used by the kill tests and by bench/runs/kill.ts.

export interface RunEstate extends LegacyEstate {
  readonly runs: Runs;
  readonly url: string;
  close(): Promise<void>;
}

export function openRunEstate(url: string): RunEstate {
  const db = openDatabase({ url, poolSize: 4, statementTimeoutMs: 60_000, connectTimeoutMs: 5_000 }, () => {});
  const estate = legacyEstate(db);
  return { ...estate, runs: estate.migration.runs, url, close: () => db.close() };
}

export interface Sizes {
  readonly sources: number;
  readonly rows: number;
}

const HASH = `$2y$10$${'a'.repeat(52)}e`;

/** What each source had: the first file, which is in the ledger before anything is killed. */
const before = (source: string, rows: number): string =>
  rentCsv(
    Array.from({ length: rows }, (_, n) => ({ id: `${n}`, login: `${source}-${n}`, hash: HASH, name: `Ann ${n}` })),
  );

/** New, changed, renamed along a chain, unchanged, shared addresses and bad rows. */
function after(source: string, rows: number): string {
  const people = Array.from({ length: rows * 2 }, (_, n) => ({
    id: `${n}`,
    login: n % 7 === 0 && n < rows ? `${source}-${n + 7}` : `${source}-${n}`,
    hash: n % 11 === 3 ? 'not a hash' : HASH,
    name: n % 3 === 0 ? `Änne ${n}` : `Ann ${n}`,
    email: n % 5 === 0 ? `shared${n % 50}@example.org` : '',
  }));
  return rentCsv(people.toReversed());
}

async function planFile(folder: string, source: string, text: string): Promise<PlannedFile> {
  await mkdir(folder, { recursive: true });
  const place = join(folder, `${source}-${createHash('sha256').update(text).digest('hex').slice(0, 8)}.csv`);
  await writeFile(place, text);
  return { source, fileName: `${source}.csv`, place };
}

/** Sources with people in the ledger, and a planned run that changes them. */
export async function prepareRun(
  { migration, runs }: RunEstate,
  folder: string,
  { sources, rows }: Sizes,
): Promise<string> {
  const keys = Array.from({ length: sources }, (_, n) => `killed-${n}`);
  for (const source of keys) {
    const added = await migration.sources.add(rentPortal({ source, sectors: [`${source}.example`] }), OLWEN);
    if (added.outcome === 'invalid') throw new Error(JSON.stringify(added.problems));
  }
  const first = await plan(runs, await Promise.all(keys.map((key) => planFile(folder, key, before(key, rows)))));
  await bring(runs, first, 'rehearsed');
  await approve(runs, first);
  await bring(runs, first, 'reconciled');
  return plan(runs, await Promise.all(keys.map((key) => planFile(folder, key, after(key, rows)))));
}

async function plan(runs: Runs, files: readonly PlannedFile[]): Promise<string> {
  const planned = await runs.plan({ title: 'A killed run', files, confirmed: true, meta: OLWEN });
  if (planned.outcome !== 'planned') throw new Error(JSON.stringify(planned));
  return planned.run.runId;
}

export const ask = async (
  runs: Runs,
  runId: string,
  to: 'rehearsed' | 'staged' | 'reconciled' | 'undone',
): Promise<void> =>
  void done(to === 'undone' ? await runs.undo(runId, OLWEN, 'as a test') : await runs.advance(runId, to, OLWEN));

export const approve = async (runs: Runs, runId: string): Promise<void> =>
  void done(await runs.approve(runId, BRYN, { olderFile: false }));

/** Undisturbed. */
export async function bring(runs: Runs, runId: string, to: Parameters<typeof ask>[2]): Promise<void> {
  await ask(runs, runId, to);
  await runs.work({ runId, untilIdle: true });
}

const WITHOUT: Readonly<Record<string, readonly string[]>> = {
  run_parts: ['lease_no', 'lease_until', 'progress', 'counts'],
  run_batches: ['wrap_no', 'wrap_until'],
};

const TABLES = {
  legacy_accounts: 'legacy_key',
  legacy_login_names: 'login_key',
  runs: 'run_id',
  run_parts: 'run_id, part',
  run_batches: 'run_id, part, batch',
  run_rehearsals: 'run_id, part, batch',
  run_before: 'run_id, part, batch, legacy_key',
  run_shared_emails: 'run_id, part, email_key',
  source_runs: 'source',
  imports: 'import_id',
  audit_events: 'chain_id, seq',
} as const;

/** Every byte that a run is answerable for, by table: only leases and seconds are left out. */
export async function bytesOf(db: Database): Promise<Record<string, { rows: number; digest: string }>> {
  const all: Record<string, { rows: number; digest: string }> = {};
  for (const [table, order] of Object.entries(TABLES)) {
    const left = [...(WITHOUT[table] ?? []), 'event_id'].map((column) => ` - '${column}'`).join('');
    const counts = table === 'run_parts' ? ` || jsonb_build_object('counts', ${COUNTS})` : '';
    const [row] = await db.query<{ rows: number; digest: string }>({
      text: `SELECT count(*)::int AS rows, coalesce(md5(string_agg((to_jsonb(t)${left}${counts})::text, chr(10) ORDER BY ${order})), '') AS digest
             FROM ${table} AS t`,
    });
    if (row) all[table] = row;
  }
  return all;
}

/** Without the seconds. */
const COUNTS = `jsonb_build_array((counts->'validate') - 'seconds', counts->'staged', (counts->'rehearse') - 'seconds',
                                  (counts->'run') - 'seconds', counts->'undo')`;

/** The same, where data keys are drawn anew at each try: everything opened. */
export async function openedOf({ db, keyRing }: RunEstate): Promise<unknown> {
  const places = await db.query<BatchPlace & Record<string, unknown>>({
    text: 'SELECT run_id AS "runId", part, batch FROM run_batches WHERE staged IS NOT NULL ORDER BY run_id, part, batch',
  });
  const staged = [];
  for (const place of places) {
    const rows = rowsOfStaged((await readStaged(db, place)) ?? Buffer.alloc(0));
    staged.push({ place, rows: rows.map((row) => openedRow(keyRing, row)) });
  }
  const { run_batches: _, ...rest } = await bytesOf(db);
  const batches = await db.query({
    text: 'SELECT part, batch, rows, weak, weak_lines, keys, email_keys, expected FROM run_batches ORDER BY run_id, part, batch',
  });
  return { staged, batches, rest };
}

function openedRow(keyRing: RunEstate['keyRing'], row: CopiedRow): unknown {
  const legacyKey = fieldOf(row, 'legacy_key');
  const dataKey = fieldOf(row, 'data_key');
  return {
    legacyKey,
    digest: fieldOf(row, 'row_digest'),
    personal: openPersonal(keyRing, legacyKey, { dataKey, personalSealed: fieldOf(row, 'personal_sealed') }),
    verifier: openVerifier(keyRing, legacyKey, { dataKey, verifierSealed: fieldOf(row, 'verifier_sealed') }),
  };
}
