import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createKeyRing } from '../../platform/crypto/key-ring.ts';
import { testConfig } from '../../../test/support/config.ts';
import { rentPortal } from '../../../test/support/legacy-estate.ts';
import { checkDefinition } from '../sources/check-definition.ts';
import { checkPlan } from './cutover-plan.ts';
import { bucketOf, isInCohort, isMoved, routeOf } from './route-of.ts';
import { assumedSides, type Sides, stageOf } from './sides.ts';

const keyRing = createKeyRing(testConfig().secrets);

function sidesAt(step: number, changes: Partial<Sides> = {}): Sides {
  const adapter = { family: 'http', method: 'M09', url: 'https://old.example/log-in' };
  const checked = checkDefinition(rentPortal({ adapter }));
  const planned = checkPlan({});
  if (checked.outcome === 'invalid' || planned.outcome === 'invalid') throw new Error(JSON.stringify(checked));
  const sides = { ...assumedSides(checked.definition), version: 1, plan: planned.plan, step, ...changes };
  return { ...sides, stage: stageOf(sides) };
}

describe('who is in a cohort', () => {
  it('stays in it when the percentage rises, and comes out when it falls', () => {
    const percent = fc.double({ min: 0, max: 100, noNaN: true });
    fc.assert(
      fc.property(fc.string(), percent, percent, (login, one, other) => {
        const [low, high] = [Math.min(one, other), Math.max(one, other)];
        const bucket = bucketOf(keyRing, 'rent-portal', login);
        expect(bucketOf(createKeyRing(testConfig().secrets), 'rent-portal', login)).toBe(bucket);
        expect(isInCohort(bucket, low) && !isInCohort(bucket, high)).toBe(false);
        expect(isInCohort(bucket, 0)).toBe(false);
        expect(isInCohort(bucket, 100)).toBe(true);
      }),
    );
  });

  it('is about as many as the percentage says, and others at another source', () => {
    const logins = Array.from({ length: 20_000 }, (_none, index) => `person-${index}`);
    const inAt = (source: string, percent: number): Set<string> =>
      new Set(logins.filter((login) => isInCohort(bucketOf(keyRing, source, login), percent)));
    for (const percent of [1, 5, 25, 50]) {
      const share = (inAt('rent-portal', percent).size / logins.length) * 100;
      expect(Math.abs(share - percent)).toBeLessThan(1.5);
    }
    const [here, there] = [inAt('rent-portal', 50), inAt('farm-register', 50)];
    const both = [...here].filter((login) => there.has(login)).length;
    expect(Math.abs(both / here.size - 0.5)).toBeLessThan(0.03);
  });

  it('is nobody before the first step', () => {
    expect(isMoved(keyRing, sidesAt(0), 'anna')).toBe(false);
    expect(isMoved(keyRing, sidesAt(5), 'anna')).toBe(true);
  });
});

describe('whose word counts', () => {
  const trusted = { authority: { password: 'new', email: 'new', phone: 'new', name: 'new', status: 'new' } } as const;
  it.each([
    ['side by side, asked directly', sidesAt(0), 'old-system', false, 'old'],
    ['side by side, the old believed', sidesAt(0), 'old-password', false, 'both'],
    ['side by side, the new believed', sidesAt(0, { ...trusted, plan: undefined }), 'old-password', false, 'new'],
    ['planned and not begun, the new believed', sidesAt(0, trusted), 'old-password', false, 'old'],
    ['planned and not begun, the old believed', sidesAt(0), 'old-password', false, 'both'],
    ['in shadow mode', sidesAt(0, { ...trusted, shadowSince: new Date() }), 'old-password', false, 'old'],
    ['cutting over, not reached yet', sidesAt(1, trusted), 'old-password', false, 'old'],
    ['cutting over, reached, the old believed', sidesAt(1), 'old-system', true, 'both'],
    ['cutting over, reached, the new believed', sidesAt(1, trusted), 'old-system', true, 'new'],
    ['finalised', sidesAt(0, { finalisedAt: new Date() }), 'old-password', false, 'new'],
  ] as const)('%s', (...[, sides, way, moved, served]) => {
    expect(routeOf(sides, way, moved)).toBe(served);
  });
});
