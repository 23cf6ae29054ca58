import { DOMParser } from '@xmldom/xmldom';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { forecastTail } from '../forecast/fit-tail.ts';
import { burnDown } from './burn-down.ts';
import { roundTicks } from './scale.ts';
import { type Fill, keySquare, stackedBar } from './stacked-bar.ts';
import { systemTile } from './system-tile.ts';

const number = (value: number): string => new Intl.NumberFormat('en-GB').format(value);
const anyText = fc.string({ unit: 'grapheme', maxLength: 40 });
const anyCount = fc.oneof(fc.nat(5), fc.nat(2_000_000_000), fc.constant(Number.MAX_SAFE_INTEGER));
const fill = fc.constantFrom<Fill>('full', 'dots', 'stripes', 'cross', 'warn', 'pale', 'empty');

const stop = (_level: string, message: string): never => {
  throw new Error(message);
};

const parse = (svg: string) =>
  new DOMParser({ errorHandler: stop }).parseFromString(svg, 'image/svg+xml').documentElement;

/** What is wrong with a picture: it must parse as XML, hold nothing that the policy forbids, and stay in its frame. */
function flaws(svg: string): readonly string[] {
  const root = parse(svg);
  const [width, height] = [Number(root.getAttribute('width')), Number(root.getAttribute('height'))];
  const found = [...(svg.match(/style=|<style|<script|\bon\w+=|NaN|Infinity/g) ?? [])];
  const all = root.getElementsByTagName('*');
  for (let index = 0; index < all.length; index += 1) {
    const each = all.item(index);
    if (!each || each.parentNode?.nodeName === 'pattern' || each.nodeName === 'pattern') continue;
    const { xs, ys } = placesOf(each);
    if (!isWithin(xs, width) || !isWithin(ys, height))
      found.push(`${each.nodeName} at ${xs.join(' ')}, ${ys.join(' ')}`);
  }
  return found;
}

const isWithin = (places: readonly number[], size: number): boolean =>
  places.every((place) => place >= 0 && place <= size + 0.01);

function placesOf(each: Element): { readonly xs: number[]; readonly ys: number[] } {
  const at = (name: string): number => Number(each.getAttribute(name) || 0);
  const xs = [at('x'), at('x') + at('width'), at('x1'), at('x2'), at('cx')];
  const ys = [at('y'), at('y') + at('height'), at('y1'), at('y2'), at('cy')];
  for (const pair of each.getAttribute('points')?.split(' ') ?? []) {
    const [x = 0, y = 0] = pair.split(',').map(Number);
    xs.push(x);
    ys.push(y);
  }
  return { xs, ys };
}

describe('charts', () => {
  it('draw any numbers inside their frame, with any words', () => {
    const parts = fc.array(fc.record({ label: anyText, value: anyCount, fill }), { maxLength: 8 });
    fc.assert(
      fc.property(parts, anyText, fc.integer({ min: 60, max: 1000 }), (some, title, width) => {
        expect(flaws(stackedBar({ id: 'b', title, parts: some, number, width }))).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });

  it('draw any burn-down inside its frame', () => {
    const counts = fc
      .array(anyCount, { maxLength: 40 })
      .map((values) => values.map((waiting, day) => ({ day, waiting })));
    fc.assert(
      fc.property(counts, anyText, fc.boolean(), (some, title, isNarrow) => {
        const words = { title, description: title, floor: title };
        const size = isNarrow ? { width: 340, height: 280 } : { width: 720, height: 340 };
        const asked = { id: 'b', counts: some, forecast: forecastTail(some), words, number, day: String, ...size };
        expect(flaws(burnDown(asked))).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });

  it('draw any system as a tile', () => {
    const state = fc.constantFrom('waiting', 'moving', 'done');
    fc.assert(
      fc.property(state, anyCount, anyCount, (one, moved, total) => {
        expect(flaws(systemTile({ state: one, moved, total }))).toEqual([]);
      }),
    );
  });

  it('say in words what they show, and let no words out of their place', () => {
    const hostile = '</title><script>alert(1)</script>"\u0000\u001B[31m';
    const svg = stackedBar({ id: 'b', title: hostile, parts: [{ label: hostile, value: 1234, fill: 'dots' }], number });
    expect(parse(svg).textContent).toContain('alert(1)');
    expect(svg).not.toContain('<script');
    expect(svg).toContain(': 1,234');
    expect(svg).toContain('role="img" aria-labelledby="b-title b-desc"');
    expect(flaws(keySquare('k', 'stripes'))).toEqual([]);
  });

  it('leave a part that is there wide enough to be seen', () => {
    const parts = [
      { label: 'new', value: 1_000_000, fill: 'full' },
      { label: 'rejected', value: 1, fill: 'warn' },
    ] as const;
    const widths = [...stackedBar({ id: 'b', title: 't', parts, number }).matchAll(/<rect [^>]* width="([\d.]+)"/g)];
    expect(Number(widths[1]?.[1])).toBeGreaterThanOrEqual(2.9);
  });

  it('have round numbers at their side', () => {
    expect(roundTicks(0, 5)).toEqual([0, 1]);
    expect(roundTicks(7, 5)).toEqual([0, 2, 4, 6, 8]);
    expect(roundTicks(1234, 5)).toEqual([0, 500, 1000, 1500]);
  });
});
