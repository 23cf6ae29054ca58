import { isPartBalanced, type Run, type RunPart } from '../../../migration/index.ts';
import { LatchkeyError } from '../../../platform/failure/latchkey-error.ts';
import type { OperatorVisit } from '../../access/operator-scope.ts';
import { formatsFor } from '../../insight/formats.ts';
import { type DeskDeps, needRun } from '../desk-deps.ts';
import { describeFound } from '../plan/describe-found.ts';
import { describeNumbers, type RunView } from '../run/show-run.ts';
import { describePart } from './describe-part.ts';

/** One file of a run: what it is, how far it is, and what became of its rows. */
export async function showFile(
  deps: DeskDeps,
  visit: OperatorVisit<{ readonly id: string; readonly part: string }>,
): Promise<unknown> {
  const run = await needRun(deps, visit.params.id);
  const part = run.parts.find((one) => `${one.part}` === visit.params.part);
  if (part === undefined) throw new LatchkeyError('not_found', 'The run has no such file.');
  const view = { t: deps.pages.translate(visit.language), formats: formatsFor(visit.language) };
  const here = `/operators/runs/${run.runId}`;
  return visit.show('operators/migration-desk/parts/file.njk', {
    run: { runId: run.runId, title: run.title },
    part: describePart(part, view),
    found: describeFound({ ...part.found, source: part.source }, view.formats),
    numbers: describeNumbers({ parts: [part] }, view),
    ledger: await ledgerOf(deps, { run, part }, view),
    canMend: visit.operator.permissions.has('runs.plan'),
    backLink: `${here}#files`,
  });
}

/** What the balance sheet says of it, once there is one. */
async function ledgerOf(
  { migration }: DeskDeps,
  { run: { runId, state, problems }, part: { source } }: { readonly run: Run; readonly part: RunPart },
  { formats: { number } }: RunView,
): Promise<object | undefined> {
  const isMade = state === 'reconciled' || state === 'undone' || (state === 'ran' && problems.length > 0);
  if (!isMade) return undefined;
  const balance = await migration.runs.balance(runId);
  const one = balance?.sheet.parts.find((balanced) => balanced.source === source);
  return one && { written: number(one.written), inLedger: number(one.inLedger), agrees: isPartBalanced(one) };
}
