import { entriesOf, type SecondFactor } from '../sides.ts';
import type { KindRule } from './kind-rule.ts';

/**
 * The stronger policy holds (linking-attacks 34).
 *
 * Undone, each account has its own again; one that was changed since is the survivor's.
 */
export const secondFactor: KindRule = {
  join({ survivor, absorbed }) {
    const merged = stronger(survivor.secondFactor, absorbed.secondFactor);
    const from = { survivor: survivor.secondFactor, merged };
    return {
      pair: { survivor: { ...survivor, secondFactor: merged }, absorbed },
      entries: merged === from.survivor ? [] : [{ kind: 'second-factor', became: 'changed', from }],
    };
  },

  part({ survivor, absorbed }, entries) {
    const [changed] = entriesOf(entries, 'second-factor');
    if (changed?.from.merged !== survivor.secondFactor) return { survivor, absorbed };
    return { survivor: { ...survivor, secondFactor: changed.from.survivor }, absorbed };
  },
};

export function stronger(one: SecondFactor, other: SecondFactor): SecondFactor {
  return one === 'always' || other === 'always' ? 'always' : 'when-asked';
}
