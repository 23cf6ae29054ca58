import { createCopyWriter, uuidBytes } from '../../../platform/postgres/copy-binary.ts';
import type { Transaction } from '../../../platform/postgres/database.ts';
import type { OutcomeCounts, RowOutcome } from '../desk/run-types.ts';
import type { BatchPlace } from './staged-rows.ts';

export interface OutcomeOfRow {
  readonly line: number;
  readonly outcome: RowOutcome;
  readonly code?: string | undefined;
  readonly effect: 'insert' | 'change' | 'none';
  readonly legacyKey?: Buffer | undefined;
  readonly loginKey?: Buffer | undefined;
}

/** Puts down what became of the rows of a batch, or would have. */
export async function copyOutcomes(
  tx: Transaction,
  { runId, part, batch }: BatchPlace,
  pass: 'rehearsal' | 'run',
  rows: readonly OutcomeOfRow[],
): Promise<void> {
  if (rows.length === 0) return;
  const run = uuidBytes(runId);
  const copy = createCopyWriter();
  for (const { line, outcome, code, effect, legacyKey, loginKey } of rows) {
    copy.row(10).bytes(run).text(pass).int2(part).int4(batch).int8(line).text(outcome).text(code).text(effect);
    copy.bytes(legacyKey).bytes(loginKey);
  }
  await tx.copyIn(
    `COPY run_outcomes (run_id, pass, part, batch, line, outcome, code, effect, legacy_key, login_key)
     FROM STDIN (FORMAT binary)`,
    copy.end(),
  );
}

const OUTCOMES: readonly RowOutcome[] = ['new', 'changed', 'unchanged', 'linked', 'needs-proof', 'rejected', 'outside'];
export const NO_OUTCOMES: OutcomeCounts = {
  new: 0,
  changed: 0,
  unchanged: 0,
  linked: 0,
  'needs-proof': 0,
  rejected: 0,
  outside: 0,
};

export interface Counted {
  readonly outcomes: OutcomeCounts;
  readonly codes: Readonly<Record<string, number>>;
}

export function countOutcomes(rows: readonly OutcomeOfRow[]): Counted {
  const outcomes = { ...NO_OUTCOMES };
  const codes: Record<string, number> = {};
  for (const { outcome, code } of rows) {
    outcomes[outcome] += 1;
    if (code !== undefined) codes[code] = (codes[code] ?? 0) + 1;
  }
  return { outcomes, codes };
}

export function addCounts(all: readonly Counted[]): Counted {
  const outcomes = { ...NO_OUTCOMES };
  const codes: Record<string, number> = {};
  for (const one of all) {
    for (const outcome of OUTCOMES) outcomes[outcome] += one.outcomes[outcome];
    for (const [code, times] of Object.entries(one.codes)) codes[code] = (codes[code] ?? 0) + times;
  }
  return { outcomes, codes };
}
