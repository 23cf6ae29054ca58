import type { Static } from 'typebox';
import type { OutcomeRow, PhaseCounts, Run, RunPart, RunSummary } from '../../../migration/index.ts';
import type { Operator } from '../../access/operator.ts';
import { movesFor } from '../run/run-moves.ts';
import type { RowsAnswer, RunAnswer, RunLine } from './run-schemas.ts';

const time = (at: Date | undefined): string | null => at?.toISOString() ?? null;

const commonOf = (run: Omit<Run, 'parts' | 'problems'>) => ({
  runId: run.runId,
  title: run.title,
  state: run.state,
  stateSince: run.stateSince.toISOString(),
  target: run.target ?? null,
  pausedAt: time(run.pausedAt),
  cohort: run.cohort,
  plannedBy: run.plannedBy,
  plannedAt: run.plannedAt.toISOString(),
  approvedBy: run.approvedBy ?? null,
  approvedAt: time(run.approvedAt),
  note: run.note ?? null,
});

export const lineToJson = (run: RunSummary): Static<typeof RunLine> => ({
  ...commonOf(run),
  sources: [...run.sources],
  rows: run.rows,
  outcomes: run.outcomes ?? null,
});

export const runToJson = (run: Run, operator: Operator): Static<typeof RunAnswer> => ({
  ...commonOf(run),
  problems: run.problems.map(({ field, code, message }) => ({ field, code, message })),
  parts: run.parts.map(partToJson),
  moves: [...movesFor(run, operator)],
});

const phaseToJson = (counts: PhaseCounts | undefined) =>
  counts === undefined
    ? null
    : {
        read: counts.read,
        outcomes: counts.outcomes ?? null,
        codes: { ...counts.codes },
        notes: { ...counts.notes },
        seconds: counts.seconds,
      };

const partToJson = ({ counts, progress, wrap, ...part }: RunPart): Static<typeof RunAnswer>['parts'][number] => ({
  part: part.part,
  source: part.source,
  department: part.department,
  fileName: part.fileName,
  sha256: part.fileDigest,
  bytes: part.fileBytes,
  manifest: part.manifest,
  asOf: time(part.asOf),
  isOlder: part.isOlder,
  policyVersion: part.policyVersion,
  done: part.done,
  validate: phaseToJson(counts.validate),
  rehearse: phaseToJson(counts.rehearse),
  run: phaseToJson(counts.run),
  undo: counts.undo ? { ...counts.undo } : null,
  progress: progress
    ? {
        phase: progress.phase,
        rows: progress.rows,
        share: progress.share ?? null,
        rowsPerSecond: progress.rowsPerSecond,
        secondsLeft: progress.secondsLeft ?? null,
        at: progress.at,
      }
    : null,
  wrap: wrap ? { ...wrap } : null,
});

export const rowToJson = ({
  part,
  line,
  outcome,
  code,
  undone,
}: OutcomeRow): Static<typeof RowsAnswer>['rows'][number] => ({
  part,
  line,
  outcome,
  code: code ?? null,
  undone: undone ?? null,
});
