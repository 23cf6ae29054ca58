import {
  type BalanceSheet,
  isPartBalanced,
  type OutcomeCounts,
  ROW_OUTCOMES,
  type Run,
  type RunPart,
  type SignedBalance,
} from '../../../migration/index.ts';
import { LatchkeyError } from '../../../platform/failure/latchkey-error.ts';
import type { OperatorVisit } from '../../access/operator-scope.ts';
import { formatsFor } from '../../insight/formats.ts';
import { type DeskDeps, needRun } from '../desk-deps.ts';
import { listParts } from '../parts/list-parts.ts';
import { outcomeBar } from '../run/outcome-bar.ts';
import { handleOf, type RunView } from '../run/show-run.ts';

/** @throws LatchkeyError `not_found` when the run has not ended. */
export async function needBalance(
  { migration }: Pick<DeskDeps, 'migration'>,
  { runId }: Pick<Run, 'runId'>,
): Promise<SignedBalance> {
  const balance = await migration.runs.balance(runId);
  if (balance === undefined) throw new LatchkeyError('not_found', 'The run has no balance sheet yet.');
  return balance;
}

type BalancedPart = BalanceSheet['parts'][number];

/** Every row of every file, and what became of it: for people, with the signed sheet beside it. */
export async function showBalance(deps: DeskDeps, visit: OperatorVisit<{ readonly id: string }>): Promise<unknown> {
  const run = await needRun(deps, visit.params.id);
  const { sheet } = await needBalance(deps, run);
  const view = { t: deps.pages.translate(visit.language), formats: formatsFor(visit.language) };
  const { number, time } = view.formats;
  const { outcomes, notRun, read } = sheet.total;
  const listed = listParts(balancedParts(sheet, run.parts), {
    query: visit.query,
    shows: SHOWS,
    language: visit.language,
    t: view.t,
  });
  const columns = columnsOf({ ...outcomes, 'not-run': notRun });
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
    columns: columns.map((outcome) => view.t(`operators.migrationDesk.outcomes.${outcome}`)),
    files: { ...listed, rows: listed.rows.map((part) => rowOf(part, columns, view)) },
    key: JSON.stringify(deps.migration.runs.balanceKey()),
    backLink: `/operators/runs/${sheet.runId}`,
  });
}

type ListedPart = BalancedPart & { readonly name: string; readonly part: number | undefined };

const SHOWS = {
  disagrees: (part: ListedPart) => !isPartBalanced(part),
  rejected: ({ outcomes }: ListedPart) => outcomes.rejected > 0,
};

function balancedParts(sheet: BalanceSheet, parts: readonly RunPart[]): readonly ListedPart[] {
  const bySource = new Map(parts.map((part) => [part.source, part]));
  return sheet.parts.map((one) => {
    const known = bySource.get(one.source);
    return { ...one, name: known?.sourceName ?? one.source, part: known?.part };
  });
}

type Counts = OutcomeCounts & { readonly 'not-run': number };
type Column = keyof Counts;

/** Those that any row has: most runs have two or three. */
const columnsOf = (counts: Counts): readonly Column[] =>
  ([...ROW_OUTCOMES, 'not-run'] as const).filter(
    (column) => counts[column] !== 0 || column === 'new' || column === 'rejected',
  );

function rowOf(part: ListedPart, columns: readonly Column[], { formats: { number } }: RunView): object {
  const counts: Counts = { ...part.outcomes, 'not-run': part.notRun };
  return {
    part: part.part,
    name: part.name,
    fileName: part.fileName,
    read: number(part.read),
    outcomes: columns.map((column) => number(counts[column])),
    agrees: isPartBalanced(part),
  };
}
