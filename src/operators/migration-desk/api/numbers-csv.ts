import { ROW_OUTCOMES, type Run, type RunSummary } from '../../../migration/index.ts';
import { writeCsv } from '../../insight/write-csv.ts';

const PHASES = ['validate', 'rehearse', 'run'] as const;

/** What became of the rows of each file, a line for each phase that has numbers. */
export const runCsv = ({ parts }: Pick<Run, 'parts'>): string =>
  writeCsv(
    ['source', 'file', 'phase', 'read', ...ROW_OUTCOMES],
    parts.flatMap(({ source, fileName, counts }) =>
      PHASES.flatMap((phase) => {
        const counted = counts[phase];
        if (counted === undefined) return [];
        return [[source, fileName, phase, counted.read, ...ROW_OUTCOMES.map((outcome) => counted.outcomes?.[outcome])]];
      }),
    ),
  );

/** A line for each run. */
export const runsCsv = (runs: readonly RunSummary[]): string =>
  writeCsv(
    ['run', 'title', 'state', 'planned_by', 'planned_at', 'approved_by', 'read', ...ROW_OUTCOMES],
    runs.map((run) => [
      run.runId,
      run.title,
      run.state,
      run.plannedBy,
      run.plannedAt.toISOString(),
      run.approvedBy,
      run.rows,
      ...ROW_OUTCOMES.map((outcome) => run.outcomes?.[outcome]),
    ]),
  );
