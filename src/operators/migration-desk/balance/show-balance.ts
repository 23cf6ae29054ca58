import type { BalanceSheet, SignedBalance } from '../../../migration/index.ts';
import { LatchkeyError } from '../../../platform/failure/latchkey-error.ts';
import type { OperatorVisit } from '../../access/operator-scope.ts';
import { formatsFor } from '../../insight/formats.ts';
import { type DeskDeps, needRun } from '../desk-deps.ts';
import { outcomeBar } from '../run/outcome-bar.ts';
import { sayCodes } from '../run/say-codes.ts';
import { handleOf, type RunView } from '../run/show-run.ts';

/** @throws LatchkeyError `not_found` when the run has not ended. */
export async function needBalance(deps: DeskDeps, runId: string): Promise<SignedBalance> {
  await needRun(deps, runId);
  const balance = await deps.migration.runs.balance(runId);
  if (balance === undefined) throw new LatchkeyError('not_found', 'The run has no balance sheet yet.');
  return balance;
}

/** Every row of every file, and what became of it: for people, with the signed sheet beside it. */
export async function showBalance(deps: DeskDeps, visit: OperatorVisit<{ readonly id: string }>): Promise<unknown> {
  const { sheet } = await needBalance(deps, visit.params.id);
  const view = { t: deps.pages.translate(visit.language), formats: formatsFor(visit.language) };
  const { number, time } = view.formats;
  const { outcomes, notRun, read } = sheet.total;
  return visit.show('operators/migration-desk/balance/balance.njk', {
    sheet: {
      runId: sheet.runId,
      title: sheet.title,
      isBalanced: sheet.balanced,
      plannedBy: handleOf(sheet.plannedBy),
      approvedBy: handleOf(sheet.approvedBy),
      madeAt: time(new Date(sheet.madeAt)),
      read: number(read),
    },
    total: outcomeBar({ id: 'total', title: sheet.title, outcomes, notRun, ...view }),
    parts: sheet.parts.map((part) => partOf(part, view)),
    key: JSON.stringify(deps.migration.runs.balanceKey()),
    backLink: `/operators/runs/${sheet.runId}`,
  });
}

function partOf(part: BalanceSheet['parts'][number], view: RunView): object {
  const { number } = view.formats;
  return {
    source: part.source,
    fileName: part.fileName,
    sha256: part.sha256,
    read: number(part.read),
    written: number(part.written),
    inLedger: number(part.inLedger),
    agrees: part.written === part.inLedger,
    outcomes: outcomeBar({
      id: `part-${part.source}`,
      title: part.source,
      outcomes: part.outcomes,
      notRun: part.notRun,
      ...view,
    }),
    codes: sayCodes(part.codes, view),
  };
}
