import type { Run, RunSummary } from '../../../migration/index.ts';
import { writeCsv } from '../../insight/write-csv.ts';
import { OUTCOMES } from '../run/sum-parts.ts';

const PHASES = ['validate', 'rehearse', 'run'] as const;

/** What became of the rows of each file, a line for each phase that has numbers. */
export const runCsv = ({ parts }: Pick<Run, 'parts'>): string =>
  writeCsv(
    ['source', 'file', 'phase', 'read', ...OUTCOMES],
    parts.flatMap(({ source, fileName, counts }) =>
      PHASES.flatMap((phase) => {
        const counted = counts[phase];
        if (counted === undefined) return [];
        return [[source, fileName, phase, counted.read, ...OUTCOMES.map((outcome) => counted.outcomes?.[outcome])]];
      }),
    ),
  );

/** A line for each run. */
export const runsCsv = (runs: readonly RunSummary[]): string =>
  writeCsv(
    ['run', 'title', 'state', 'planned_by', 'planned_at', 'approved_by', 'read', ...OUTCOMES],
    runs.map((run) => [
      run.runId,
      run.title,
      run.state,
      run.plannedBy,
      run.plannedAt.toISOString(),
      run.approvedBy,
      run.rows,
      ...OUTCOMES.map((outcome) => run.outcomes?.[outcome]),
    ]),
  );
