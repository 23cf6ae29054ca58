import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DayCount, forecastTail, waitingOn } from './fit-tail.ts';

interface Known {
  readonly floor: number;
  readonly rest: number;
  readonly halfLife: number;
}

/** A curve that is known, with a wobble that repeats. */
const countsOf = ({ floor, rest, halfLife }: Known, days: number, wobble = 0): DayCount[] =>
  Array.from({ length: days }, (_, day) => ({
    day,
    waiting: Math.round(floor + rest * 0.5 ** (day / halfLife) + wobble * Math.sin(day * 2.4)),
  }));

describe('the forecast of a tail', () => {
  it.each([
    [{ floor: 12_000, rest: 88_000, halfLife: 14 }, 60, 0],
    [{ floor: 12_000, rest: 88_000, halfLife: 14 }, 60, 300],
    [{ floor: 0, rest: 5_000, halfLife: 9 }, 45, 5],
    [{ floor: 1_900_000, rest: 2_600_000, halfLife: 30 }, 120, 4_000],
  ])('finds what a known curve levels out at: %j', (known, days, wobble) => {
    const forecast = forecastTail(countsOf(known, days, wobble));
    if (forecast.outcome !== 'forecast') throw new Error(forecast.outcome);
    const { low, likely, high } = forecast.floor;
    const whole = known.floor + known.rest;
    expect(Math.abs(likely - known.floor)).toBeLessThan(whole * 0.04);
    expect(low).toBeLessThanOrEqual(known.floor + whole * 0.01);
    expect(high).toBeGreaterThanOrEqual(known.floor - whole * 0.01);
    const day = days + 60;
    const truth = known.floor + known.rest * 0.5 ** (day / known.halfLife);
    expect(Math.abs(waitingOn(forecast.likely, day) - truth)).toBeLessThan(whole * 0.04);
  });

  it('does not follow two odd days', () => {
    const known = { floor: 20_000, rest: 60_000, halfLife: 12 };
    const odd = countsOf(known, 60, 50).map((one) =>
      one.day > 52 && one.day < 55 ? { ...one, waiting: one.waiting - 9_000 } : one,
    );
    const forecast = forecastTail(odd);
    if (forecast.outcome !== 'forecast') throw new Error(forecast.outcome);
    expect(Math.abs(forecast.floor.likely - 20_000)).toBeLessThan(600);
  });

  it('begins again after an import', () => {
    const before = countsOf({ floor: 500, rest: 9_500, halfLife: 10 }, 40);
    const after = countsOf({ floor: 30_000, rest: 70_000, halfLife: 10 }, 10).map((one) => ({
      ...one,
      day: one.day + 40,
    }));
    expect(forecastTail([...before, ...after])).toEqual({ outcome: 'too-early', days: 10, needed: 14 });
  });

  it('draws no line where the counts say nothing', () => {
    expect(forecastTail([])).toEqual({ outcome: 'nothing-waits' });
    expect(forecastTail([{ day: 3, waiting: 0 }])).toEqual({ outcome: 'nothing-waits' });
    expect(forecastTail(countsOf({ floor: 100, rest: 900, halfLife: 9 }, 13)).outcome).toBe('too-early');
    const still = Array.from({ length: 40 }, (_, day) => ({ day, waiting: 5_000 }));
    expect(forecastTail(still)).toEqual({ outcome: 'open-ended', perDay: 0 });
    // As straight as a rule: it may end at nobody or at nearly everybody.
    const straight = Array.from({ length: 30 }, (_, day) => ({ day, waiting: 90_000 - day * 40 }));
    expect(forecastTail(straight).outcome).toBe('open-ended');
  });

  it('bears any counts', () => {
    const waiting = fc.array(fc.nat(2_000_000_000), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(waiting, (values) => {
        const forecast = forecastTail(values.map((value, day) => ({ day, waiting: value })));
        if (forecast.outcome !== 'forecast') return;
        const { low, likely, high } = forecast.floor;
        expect(low).toBeLessThanOrEqual(likely);
        expect(likely).toBeLessThanOrEqual(high);
        expect(low).toBeGreaterThanOrEqual(0);
        expect(Number.isFinite(forecast.settlesBy)).toBe(true);
      }),
      { numRuns: 150 },
    );
  });
});
