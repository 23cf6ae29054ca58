import { UNDO_DAYS } from './decide-unmerge.ts';
import { stronger } from './kinds/second-factor.ts';
import { type MergeKind, mergeTable } from './merge-table.ts';
import type { MergeConflict, MergePlan, PlannedSide } from './merging.ts';
import type { Pair, Side } from './sides.ts';

/** What a confirm page tells before anything happens. Pure. */
export function planMerge(pair: Pair): MergePlan {
  return {
    survivor: describe(pair.survivor),
    absorbed: describe(pair.absorbed),
    rows: Object.entries(mergeTable).map(([kind, { fate }]) => {
      if (!isKind(kind)) throw new Error('unreachable');
      return { kind, fate: kind === 'password' && movesPassword(pair) ? 'moves' : fate, count: countOf(kind, pair) };
    }),
    conflicts: conflictsOf(pair),
    undoDays: UNDO_DAYS,
  };
}

const isKind = (kind: string): kind is MergeKind => kind in mergeTable;
const movesPassword = ({ survivor }: Pair): boolean => survivor.passwords.length === 0;
const liveLinks = ({ links }: Side): Side['links'] => links.filter(({ undoneAt }) => undoneAt === null);

const counts: { readonly [K in MergeKind]?: (side: Side) => number } = {
  contacts: ({ contacts }) => contacts.length,
  password: ({ passwords }) => passwords.length,
  links: (side) => liveLinks(side).length,
  subjects: ({ subjects }) => subjects.length,
};

const countOf = (kind: MergeKind, { absorbed }: Pair): number | undefined => counts[kind]?.(absorbed);

function describe(side: Side): PlannedSide {
  return {
    accountId: side.accountId,
    name: side.name ?? undefined,
    language: side.language,
    createdAt: new Date(side.createdAt),
    contacts: side.contacts.map(({ kind, value, primary, verifiedAt }) => ({
      kind,
      address: value,
      primary,
      verifiedAt: new Date(verifiedAt),
    })),
    hasPassword: side.passwords.length > 0,
    secondFactor: side.secondFactor,
    links: liveLinks(side).map(({ linkId, source, linkedAt }) => ({ linkId, source, linkedAt: new Date(linkedAt) })),
    sectors: side.subjects.map(({ sector }) => sector),
  };
}

function conflictsOf({ survivor, absorbed }: Pair): MergeConflict[] {
  const conflicts: MergeConflict[] = [];
  if (survivor.passwords.length > 0 && absorbed.passwords.length > 0) conflicts.push({ about: 'password' });
  if (absorbed.name !== null && absorbed.name !== survivor.name)
    conflicts.push({ about: 'name', stays: survivor.name ?? undefined, other: absorbed.name });
  if (absorbed.language !== survivor.language)
    conflicts.push({ about: 'language', stays: survivor.language, other: absorbed.language });
  if (absorbed.secondFactor !== survivor.secondFactor) {
    const holds = stronger(survivor.secondFactor, absorbed.secondFactor);
    conflicts.push({ about: 'second-factor', strongerIs: survivor.secondFactor === holds ? 'survivor' : 'absorbed' });
  }
  const known = new Set(survivor.subjects.map(({ sector }) => sector));
  for (const { sector } of absorbed.subjects) if (known.has(sector)) conflicts.push({ about: 'subject', sector });
  return conflicts;
}
