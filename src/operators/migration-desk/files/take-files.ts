import type { OperatorVisit, SentFile } from '../../access/operator-scope.ts';
import type { DeskDeps } from '../desk-deps.ts';
import { showPlan } from '../plan/show-plan.ts';

/** Puts what a form sends into the folder, one file after the other, straight to disk. */
export async function takeFiles(deps: DeskDeps, visit: OperatorVisit, sent: AsyncIterable<SentFile>): Promise<unknown> {
  if (deps.files === undefined) return showPlan(deps, visit);
  const kept: { name: string; sha256: string }[] = [];
  const errors: { field: string; key: string; values?: Record<string, string> }[] = [];
  for await (const { name, stream } of sent) {
    const received = await deps.files.receive(name, stream);
    if (received.outcome === 'kept') kept.push(received);
    else errors.push({ ...problem(received.outcome), values: { name: name.slice(0, 100) } });
  }
  if (kept.length === 0 && errors.length === 0) errors.push(problem('none'));
  return showPlan(deps, visit, { kept, ...(errors.length > 0 && { errors }) });
}

const problem = (what: string): { field: string; key: string } => ({
  field: 'upload',
  key: `operators.migrationDesk.plan.errors.${what}`,
});
