import { type ContactRow, entriesOf } from '../sides.ts';
import type { KindRule } from './kind-rule.ts';

/**
 * Contacts move, and none of them comes first where the survivor has one of its kind that does.
 *
 * Undone, an address goes back to the account that had it: by its value, not by its row, so that one which was removed
 * and proved anew goes back too. One that was removed stays removed; one that is new stays with the survivor.
 */
export const contacts: KindRule = {
  join({ survivor, absorbed }) {
    const first = survivor.contacts.filter(({ primary }) => primary);
    const taken = new Set(first.map(({ kind }) => kind));
    const moved = absorbed.contacts.map((one) => ({ ...one, primary: one.primary && !taken.has(one.kind) }));
    return {
      pair: {
        survivor: { ...survivor, contacts: [...survivor.contacts, ...moved] },
        absorbed: { ...absorbed, contacts: [] },
      },
      entries: [
        ...absorbed.contacts.map((from) => ({ kind: 'contact', became: 'moved', from }) as const),
        ...first.map(({ valueKey }) => ({ kind: 'primary-contact', became: 'changed', from: { valueKey } }) as const),
      ],
    };
  },

  part({ survivor, absorbed }, entries) {
    const had = entriesOf(entries, 'contact').map(({ from }) => from);
    const theirs = new Set(had.map(({ valueKey }) => valueKey));
    const now = keysOf(survivor.contacts.filter(({ primary }) => primary));
    const before = entriesOf(entries, 'primary-contact').map(({ from }) => from.valueKey);
    const stay = survivor.contacts.filter(({ valueKey }) => !theirs.has(valueKey));
    const back = survivor.contacts.filter(({ valueKey }) => theirs.has(valueKey));
    const beforeThere = keysOf(had.filter(({ primary }) => primary));
    return {
      // The choice of a first address was the merged account's, so it is the survivor's where it can be.
      survivor: { ...survivor, contacts: withFirst(stay, [...now, ...before]) },
      absorbed: { ...absorbed, contacts: withFirst([...absorbed.contacts, ...back], [...beforeThere, ...now]) },
    };
  },
};

const keysOf = (rows: readonly ContactRow[]): string[] => rows.map(({ valueKey }) => valueKey);

/** Of each kind exactly one comes first: the earliest named in `preferred`, else the oldest. */
function withFirst(rows: readonly ContactRow[], preferred: readonly string[]): ContactRow[] {
  const first = new Map<string, ContactRow>();
  const rank = ({ valueKey }: ContactRow): number => {
    const place = preferred.indexOf(valueKey);
    return place === -1 ? preferred.length : place;
  };
  for (const row of rows) {
    const leader = first.get(row.kind);
    if (!leader || rank(row) < rank(leader) || (rank(row) === rank(leader) && isOlder(row, leader)))
      first.set(row.kind, row);
  }
  return rows.map((row) => ({ ...row, primary: first.get(row.kind) === row }));
}

function isOlder(one: ContactRow, other: ContactRow): boolean {
  return one.createdAt < other.createdAt || (one.createdAt === other.createdAt && one.identityId < other.identityId);
}
