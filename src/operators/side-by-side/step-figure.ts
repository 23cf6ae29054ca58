import { share } from '../insight/charts/scale.ts';
import { chart, DEEP, element, INK, type Markup, QUIET, RULE, text, WARN } from '../insight/charts/svg.ts';

export interface FigureBar {
  readonly label: string;
  readonly value: number;
  readonly said: string;
  /** The new side is full, what it is compared with is not. */
  readonly isFull: boolean;
}

export interface FigureRow {
  readonly label: string;
  readonly bars: readonly FigureBar[];
  readonly limit: { readonly value: number; readonly said: string };
}

export interface StepFigure {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly rows: readonly FigureRow[];
  readonly width: number;
  readonly className: string;
}

const LEFT = 70;
/** For the value at the end of a bar. */
const RIGHT = 76;
const [HEAD, BAR, GAP, FOOT] = [26, 18, 6, 34];
const heightOf = ({ bars }: FigureRow): number => HEAD + bars.length * (BAR + GAP) + FOOT;

/** What a step is judged by, a row for each: the new side, the old beside it, and the line at which it goes back. */
export function stepFigure({ id, title, description, rows, width, className }: StepFigure): string {
  let top = 0;
  const drawn = rows.flatMap((row) => {
    const markup = drawRow(row, top, width);
    top += heightOf(row);
    return markup;
  });
  return chart({ id, title, description, width, height: top, className }, ...drawn);
}

function drawRow({ label, bars, limit }: FigureRow, top: number, width: number): readonly Markup[] {
  const most = 1.1 * Math.max(limit.value, ...bars.map(({ value }) => value));
  const x = (value: number): number => LEFT + share(value, most) * (width - LEFT - RIGHT);
  const bottom = top + HEAD + bars.length * (BAR + GAP);
  const placed = bars.map((bar, index) => ({
    bar,
    y: top + HEAD + index * (BAR + GAP),
    wide: wideOf(bar, x(bar.value)),
  }));
  return [
    element('text', { x: 0, y: top + 16, 'font-weight': 'bold' }, text(label)),
    element('line', { x1: LEFT, x2: LEFT, y1: top + HEAD - 4, y2: bottom, stroke: RULE }),
    ...placed.flatMap(drawBar),
    ...drawLimit(limit.said, { at: x(limit.value), from: top + HEAD - 4, to: bottom, width }),
    ...placed.flatMap(sayBar),
  ];
}

/** What is there is never thinner than can be seen. */
const wideOf = ({ value }: FigureBar, to: number): number => (value > 0 ? Math.max(3, to - LEFT) : 0);

interface Placed {
  readonly bar: FigureBar;
  readonly y: number;
  readonly wide: number;
}

function drawBar({ bar, y, wide }: Placed): readonly Markup[] {
  const paint = bar.isFull ? { fill: DEEP } : { fill: '#ffffff', stroke: QUIET, 'stroke-width': 2 };
  return wide > 0 ? [element('rect', { x: LEFT, y: y + 1, width: wide, height: BAR - 2, ...paint })] : [];
}

/** Over the line where they meet. */
const HALO = { stroke: '#ffffff', 'stroke-width': 4, 'paint-order': 'stroke' } as const;

const sayBar = ({ bar: { label, said }, y, wide }: Placed): readonly Markup[] => [
  element('text', { x: LEFT - 8, y: y + 14, 'text-anchor': 'end', fill: QUIET }, text(label)),
  element('text', { x: LEFT + wide + 6, y: y + 14, fill: INK, ...HALO }, text(said)),
];

function drawLimit(
  said: string,
  { at, from, to, width }: { readonly at: number; readonly from: number; readonly to: number; readonly width: number },
): readonly Markup[] {
  // Words do not leave the picture, wherever the line is.
  const anchor = at > width * 0.6 ? 'end' : 'start';
  const line = { x1: at, x2: at, y1: from, y2: to + 4, stroke: WARN, 'stroke-width': 3, 'stroke-dasharray': '6 3' };
  return [
    element('line', line),
    element('text', { x: at, y: to + 19, 'text-anchor': anchor, fill: WARN, 'font-weight': 'bold' }, text(said)),
  ];
}
