import type { KeyRing } from '../../platform/crypto/key-ring.ts';
import type { Sides } from './sides.ts';

/**
 * Whose word counts for one sign-in. `old`: the old system's alone. `both`: both are asked, and the old system's counts
 * while it can be reached. `new`: what was imported, and the old system is not asked.
 */
export type Served = 'old' | 'both' | 'new';

const BUCKETS = 10_000;

/** Where a user name stands among all of its source: the same for ever, on every node, and known to nobody else. */
export const bucketOf = (keyRing: KeyRing, source: string, normalisedLogin: string): number =>
  keyRing.lookupKey('cutover-cohort', source, normalisedLogin).readUInt32BE(0) % BUCKETS;

/** Raising a percentage only adds people. */
export const isInCohort = (bucket: number, percent: number): boolean => bucket < (percent / 100) * BUCKETS;

/** Whether the new side serves somebody at the step that the cut-over has reached. */
export function isMoved(keyRing: KeyRing, sides: Sides, normalisedLogin: string): boolean {
  const percent = sides.plan?.steps[sides.step - 1];
  return percent !== undefined && isInCohort(bucketOf(keyRing, sides.source, normalisedLogin), percent);
}

/** For a source whose old system can be asked with what was typed; elsewhere there is nothing to choose. */
export function routeOf(sides: Sides, way: 'old-password' | 'old-system', moved: boolean): Served {
  const asImported = sides.authority.password === 'old' ? 'both' : 'new';
  if (sides.stage === 'finalised') return 'new';
  if (sides.stage === 'cutting-over') return moved ? asImported : 'old';
  // Shadow mode serves the old side; what it compares must not be what decides. Nor has anybody moved before the first step
  // of a plan, or when it has gone all the way back: with the new side believed, that must not send everybody to it.
  const isOldOnly = way === 'old-system' || sides.shadowSince !== undefined;
  return isOldOnly || (sides.plan && asImported === 'new') ? 'old' : asImported;
}
