import type { KeyRing } from '../../../platform/crypto/key-ring.ts';
import type { Database } from '../../../platform/postgres/database.ts';
import { readRun } from '../desk/run-rows.ts';
import type { BalanceSheet, OutcomeCounts, Run, RunPart, SignedBalance } from '../desk/run-types.ts';
import { addCounts, type Counted, NO_OUTCOMES } from '../phases/outcome-rows.ts';
import { signSheet } from './sign-sheet.ts';

interface Balancing {
  readonly db: Database;
  readonly keyRing: KeyRing;
  readonly now: () => Date;
}

/** Accounts for every row of every file of a run that has ended. Undefined: it has not. */
export async function makeBalance(deps: Balancing, runId: string): Promise<SignedBalance | undefined> {
  const run = await readRun(deps.db, runId);
  if (!run || !(run.state === 'ran' || run.state === 'stopped')) return undefined;
  const parts = [];
  for (const part of run.parts) parts.push(await balancePart(deps.db, run, part));
  const total = {
    read: parts.reduce((sum, { read }) => sum + read, 0),
    outcomes: addCounts(parts).outcomes,
    notRun: parts.reduce((sum, { notRun }) => sum + notRun, 0),
  };
  const sheet: BalanceSheet = {
    runId,
    title: run.title,
    plannedBy: run.plannedBy,
    approvedBy: run.approvedBy ?? '',
    state: run.state === 'ran' ? 'reconciled' : 'stopped',
    madeAt: deps.now().toISOString(),
    parts,
    total,
    balanced: parts.every(isBalanced),
  };
  return { sheet, jws: signSheet(deps.keyRing, sheet) };
}

type BalancedPart = BalanceSheet['parts'][number];

async function balancePart(db: Database, run: Run, part: RunPart): Promise<BalancedPart> {
  const { outcomes, codes } = await countRows(db, run.runId, part.part);
  const read = part.counts.staged?.read ?? part.counts.validate?.read ?? 0;
  const notRun = run.state === 'ran' ? 0 : read - sumOf(outcomes);
  const { written, inLedger } = await countInLedger(db, run.runId, part.part);
  const { source, fileName, fileDigest: sha256 } = part;
  return { source, fileName, sha256, read, outcomes, codes, notRun, written, inLedger };
}

const sumOf = (outcomes: OutcomeCounts): number => Object.values(outcomes).reduce((sum, n) => sum + n, 0);

/** What was read is what was accounted for, and what was to be written is there. */
const isBalanced = ({ read, outcomes, notRun, written, inLedger }: BalancedPart): boolean =>
  sumOf(outcomes) + notRun === read && notRun >= 0 && inLedger === written;

/** Row by row, not by the sums that were kept on the way. */
async function countRows(db: Database, runId: string, part: number): Promise<Counted> {
  const rows = await db.query<{ outcome: keyof OutcomeCounts; code: string | null; n: number }>({
    text: `SELECT outcome, code, count(*)::int AS n FROM run_outcomes
           WHERE run_id = $1 AND pass = 'run' AND part = $2 GROUP BY outcome, code`,
    values: [runId, part],
  });
  return addCounts(
    rows.map(({ outcome, code, n }) => ({
      outcomes: { ...NO_OUTCOMES, [outcome]: n },
      codes: code === null ? {} : { [code]: n },
    })),
  );
}

const BATCHES_AT_ONCE = 10;

/** Looks up every row that the run wrote. One that is gone since then was erased, or is a defect. */
async function countInLedger(
  db: Database,
  runId: string,
  part: number,
): Promise<{ readonly written: number; readonly inLedger: number }> {
  const [last] = await db.query<{ batches: number }>({
    text: 'SELECT coalesce(max(batch) + 1, 0) AS batches FROM run_batches WHERE run_id = $1 AND part = $2',
    values: [runId, part],
  });
  const sum = { written: 0, inLedger: 0 };
  for (let batch = 0; batch < (last?.batches ?? 0); batch += BATCHES_AT_ONCE) {
    const keys = await db.query<{ legacy_key: Buffer }>({
      text: `SELECT legacy_key FROM run_outcomes
             WHERE run_id = $1 AND pass = 'run' AND part = $2 AND batch >= $3 AND batch < $4 AND effect <> 'none'`,
      values: [runId, part, batch, batch + BATCHES_AT_ONCE],
    });
    const [found] = await db.query<{ n: number }>({
      text: 'SELECT count(*)::int AS n FROM legacy_accounts WHERE legacy_key = ANY($1::bytea[])',
      values: [keys.map((row) => row.legacy_key)],
    });
    sum.written += keys.length;
    sum.inLedger += found?.n ?? 0;
  }
  return sum;
}
