import type { CutoverStatus } from '../../migration/index.ts';
import type { Translate } from '../../platform/pages/translations.ts';
import type { Formats } from '../insight/formats.ts';
import { type FigureRow, stepFigure } from './step-figure.ts';
import { type Measure, measuresOf } from './step-limits.ts';

export interface SidesView {
  readonly t: Translate;
  readonly formats: Formats;
}

const WORDS = 'operators.sideBySide.step.';

/** How the step goes: a picture, the same as a table, and in words what it cannot be judged by yet. */
export function describeStep(status: CutoverStatus, view: SidesView): object | undefined {
  const { watched, sides } = status;
  const measures = measuresOf(status);
  if (measures === undefined || watched === undefined || sides.plan === undefined) return undefined;
  const { t, formats } = view;
  const least = sides.plan.minSamples;
  const rows = measures.map((measure) => describeMeasure(measure, view));
  const title = t(`${WORDS}figure`);
  const description = rows.map(({ label, moved, stayed, limit }) =>
    t(`${WORDS}said`, { label, moved: moved ?? '–', stayed: stayed ?? '–', limit }),
  );
  const figure = rows.flatMap(({ drawn }) => (drawn.bars.length > 0 ? [drawn] : []));
  const same = { title, description: description.join(' '), rows: figure };
  return {
    svgs: [
      stepFigure({ ...same, id: 'step-wide', width: 900, className: 'lk-chart--wide' }),
      stepFigure({ ...same, id: 'step-narrow', width: 335, className: 'lk-chart--narrow' }),
    ],
    rows,
    answers: { moved: formats.number(watched.answers), stayed: watched.old && formats.number(watched.old.samples) },
    tooFew:
      watched.new === undefined
        ? { answers: formats.number(watched.answers), least: formats.number(least) }
        : undefined,
    least: formats.number(least),
    broken: watched.broken && t(`operators.sideBySide.stops.${watched.broken}`),
    isWell: watched.new !== undefined && watched.broken === undefined,
  };
}

interface DescribedMeasure {
  readonly label: string;
  readonly moved: string | undefined;
  readonly stayed: string | undefined;
  readonly limit: string;
  readonly drawn: FigureRow;
}

function describeMeasure({ name, moved, stayed, limit }: Measure, { t, formats }: SidesView): DescribedMeasure {
  const label = t(`${WORDS}${name}`);
  const say = (value: number): string => SAY[name](value, formats);
  // A complaint too many is the one at which it goes back; of the others, it is what lies beyond.
  const said = t(`${WORDS}${name === 'complaints' ? 'backAt' : 'backOver'}`, { limit: say(limit) });
  const bar = (side: 'new' | 'old', value: number | undefined) =>
    value === undefined
      ? []
      : [{ label: name === 'complaints' ? '' : t(`${WORDS}${side}`), value, said: say(value), isFull: side === 'new' }];
  return {
    label,
    moved: moved === undefined ? undefined : say(moved),
    stayed: stayed === undefined ? undefined : say(stayed),
    limit: said,
    drawn: {
      label,
      bars: [...bar('new', moved), ...bar('old', stayed)],
      limit: { value: limit, said: t(`${WORDS}back`, { said }) },
    },
  };
}

const SAY = {
  failures: (value, { share }) => share(value),
  p95: (value, { number }) => `${number(value)} ms`,
  complaints: (value, { number }) => number(value),
} as const satisfies Record<Measure['name'], (value: number, formats: Formats) => string>;
