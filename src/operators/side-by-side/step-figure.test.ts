import { describe, expect, it } from 'vitest';
import { DEFAULT_PLAN, type CutoverStatus } from '../../migration/index.ts';
import { stepFigure } from './step-figure.ts';
import { measuresOf, stepsOf } from './step-limits.ts';

const watched = {
  new: { samples: 40, failureRate: 0.1, p95Ms: 400 },
  old: { samples: 900, failureRate: 0.02, p95Ms: 300 },
  answers: 40,
  complaints: 2,
  broken: undefined,
};
const statusOf = (of: Partial<CutoverStatus['watched']>): CutoverStatus => ({
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what is measured needs the plan only
  sides: { plan: DEFAULT_PLAN } as CutoverStatus['sides'],
  percent: 5,
  watched: { ...watched, ...of },
});

describe('what a step is measured by', () => {
  it('has the nearer limit: the plan’s own, or so much above the old side', () => {
    const limits = (of: Parameters<typeof statusOf>[0]) =>
      measuresOf(statusOf(of))?.map(({ limit }) => Math.round(limit * 1000) / 1000);
    expect(limits({})).toEqual([0.17, 1300, 5]);
    expect(limits({ old: undefined })).toEqual([0.5, 3000, 5]);
    expect(limits({ old: { samples: 900, failureRate: 0.6, p95Ms: 4000 } })).toEqual([0.5, 3000, 5]);
  });

  it('lists the steps with the one that is under way', () => {
    const statuses = (step: number) =>
      stepsOf({ ...DEFAULT_PLAN, steps: [1, 5, 100] }, step).map(({ status }) => status);
    expect(statuses(0)).toEqual(['waiting', 'waiting', 'waiting']);
    expect(statuses(2)).toEqual(['done', 'now', 'waiting']);
  });
});

describe('the figure of a step', () => {
  const draw = (value: number, limit: number, width = 335): string =>
    stepFigure({
      id: 'f',
      title: 'A step',
      description: 'New <5>',
      width,
      className: 'c',
      rows: [
        {
          label: 'Failed & slow',
          bars: [{ label: 'new', value, said: `${value}`, isFull: true }],
          limit: { value: limit, said: 'above it' },
        },
      ],
    });

  it.each([
    [0, 10],
    [5, 10],
    [10, 10],
    [10_000, 10],
    [0.001, 1],
    [0, 0],
  ])('stays within its frame and writes finite numbers (%d of %d)', (value, limit) => {
    const svg = draw(value, limit);
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
    const ends = [...svg.matchAll(/x="([\d.]+)"[^>]*? width="([\d.]+)"/g)].map(
      ([, x, wide]) => Number(x) + Number(wide),
    );
    for (const end of ends) expect(end).toBeLessThanOrEqual(335);
  });

  it('is words beside the picture, escaped', () => {
    const svg = draw(5, 10);
    expect(svg).toContain('<desc id="f-desc">New &lt;5&gt;</desc>');
    expect(svg).toContain('Failed &amp; slow');
    expect(svg).not.toMatch(/style=|<style|<script/);
  });

  it('shows what is there, however little it is', () => {
    expect(draw(0.0001, 1)).toMatch(/<rect [^>]*width="3"/);
    expect(draw(0, 1)).not.toContain('<rect');
  });
});
