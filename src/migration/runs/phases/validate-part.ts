import { canonicalEmail } from '../../../accounts/index.ts';
import type { Transaction } from '../../../platform/postgres/database.ts';
import { createSeenTexts } from '../seen-texts.ts';
import type { Lease } from './lease.ts';
import type { PartOfRun } from './part-of-run.ts';
import { readFileOf } from './read-file.ts';
import type { WorkDependencies } from './work-deps.ts';

/** Reads every row and finds every problem of every row; nothing of a row goes into the database. */
export async function validatePart(deps: WorkDependencies, part: PartOfRun, lease: Lease): Promise<void> {
  const started = performance.now();
  const codes: Record<string, number> = {};
  const emails = createSeenTexts();
  let weak = 0;
  await deps.db.transaction((tx) => forgetShared(tx, part, lease));
  try {
    const tally = await readFileOf(deps, part, lease, async ({ rows, rejects }) => {
      for (const { codes: all } of rejects) for (const code of all) codes[code] = (codes[code] ?? 0) + 1;
      const again = new Set<string>();
      for (const { row } of rows) {
        if (row.hash?.weak) weak += 1;
        const email = row.personal.email === undefined ? undefined : canonicalEmail(row.personal.email);
        if (email === undefined) continue;
        if (emails.has(email)) again.add(email);
        else emails.add(email);
      }
      if (again.size > 0) await noteShared(deps, part, lease, again);
    });
    const { read, rejected } = tally.counts;
    const seconds = (performance.now() - started) / 1000;
    const validate = { read, codes, notes: tally.notes, weak, rejected, seconds };
    await deps.db.transaction((tx) => lease.finish(tx, 'validated', { validate }));
  } finally {
    emails.close();
  }
}

async function forgetShared(tx: Transaction, { runId, part }: PartOfRun, lease: Lease): Promise<void> {
  await lease.need(tx);
  await tx.query({ text: 'DELETE FROM run_shared_emails WHERE run_id = $1 AND part = $2', values: [runId, part] });
}

/** Addresses that come once more, as keyed hashes: kept in the database, since there may be as many of them as rows. */
async function noteShared(
  { db, accounts }: WorkDependencies,
  { runId, part }: PartOfRun,
  lease: Lease,
  addresses: ReadonlySet<string>,
): Promise<void> {
  const keys = Array.from(addresses, (address) => accounts.emailKeyOf(address));
  await db.transaction(async (tx) => {
    await lease.need(tx);
    await tx.query({
      text: `INSERT INTO run_shared_emails (run_id, part, email_key) SELECT $1, $2, unnest($3::bytea[])
             ON CONFLICT DO NOTHING`,
      values: [runId, part, keys],
    });
  });
}

export type FindShared = (keys: readonly Buffer[]) => Promise<ReadonlySet<string>>;

/** Which of these addresses, by key, several rows of the file have; hex. */
export async function createFindShared(
  { db }: Pick<WorkDependencies, 'db'>,
  { runId, part }: PartOfRun,
): Promise<FindShared> {
  const any = await db.query({
    text: 'SELECT 1 FROM run_shared_emails WHERE run_id = $1 AND part = $2 LIMIT 1',
    values: [runId, part],
  });
  if (any.length === 0) return () => Promise.resolve(new Set());
  return async (keys) => {
    const rows = await db.query<{ email_key: Buffer }>({
      name: 'run-shared-emails',
      text: 'SELECT email_key FROM run_shared_emails WHERE run_id = $1 AND part = $2 AND email_key = ANY($3::bytea[])',
      values: [runId, part, keys],
    });
    return new Set(rows.map((row) => row.email_key.toString('hex')));
  };
}
