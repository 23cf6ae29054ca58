import { isWorking, type OutcomeCounts, type Run, type RunPart, WORK } from '../../../migration/index.ts';

type Counts = Readonly<Record<string, number>>;

export interface SumOfParts {
  /** What the numbers are of. */
  readonly phase: 'run' | 'rehearse' | 'validate';
  readonly read: number;
  readonly outcomes: OutcomeCounts | undefined;
  /** Why rows were rejected or need proof. */
  readonly codes: Counts;
  readonly notes: Counts;
}

/** Of all parts, the latest phase that any of them has numbers of; undefined when none has. */
export function sumParts(parts: readonly RunPart[]): SumOfParts | undefined {
  const phase = (['run', 'rehearse', 'validate'] as const).find((one) => parts.some(({ counts }) => counts[one]));
  if (phase === undefined) return undefined;
  const counted = parts.flatMap(({ counts }) => counts[phase] ?? []);
  const outcomes = counted.flatMap((one) => one.outcomes ?? []);
  return {
    phase,
    read: counted.reduce((sum, { read }) => sum + read, 0),
    outcomes: outcomes.length === 0 ? undefined : addOutcomes(outcomes),
    codes: addUp(counted.map(({ codes }) => codes)),
    notes: addUp(counted.map(({ notes = {} }) => notes)),
  };
}

function addOutcomes(all: readonly OutcomeCounts[]): OutcomeCounts {
  const sum = (name: keyof OutcomeCounts): number => all.reduce((total, one) => total + one[name], 0);
  return {
    new: sum('new'),
    changed: sum('changed'),
    unchanged: sum('unchanged'),
    linked: sum('linked'),
    'needs-proof': sum('needs-proof'),
    rejected: sum('rejected'),
    outside: sum('outside'),
  };
}

function addUp(all: readonly Counts[]): Counts {
  const sums = new Map<string, number>();
  for (const counts of all)
    for (const [code, count] of Object.entries(counts)) sums.set(code, (sums.get(code) ?? 0) + count);
  return Object.fromEntries([...sums].toSorted(([, one], [, other]) => other - one));
}

export interface LiveProgress {
  readonly partsDone: number;
  readonly parts: number;
  /** 0 to 1, by the bytes of the files. */
  readonly share: number;
  readonly rows: number;
  readonly rowsPerSecond: number;
  readonly secondsLeft: number | undefined;
  /** When a worker was last heard of. */
  readonly heardAt: Date | undefined;
}

const HEARD_MS = 15_000;

/** Rows of a part that is through with a phase. */
const READ: Readonly<Record<keyof typeof WORK, (counts: RunPart['counts']) => number | undefined>> = {
  validating: ({ validate }) => validate?.read,
  rehearsing: ({ rehearse }) => rehearse?.read,
  staging: ({ staged }) => staged?.read,
  running: ({ run }) => run?.read,
  undoing: ({ run }) => run?.read,
};

/** How far the phase under way is, over all parts; undefined when nothing is under way. */
export function liveProgress(run: Run, now: Date): LiveProgress | undefined {
  if (!isWorking(run.state)) return undefined;
  const { done } = WORK[run.state];
  const state = run.state;
  const current = run.parts.map((part) => ({
    bytes: Math.max(1, part.fileBytes),
    isDone: part.done === done,
    read: READ[state](part.counts) ?? 0,
    progress: part.progress?.phase === state || part.progress?.phase === 'wrapping' ? part.progress : undefined,
  }));
  const shareOf = ({ isDone, progress }: (typeof current)[number]): number => (isDone ? 1 : (progress?.share ?? 0));
  const bytes = current.reduce((sum, part) => sum + part.bytes, 0);
  const share = current.reduce((sum, part) => sum + part.bytes * shareOf(part), 0) / bytes;
  const heard = current.flatMap(({ progress }) => (progress ? [Date.parse(progress.at)] : []));
  const told = current.reduce((sum, { isDone, progress }) => {
    const isLive = !isDone && progress && now.getTime() - Date.parse(progress.at) < HEARD_MS;
    return sum + (isLive ? progress.rowsPerSecond : 0);
  }, 0);
  const rows = current.reduce((sum, { isDone, read, progress }) => sum + (isDone ? read : (progress?.rows ?? 0)), 0);
  // Of small files nobody tells how far they are: then what is through since the phase began.
  const seconds = (now.getTime() - run.stateSince.getTime()) / 1000;
  const rate = told > 0 || run.pausedAt || seconds < 1 ? told : Math.round(rows / seconds);
  return {
    partsDone: current.filter(({ isDone }) => isDone).length,
    parts: current.length,
    share: Math.min(1, share),
    rows,
    rowsPerSecond: rate,
    secondsLeft: rate > 0 && share > 0.01 ? (rows / share - rows) / rate : undefined,
    heardAt: heard.length === 0 ? undefined : new Date(Math.max(...heard)),
  };
}
