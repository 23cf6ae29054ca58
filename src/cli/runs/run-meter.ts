import type { PartProgress, Run, RunPart } from '../../migration/index.ts';
import { count, duration } from '../progress.ts';
import { isWorking, stateOf, THROUGH } from './run-words.ts';

const WORTH_A_GUESS = 0.005;

interface Mark {
  readonly at: number;
  readonly share: number;
}

/**
 * Describes a run each time it is looked at: share, rows, rate and time left over all parts and workers, and the wrap of weak
 * hashes on a line of its own.
 */
export function createRunMeter(clock: () => number = () => performance.now()): (run: Run) => string {
  /** A part that wraps says how far that is; how far it was otherwise is remembered. */
  const lastOf = new Map<number, PartProgress>();
  const marks = new Map<string, Mark>();
  const left = (what: string, share: number): string[] => {
    const at = clock();
    const first = marks.get(what) ?? { at, share };
    marks.set(what, first);
    const gained = share - first.share;
    const seconds = (((1 - share) / gained) * (at - first.at)) / 1000;
    return gained > WORTH_A_GUESS && seconds >= 0.5 ? [`${duration(Math.round(seconds))} left`] : [];
  };
  return (run) => {
    const { state, parts } = run;
    if (!isWorking(state) || run.pausedAt) return stateOf(run);
    for (const { part, progress } of parts) if (progress?.phase === state) lastOf.set(part, progress);
    const through = parts.filter(({ done }) => done === THROUGH[state]);
    const share = shareOf(parts, state, lastOf);
    const line = [
      percent(share),
      `${count(parts.reduce((sum, part) => sum + rowsOf(part, state, lastOf), 0))} rows`,
      ...rateOf(parts, state),
      ...left(state, share),
      ...(parts.length > 1 ? [`${through.length} of ${parts.length} files through`] : []),
    ];
    return [`${state}: ${line.join(', ')}`, ...wrapLine(parts, left)].join('\n');
  };
}

const percent = (share: number): string => `${Math.floor(Math.min(share, 1) * 100)} %`;

type Last = ReadonlyMap<number, PartProgress>;
type Working = keyof typeof THROUGH;

/** Weighed by bytes: a file of a million rows counts for more than one of ten. */
function shareOf(parts: readonly RunPart[], state: Working, lastOf: Last): number {
  const bytes = parts.reduce((sum, { fileBytes }) => sum + fileBytes, 0);
  const done = parts.reduce((sum, part) => {
    const share = part.done === THROUGH[state] ? 1 : (ofState(part, state, lastOf)?.share ?? 0);
    return sum + share * part.fileBytes;
  }, 0);
  return bytes === 0 ? 0 : done / bytes;
}

function ofState({ part }: RunPart, state: Working, lastOf: Last): PartProgress | undefined {
  const last = lastOf.get(part);
  return last?.phase === state ? last : undefined;
}

const COUNTED = { validating: 'validate', rehearsing: 'rehearse', staging: 'staged', running: 'run' } as const;

function rowsOf(part: RunPart, state: Working, lastOf: Last): number {
  if (part.done !== THROUGH[state]) return ofState(part, state, lastOf)?.rows ?? 0;
  return state === 'undoing' ? 0 : (part.counts[COUNTED[state]]?.read ?? 0);
}

function rateOf(parts: readonly RunPart[], state: Working): string[] {
  const rate = parts.reduce((sum, { progress }) => sum + (progress?.phase === state ? progress.rowsPerSecond : 0), 0);
  return rate > 0 ? [`${count(rate)} a second`] : [];
}

function wrapLine(parts: readonly RunPart[], left: (what: string, share: number) => string[]): string[] {
  const done = parts.reduce((sum, { wrap }) => sum + (wrap?.done ?? 0), 0);
  const waiting = parts.reduce((sum, { wrap }) => sum + (wrap?.waiting ?? 0), 0);
  if (waiting === 0) return [];
  const share = done / (done + waiting);
  const line = [percent(share), `${count(done)} of ${count(done + waiting)}`, ...left('wrap', share)];
  return [`weak hashes wrapped: ${line.join(', ')}`];
}
