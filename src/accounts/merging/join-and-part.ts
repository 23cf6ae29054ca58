import type { Continues, Joined } from './kinds/kind-rule.ts';
import { rules } from './merge-table.ts';
import type { MergeEntry, Pair, Side } from './sides.ts';

/** Two accounts become one: what they are afterwards, and the ledger. Pure. */
export function join(pair: Pair, at: string): Joined {
  return rules.reduce<Joined>(
    (before, rule) => {
      const joined = rule.join(before.pair, at);
      return { pair: joined.pair, entries: [...before.entries, ...joined.entries] };
    },
    { pair: withNewVersions(pair), entries: [] },
  );
}

/** The same in reverse, from what the two are now and the ledger. Pure. */
export function part(pair: Pair, entries: readonly MergeEntry[], continues: Continues): Pair {
  return rules.reduce((before, rule) => rule.part(before, entries, continues), withNewVersions(pair));
}

/** A version only ever rises, when a merge is undone too: a proof from before must not become good again. */
function withNewVersions({ survivor, absorbed }: Pair): Pair {
  return {
    survivor: { ...survivor, version: survivor.version + 1 },
    absorbed: { ...absorbed, version: absorbed.version + 1 },
  };
}

/** Whether its owner can get in: with an address a password can be set anew. */
export function hasWayIn({ contacts }: Side): boolean {
  return contacts.some(({ kind }) => kind === 'email');
}
