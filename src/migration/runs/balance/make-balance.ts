import type { KeyRing } from '../../../platform/crypto/key-ring.ts';
import type { Database } from '../../../platform/postgres/database.ts';
import { readRun } from '../desk/run-rows.ts';
import type { BalanceSheet, OutcomeCounts, Run, RunPart, SignedBalance } from '../desk/run-types.ts';
import { keysOnLines, readBatchKeys } from '../phases/batch-keys.ts';
import { addCounts, countGroups, linesOf, type OutcomeGroup } from '../phases/outcome-groups.ts';
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
    balanced: parts.every(isPartBalanced),
  };
  return { sheet, jws: signSheet(deps.keyRing, sheet) };
}

type BalancedPart = BalanceSheet['parts'][number];

async function balancePart(
  db: Database,
  run: Run,
  { part, source, fileName, fileDigest, counts }: RunPart,
): Promise<BalancedPart> {
  const batches = await db.query<BatchRow>({
    text: 'SELECT batch, outcomes FROM run_batches WHERE run_id = $1 AND part = $2 AND outcomes IS NOT NULL ORDER BY batch',
    values: [run.runId, part],
  });
  const counted = addCounts(batches.map(({ outcomes }) => countGroups(outcomes)));
  const read = counts.validate?.read ?? 0;
  const notRun = run.state === 'ran' ? 0 : read - sumOf(counted.outcomes);
  const sum = { written: 0, inLedger: 0 };
  for (const batch of batches) {
    const found = await countInLedger(db, { runId: run.runId, part, ...batch });
    sum.written += found.written;
    sum.inLedger += found.inLedger;
  }
  return { source, fileName, sha256: fileDigest, read, ...counted, notRun, ...sum };
}

interface BatchRow extends Record<string, unknown> {
  batch: number;
  outcomes: readonly OutcomeGroup[];
}

const sumOf = (outcomes: OutcomeCounts): number => Object.values(outcomes).reduce((sum, n) => sum + n, 0);

/** What was read is what was accounted for, and what was to be written is there. */
export const isPartBalanced = ({ read, outcomes, notRun, written, inLedger }: BalancedPart): boolean =>
  sumOf(outcomes) + notRun === read && notRun >= 0 && inLedger === written;

/** Looks up every row that the run wrote. One that is gone since then was erased, or is a defect. */
async function countInLedger(
  db: Database,
  { runId, part, batch, outcomes }: { readonly runId: string; readonly part: number } & BatchRow,
): Promise<{ readonly written: number; readonly inLedger: number }> {
  const lines = outcomes.filter(({ effect }) => effect !== 'none').flatMap((group) => [...linesOf(group.lines)]);
  if (lines.length === 0) return { written: 0, inLedger: 0 };
  const keys = keysOnLines(await readBatchKeys(db, { runId, part, batch }), lines);
  const [found] = await db.query<{ n: number }>({
    name: 'run-count-in-ledger',
    text: 'SELECT count(*)::int AS n FROM legacy_accounts WHERE legacy_key = ANY($1::bytea[])',
    values: [keys.map(({ legacyKey }) => legacyKey)],
  });
  return { written: lines.length, inLedger: found?.n ?? 0 };
}
