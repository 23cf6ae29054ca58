import { type DayCount, type Forecast, waitingOn } from '../forecast/fit-tail.ts';
import { roundTicks, share } from './scale.ts';
import { chart, DEEP, element, INK, type Markup, QUIET, RULE, text, WARN } from './svg.ts';

export interface BurnDown {
  readonly id: string;
  readonly counts: readonly DayCount[];
  readonly forecast: Forecast;
  readonly words: {
    readonly title: string;
    readonly description: string;
    /** At the dotted line: short, where the chart is narrow. */
    readonly floor: string;
  };
  readonly number: (value: number) => string;
  readonly day: (day: number) => string;
  readonly width: number;
  readonly height: number;
  readonly className?: string;
}

interface Frame {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  readonly x: (day: number) => number;
  readonly y: (value: number) => number;
}

const AHEAD_AT_MOST = 365;

/** Who still waits, day by day, and where the fitted curve says that it ends: dashed, with a band. */
export function burnDown(asked: BurnDown): string {
  const { id, counts, forecast, words, width, height, className } = asked;
  const first = counts[0]?.day ?? 0;
  const last = counts.at(-1)?.day ?? first;
  const until = forecast.outcome === 'forecast' ? Math.min(forecast.settlesBy, last + AHEAD_AT_MOST) : last;
  const most = Math.max(0, ...counts.map(({ waiting }) => waiting));
  const ticks = roundTicks(most, height > 260 ? 5 : 4);
  const frame = frameOf(asked, { first, until, top: ticks.at(-1) ?? 1 });
  const frameData = {
    id,
    title: words.title,
    description: words.description,
    width,
    height,
    className: className ?? '',
  };
  return chart(
    frameData,
    ...ticks.flatMap((value) => valueLine(frame, value, asked.number(value))),
    ...dayLabels(frame, { first, last, until }, asked),
    ...(forecast.outcome === 'forecast' ? tailOf(frame, { last, until, forecast }, asked) : []),
    element('polyline', {
      points: counts.map(({ day, waiting }) => point(frame, day, waiting)).join(' '),
      fill: 'none',
      stroke: DEEP,
      'stroke-width': 3,
      'stroke-linejoin': 'round',
    }),
    ...counts
      .slice(-1)
      .map(({ day, waiting }) => element('circle', { cx: frame.x(day), cy: frame.y(waiting), r: 5, fill: DEEP })),
  );
}

function frameOf(
  { width, height, number }: BurnDown,
  { first, until, top }: { readonly first: number; readonly until: number; readonly top: number },
): Frame {
  const left = 14 + 8 * number(top).length;
  const [right, upper, bottom] = [width - 16, 14, height - 34];
  return {
    left,
    right,
    top: upper,
    bottom,
    x: (day) => left + share(day - first, Math.max(1, until - first)) * (right - left),
    y: (value) => bottom - share(value, top) * (bottom - upper),
  };
}

const point = ({ x, y }: Frame, day: number, value: number): string => `${x(day).toFixed(1)},${y(value).toFixed(1)}`;

function valueLine({ left, right, y }: Frame, value: number, label: string): readonly Markup[] {
  return [
    element('line', { x1: left, x2: right, y1: y(value), y2: y(value), stroke: value === 0 ? QUIET : RULE }),
    element('text', { x: left - 6, y: y(value) + 5, 'text-anchor': 'end', fill: QUIET }, text(label)),
  ];
}

/** The first and the last day always; today where a forecast goes on past it, if there is room. */
function dayLabels(
  { x, left, right, bottom }: Frame,
  { first, last, until }: { readonly first: number; readonly last: number; readonly until: number },
  { day, width }: BurnDown,
): readonly Markup[] {
  const label = (at: number, place: number, anchor: string): Markup =>
    element('text', { x: place, y: bottom + 22, 'text-anchor': anchor, fill: QUIET }, text(day(at)));
  const middle = until > last ? x(last) : undefined;
  const room = width > 500 ? 110 : 95;
  const hasRoom = middle !== undefined && middle - left > room && right - middle > room;
  return [
    label(first, left, 'start'),
    hasRoom ? label(last, middle, 'middle') : undefined,
    until > first ? label(until, right, 'end') : undefined,
    middle === undefined
      ? undefined
      : element('line', { x1: middle, x2: middle, y1: bottom, y2: bottom + 6, stroke: QUIET }),
  ].filter((one) => one !== undefined);
}

function tailOf(
  frame: Frame,
  {
    last,
    until,
    forecast,
  }: { readonly last: number; readonly until: number; readonly forecast: Forecast & { outcome: 'forecast' } },
  { words }: BurnDown,
): readonly Markup[] {
  const steps = Array.from({ length: 41 }, (_, index) => last + ((until - last) * index) / 40);
  const upper = steps.map((day) => point(frame, day, Math.max(...forecast.band.map((tail) => waitingOn(tail, day)))));
  const lower = steps.map((day) => point(frame, day, Math.min(...forecast.band.map((tail) => waitingOn(tail, day)))));
  const floorY = frame.y(forecast.floor.likely);
  const isLow = floorY > frame.bottom - 24;
  return [
    element('polygon', { points: [...upper, ...lower.toReversed()].join(' '), fill: '#cfe3e0' }),
    element('line', {
      x1: frame.left,
      x2: frame.right,
      y1: floorY,
      y2: floorY,
      stroke: WARN,
      'stroke-width': 2,
      'stroke-dasharray': '2 4',
    }),
    element(
      'text',
      { x: frame.left + 6, y: isLow ? floorY - 7 : floorY + 18, fill: WARN, 'font-weight': 'bold' },
      text(words.floor),
    ),
    element('polyline', {
      points: steps.map((day) => point(frame, day, waitingOn(forecast.likely, day))).join(' '),
      fill: 'none',
      stroke: INK,
      'stroke-width': 2,
      'stroke-dasharray': '7 5',
    }),
  ];
}
