import type { SortedRow } from '../plan-batch.ts';
import type { SortedBatch } from '../sort-rows.ts';
import { beginBatch, HaltedError, type Lease } from './lease.ts';
import { needBatches } from './need-whole.ts';
import type { PartOfRun } from './part-of-run.ts';
import { readFileOf } from './read-file.ts';
import { createBatchSealer, putBatch } from './seal-batch.ts';
import { createSharedEmails } from './shared-emails.ts';
import type { WorkDependencies } from './work-deps.ts';
import { createWriteBehind } from './write-behind.ts';

/**
 * Reads every row, finds every problem of every row, and puts the good ones beside the ledger, sealed: no later phase needs
 * the file. Batches that are there already are only read.
 */
export async function validatePart(deps: WorkDependencies, part: PartOfRun, lease: Lease): Promise<void> {
  const { db, accounts } = deps;
  const started = performance.now();
  const found = createFindings();
  const sealBatch = createBatchSealer(deps, part);
  const there = await countBatches(deps, part);
  const shared = await createSharedEmails(deps, part, lease);
  const writing = createWriteBehind();
  const emailKeyOf = ({ row: { personal } }: SortedRow) =>
    personal.email === undefined ? undefined : accounts.emailKeyOf(personal.email);
  try {
    let made = 0;
    const tally = await readFileOf(deps, part, lease, async (sorted, batch) => {
      made = batch + 1;
      found.add(sorted);
      const emailKeys = sorted.rows.map(emailKeyOf);
      await shared.note(emailKeys);
      if (batch < there) return;
      const sealed = sealBatch(sorted, emailKeys, batch);
      await writing.next(() =>
        db.transaction(async (tx) => {
          await beginBatch(tx, part.runId, 'validating');
          // Whoever took over has put it there already, or the one before it is lost.
          if (!(await putBatch(tx, sealed))) throw new HaltedError();
        }),
      );
    });
    await writing.end();
    const { read, rejected } = tally.counts;
    const seconds = (performance.now() - started) / 1000;
    const validate = { read, rejected, ...found.all(), notes: tally.notes, costs: tally.costs, seconds };
    await db.transaction(async (tx) => {
      await needBatches(tx, part, made);
      await lease.finish(tx, 'validated', { validate });
    });
  } finally {
    shared.close();
  }
}

/** All problems of all rows, and how many hashes are weak. */
function createFindings() {
  const codes: Record<string, number> = {};
  let weak = 0;
  return {
    add({ rows, rejects }: SortedBatch): void {
      for (const { codes: all } of rejects) for (const code of all) codes[code] = (codes[code] ?? 0) + 1;
      for (const { row } of rows) if (row.hash?.weak) weak += 1;
    },
    all: () => ({ codes, weak }),
  };
}

async function countBatches({ db }: WorkDependencies, { runId, part }: PartOfRun): Promise<number> {
  const [row] = await db.query<{ n: number }>({
    text: 'SELECT count(*)::int AS n FROM run_batches WHERE run_id = $1 AND part = $2',
    values: [runId, part],
  });
  return row?.n ?? 0;
}
