import { share } from './scale.ts';
import { DEEP, element, type Markup, QUIET } from './svg.ts';

export interface Tile {
  readonly state: 'waiting' | 'moving' | 'done';
  readonly moved: number;
  readonly total: number;
}

const SIZE = 28;

/**
 * One system among 190: it fills from below as its accounts move. Nothing imported is a dashed frame, done is full with a
 * tick. A decoration: its link says the same in words.
 */
export function systemTile({ state, moved, total }: Tile): string {
  const room = SIZE - 4;
  const level = state === 'done' ? room : share(moved, total) * room;
  return element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      viewBox: `0 0 ${SIZE} ${SIZE}`,
      width: SIZE,
      height: SIZE,
      'aria-hidden': 'true',
      focusable: 'false',
    },
    element('rect', {
      x: 1,
      y: 1,
      width: SIZE - 2,
      height: SIZE - 2,
      fill: '#ffffff',
      stroke: state === 'waiting' ? QUIET : DEEP,
      'stroke-width': 2,
      'stroke-dasharray': state === 'waiting' ? '3 3' : undefined,
    }),
    level > 0 ? element('rect', { x: 2, y: 2 + room - level, width: room, height: level, fill: DEEP }) : undefined,
    state === 'done' ? tick() : undefined,
  );
}

const tick = (): Markup =>
  element('path', { d: 'M7 14.5 L12 19.5 L21 9', fill: 'none', stroke: '#ffffff', 'stroke-width': 3 });
