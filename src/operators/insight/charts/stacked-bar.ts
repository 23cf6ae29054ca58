import { share } from './scale.ts';
import { chart, DEEP, element, INK, type Markup, PALE, QUIET, WARN } from './svg.ts';

/** How a part is drawn: told apart by pattern as well as by colour. */
export type Fill = 'full' | 'dots' | 'stripes' | 'cross' | 'warn' | 'pale' | 'empty';

export interface BarPart {
  readonly label: string;
  readonly value: number;
  readonly fill: Fill;
}

export interface StackedBar {
  readonly id: string;
  readonly title: string;
  readonly parts: readonly BarPart[];
  /** A number in the page's language. */
  readonly number: (value: number) => string;
  readonly width?: number;
  readonly height?: number;
}

/** One bar whose parts add up. A part that is there is never thinner than can be seen. */
export function stackedBar({ id, title, parts, number, width = 640, height = 28 }: StackedBar): string {
  const whole = sum(parts.map(({ value }) => value));
  const description = parts.map(({ label, value }) => `${label}: ${number(value)}`).join('; ');
  const frame = { id, title, description, width, height };
  const inner = { x: 1, y: 1, width: width - 2, height: height - 2 };
  const border = element('rect', { ...inner, fill: whole > 0 ? 'none' : '#ffffff', stroke: QUIET, 'stroke-width': 1 });
  const widths = widthsOf(parts, whole, inner.width);
  let x = inner.x;
  const drawn = parts.map(({ fill }, index) => {
    const wide = widths[index] ?? 0;
    const one = wide > 0 ? bar(id, fill, { x, y: inner.y, width: wide, height: inner.height }) : undefined;
    x += wide;
    return one;
  });
  return chart(frame, patterns(id, new Set(parts.map(({ fill }) => fill))), ...drawn, border);
}

/** The same fill as a small square, for a key in words beside the bar. */
export function keySquare(id: string, fill: Fill): string {
  return element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      viewBox: '0 0 18 18',
      width: 18,
      height: 18,
      'aria-hidden': 'true',
      class: 'lk-key',
    },
    patterns(id, new Set([fill])),
    bar(id, fill, { x: 1, y: 1, width: 16, height: 16 }),
    element('rect', { x: 1, y: 1, width: 16, height: 16, fill: 'none', stroke: QUIET }),
  );
}

const LEAST = 3;

function widthsOf(parts: readonly BarPart[], whole: number, room: number): readonly number[] {
  const wanted = parts.map(({ value }) => (value > 0 ? Math.max(LEAST, share(value, whole) * room) : 0));
  const asked = sum(wanted);
  return asked > room ? wanted.map((one) => (one * room) / asked) : wanted;
}

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const COLOURS = { full: DEEP, warn: WARN, pale: PALE, empty: '#ffffff' } as const;

function bar(id: string, fill: Fill, box: Box): Markup {
  const paint = fill === 'dots' || fill === 'stripes' || fill === 'cross' ? `url(#${id}-${fill})` : COLOURS[fill];
  return element('rect', { ...box, fill: paint, stroke: '#ffffff', 'stroke-width': 1 });
}

const TILE = { width: 6, height: 6, patternUnits: 'userSpaceOnUse' } as const;

function patterns(id: string, used: ReadonlySet<Fill>): Markup | undefined {
  const made = [
    used.has('stripes') &&
      element(
        'pattern',
        { id: `${id}-stripes`, ...TILE },
        element('rect', { width: 6, height: 6, fill: '#ffffff' }),
        element('path', { d: 'M-1 7 L7 -1 M-1 1 L1 -1 M5 7 L7 5', stroke: DEEP, 'stroke-width': 2 }),
      ),
    used.has('dots') &&
      element(
        'pattern',
        { id: `${id}-dots`, ...TILE },
        element('rect', { width: 6, height: 6, fill: '#ffffff' }),
        element('circle', { cx: 3, cy: 3, r: 1.8, fill: INK }),
      ),
    used.has('cross') &&
      element(
        'pattern',
        { id: `${id}-cross`, ...TILE },
        element('rect', { width: 6, height: 6, fill: '#ffffff' }),
        element('path', { d: 'M0 0 L6 6 M6 0 L0 6', stroke: QUIET, 'stroke-width': 1.4 }),
      ),
  ].filter((one) => one !== false);
  return made.length === 0 ? undefined : element('defs', {}, ...made);
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
