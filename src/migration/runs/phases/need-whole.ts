import type { Transaction } from '../../../platform/postgres/database.ts';
import { HaltedError } from './lease.ts';
import type { PartOfRun } from './part-of-run.ts';

/** Batches of which a phase has something to do still. */
const LEFT = {
  staged: 'email_keys IS NOT NULL',
  ran: 'applied_at IS NULL',
  undone: 'applied_at IS NOT NULL AND undone_at IS NULL',
} as const;

/**
 * In the transaction that ends a phase of a part. A crash of Postgres between two batches can lose the one before it, which
 * was not on disk yet, and nobody is told: then the part is taken up again, by whoever looks next. @throws HaltedError
 */
export async function needNoneLeft(
  tx: Transaction,
  { runId, part }: PartOfRun,
  done: keyof typeof LEFT,
): Promise<void> {
  const left = await tx.query({
    text: `SELECT 1 FROM run_batches WHERE run_id = $1 AND part = $2 AND ${LEFT[done]} LIMIT 1`,
    values: [runId, part],
  });
  if (left.length > 0) throw new HaltedError();
}

/** The same of batches that are made. @throws HaltedError */
export async function needBatches(tx: Transaction, { runId, part }: PartOfRun, made: number): Promise<void> {
  const [row] = await tx.query<{ n: number }>({
    text: 'SELECT count(*)::int AS n FROM run_batches WHERE run_id = $1 AND part = $2',
    values: [runId, part],
  });
  if (row?.n !== made) throw new HaltedError();
}
