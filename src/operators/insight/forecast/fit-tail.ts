/** One day's count. `day` counts days from any fixed day. */
export interface DayCount {
  readonly day: number;
  readonly waiting: number;
}

export interface Tail {
  /** Accounts that nobody comes for: what the curve levels out at. */
  readonly floor: number;
  /** What comes on top of it on day `origin`, and shrinks by `rate` a day. */
  readonly rest: number;
  readonly rate: number;
  readonly origin: number;
}

export type Forecast =
  | {
      readonly outcome: 'forecast';
      readonly likely: Tail;
      /** Every curve that fits the counts about as well. */
      readonly band: readonly Tail[];
      readonly floor: { readonly low: number; readonly likely: number; readonly high: number };
      /** The day by which nineteen of twenty of those who come have come. */
      readonly settlesBy: number;
    }
  /** Counts of too few days since the last import. */
  | { readonly outcome: 'too-early'; readonly days: number; readonly needed: number }
  /** It hardly falls, or as fast as ever: where it ends cannot be said from these counts. */
  | { readonly outcome: 'open-ended'; readonly perDay: number }
  | { readonly outcome: 'nothing-waits' };

export const DAYS_NEEDED = 14;
const WINDOW_DAYS = 84;
/** Twice what independent days would need: a wet week is followed by another. */
const BAND = 8;
/** Two days to four years. */
const HALF_LIVES = Array.from({ length: 170 }, (_, index) => 2 * 1.04 ** index);

export const waitingOn = ({ floor, rest, rate, origin }: Tail, day: number): number =>
  floor + rest * Math.exp(-rate * (day - origin));

/**
 * Fits `floor + rest · e^(−rate · day)` to the last twelve weeks, without giving a single odd day (a campaign, an outage) the
 * weight of its square. For every rate that fits nearly as well as the best its curve is part of the band: where the counts
 * cannot tell a slow tail from a high floor, the band is wide, and says so.
 */
export function forecastTail(counts: readonly DayCount[]): Forecast {
  const last = counts.at(-1);
  if (last === undefined || last.waiting === 0) return { outcome: 'nothing-waits' };
  const window = sinceLastImport(counts.filter(({ day }) => day > last.day - WINDOW_DAYS));
  const first = window[0] ?? last;
  const days = last.day - first.day + 1;
  if (days < DAYS_NEEDED || window.length < DAYS_NEEDED / 2) return { outcome: 'too-early', days, needed: DAYS_NEEDED };
  const perDay = (first.waiting - last.waiting) / days;
  if (first.waiting - last.waiting < Math.max(3, first.waiting * 0.005)) return { outcome: 'open-ended', perDay };

  const fits = allFits(window, last);
  const best = fits.reduce((one, other) => (other.loss < one.loss ? other : one));
  const noise = Math.max(best.loss / Math.max(1, window.length - 3), 0.25 + (last.waiting * 0.0005) ** 2);
  const band = fits.filter(({ loss }) => loss <= best.loss + BAND * noise).map(({ tail }) => tail);
  const floors = band.map(({ floor }) => floor);
  const low = Math.min(...floors);
  const high = Math.max(...floors);
  // From nobody to everybody: the counts do not bend yet.
  if (high - low > last.waiting * 0.7) return { outcome: 'open-ended', perDay };
  const { tail: likely } = best;
  return {
    outcome: 'forecast',
    likely,
    band,
    floor: { low, likely: likely.floor, high },
    settlesBy: Math.ceil(last.day + 3 / likely.rate),
  };
}

/** From the last day on which many more were waiting than on the days before; one low day among them is not enough. */
function sinceLastImport(counts: readonly DayCount[]): readonly DayCount[] {
  const jump = counts.findLastIndex(({ waiting }, index) => {
    const before = Math.max(...counts.slice(Math.max(0, index - 3), index).map((one) => one.waiting));
    return index > 0 && waiting > before + Math.max(10, before * 0.02);
  });
  return jump === -1 ? counts : counts.slice(jump);
}

interface Fit {
  readonly tail: Tail;
  readonly loss: number;
}

/** For each rate the floor and the rest that fit best. */
function allFits(window: readonly DayCount[], last: DayCount): readonly Fit[] {
  const scale = typicalStep(window);
  return HALF_LIVES.map((halfLife) => {
    const rate = Math.LN2 / halfLife;
    const shape = window.map(({ day }) => Math.exp(-rate * (day - last.day)));
    const { floor, rest, loss } = fitLine(window, shape, scale);
    return { tail: { floor, rest, rate, origin: last.day }, loss };
  });
}

interface Line {
  readonly floor: number;
  readonly rest: number;
  readonly loss: number;
}

const ROUNDS = 8;

/** `waiting ≈ floor + rest · shape` by least squares, again and again with less weight for what lies far off. */
function fitLine(window: readonly DayCount[], shape: readonly number[], scale: number): Line {
  let weights: readonly number[] = window.map(() => 1);
  let line = { floor: 0, rest: 0 };
  let off: readonly number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    line = leastSquares(window, shape, weights);
    const { floor, rest } = line;
    off = window.map(({ waiting }, index) => Math.abs(waiting - floor - rest * (shape[index] ?? 0)));
    weights = off.map((far) => (far <= scale ? 1 : scale / far));
  }
  // Huber's: squares near the curve, straight lines far from it.
  const loss = sum(off.map((far) => (far <= scale ? far * far : scale * (2 * far - scale))));
  return { ...line, loss };
}

/** Neither can be below nothing. */
function leastSquares(
  window: readonly DayCount[],
  shape: readonly number[],
  weights: readonly number[],
): { readonly floor: number; readonly rest: number } {
  let [all, bent, bentTwice, count, countBent] = [0, 0, 0, 0, 0];
  for (const [index, { waiting }] of window.entries()) {
    const [weight, x] = [weights[index] ?? 0, shape[index] ?? 0];
    all += weight;
    bent += weight * x;
    bentTwice += weight * x * x;
    count += weight * waiting;
    countBent += weight * x * waiting;
  }
  const floor = (count * bentTwice - countBent * bent) / (all * bentTwice - bent * bent);
  if (!(floor > 0)) return { floor: 0, rest: countBent / bentTwice };
  const rest = (countBent - floor * bent) / bentTwice;
  return rest > 0 ? { floor, rest } : { floor: count / all, rest: 0 };
}

/** How much it usually changes from one day to the next: what is far from the curve. */
function typicalStep(window: readonly DayCount[]): number {
  const steps = window.slice(1).map(({ waiting }, index) => Math.abs(waiting - (window[index]?.waiting ?? waiting)));
  const middle = steps.toSorted((one, other) => one - other)[Math.floor(steps.length / 2)] ?? 1;
  return Math.max(1, middle * 2);
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
