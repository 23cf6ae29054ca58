import { entriesOf } from '../sides.ts';
import type { KindRule } from './kind-rule.ts';

/**
 * The absorbed account is `merged`: its id lives on, nothing signs in to it.
 *
 * Undone, it is what it was. A suspension since then holds for both: it was of the person behind both, and undoing a merge
 * must not be a way out of it.
 */
export const status: KindRule = {
  join({ survivor, absorbed }) {
    return {
      pair: { survivor, absorbed: { ...absorbed, status: 'merged' } },
      entries: [{ kind: 'status', became: 'changed', from: { status: 'active' } }],
    };
  },

  part({ survivor, absorbed }, entries) {
    const [changed] = entriesOf(entries, 'status');
    if (!changed) return { survivor, absorbed };
    const back = survivor.status === 'suspended' ? 'suspended' : changed.from.status;
    return { survivor, absorbed: { ...absorbed, status: back } };
  },
};
