import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  comparable,
  comparablePair,
  contact,
  link,
  randomPair,
  randomSide,
} from '../../../test/support/merging-pairs.ts';
import { hasWayIn, join, part } from './join-and-part.ts';
import type { ContactRow, MergeEntry, Pair, Side, SubjectRow } from './sides.ts';
import { subjectChanges } from './subject-changes.ts';

const RUNS = 10_000;
const LIMIT_MS = 60_000;
const AT = '2026-11-22T12:00:00.000000Z';
const LATER = '2026-11-23T12:00:00.000000Z';

// ── Changes between ─────────────────────────────────────────────────────────────────────────────────────────────────
// Each is told twice: once of the merged account, and once, in `apart`, of the two accounts as if they had never met. The
// second telling is the definition of "the side it belongs to"; it knows nothing of ledgers.

interface World {
  merged: Pair;
  apart: Pair;
  readonly entries: readonly MergeEntry[];
  readonly continues: Map<string, string>;
  fresh: number;
}

type Change = (world: World, pick: number) => void;

const at = <R>(rows: readonly R[], pick: number): R | undefined => rows[pick % Math.max(1, rows.length)];

function editMerged(world: World, edit: (side: Side) => Side): void {
  world.merged = { ...world.merged, survivor: edit(world.merged.survivor) };
}

function editApart(world: World, name: keyof Pair, edit: (side: Side) => Side): void {
  world.apart = { ...world.apart, [name]: edit(world.apart[name]) };
}

const had = (world: World, valueKey: string): boolean =>
  world.entries.some((entry) => entry.kind === 'contact' && entry.from.valueKey === valueKey);

const leaderless = (rows: readonly ContactRow[], kind: string): boolean =>
  !rows.some((row) => row.kind === kind && row.primary);

function withOldestFirst(rows: readonly ContactRow[], kind: string): ContactRow[] {
  const [oldest] = rows
    .filter((row) => row.kind === kind)
    .toSorted((one, other) =>
      `${one.createdAt} ${one.identityId}` < `${other.createdAt} ${other.identityId}` ? -1 : 1,
    );
  return leaderless(rows, kind) ? rows.map((row) => (row === oldest ? { ...row, primary: true } : row)) : [...rows];
}

const removeContact =
  (row: ContactRow) =>
  (side: Side): Side => ({
    ...side,
    contacts: withOldestFirst(
      side.contacts.filter(({ valueKey }) => valueKey !== row.valueKey),
      row.kind,
    ),
  });

const addContact =
  (row: ContactRow) =>
  (side: Side): Side => ({
    ...side,
    contacts: [...side.contacts, { ...row, primary: leaderless(side.contacts, row.kind) }],
  });

const changes: Readonly<Record<string, Change>> = {
  'a new contact is the survivor’s'(world) {
    const row = contact(`new-${(world.fresh += 1)}`, world.fresh % 3 === 0 ? 'phone' : 'email', LATER, false);
    editMerged(world, addContact(row));
    editApart(world, 'survivor', addContact(row));
  },
  'a contact that is removed stays removed'(world, pick) {
    const row = at(world.merged.survivor.contacts, pick);
    if (!row) return;
    editMerged(world, removeContact(row));
    editApart(world, had(world, row.valueKey) ? 'absorbed' : 'survivor', removeContact(row));
  },
  'a contact that was removed and is proved anew goes back to its side'(world, pick) {
    const gone = world.entries.flatMap((entry) =>
      entry.kind === 'contact' &&
      !world.merged.survivor.contacts.some(({ valueKey }) => valueKey === entry.from.valueKey)
        ? [entry.from]
        : [],
    );
    const row = at(gone, pick);
    if (!row) return;
    const again = { ...row, identityId: `again-${(world.fresh += 1)}`, createdAt: LATER, verifiedAt: LATER };
    editMerged(world, addContact(again));
    editApart(world, 'absorbed', addContact(again));
  },
  'a password that is set is the survivor’s'(world) {
    const row = { credentialId: `new-${(world.fresh += 1)}`, secret: 'new', belowPolicy: false, createdAt: LATER };
    editMerged(world, (side) => ({ ...side, passwords: [row] }));
    editApart(world, 'survivor', (side) => ({ ...side, passwords: [row] }));
    // The other account has its own again as it was when they met: a re-hash of the same password is not kept twice.
    const passwords = world.entries.flatMap((entry) => (entry.kind === 'password' ? [entry.from] : []));
    editApart(world, 'absorbed', (side) => ({ ...side, passwords }));
  },
  'a password that is re-hashed is whose it was'(world) {
    const [current] = world.merged.survivor.passwords;
    if (!current) return;
    const rehash = (side: Side): Side => ({
      ...side,
      passwords: side.passwords.map((row) =>
        row.credentialId === current.credentialId ? { ...row, secret: `${current.secret}+` } : row,
      ),
    });
    editMerged(world, rehash);
    editApart(world, 'survivor', rehash);
    editApart(world, 'absorbed', rehash);
  },
  'a link that is undone stays undone, on its side'(world, pick) {
    const row = at(world.merged.survivor.links, pick);
    const undo = (side: Side): Side => ({
      ...side,
      links: side.links.map((one) => (one.linkId === row?.linkId ? { ...one, undoneAt: LATER } : one)),
    });
    editMerged(world, undo);
    editApart(world, 'survivor', undo);
    editApart(world, 'absorbed', undo);
  },
  'a link that is added is the survivor’s'(world) {
    const row = link(`new-${(world.fresh += 1)}`, LATER, [{ of: 'account', kind: 'signed-in' }]);
    editMerged(world, (side) => ({ ...side, links: [...side.links, row] }));
    editApart(world, 'survivor', (side) => ({ ...side, links: [...side.links, row] }));
  },
  'a link whose proof names a contact or password is of the account that had it'(world, pick) {
    const ids = [world.apart.survivor, world.apart.absorbed].flatMap((side) => [
      ...side.contacts.map(({ identityId }) => ({ identityId, side })),
      ...side.passwords.map(({ credentialId }) => ({ credentialId, side })),
    ]);
    const named = at(
      ids.filter((one) => !('identityId' in one) || !one.identityId.startsWith('again-')),
      pick,
    );
    if (!named) return;
    const { side: owner, ...id } = named;
    const row = link(`new-${(world.fresh += 1)}`, LATER, [{ of: 'account', kind: 'email-code', ...id }]);
    const add = (side: Side): Side => ({ ...side, links: [...side.links, row] });
    editMerged(world, add);
    editApart(world, owner === world.apart.absorbed ? 'absorbed' : 'survivor', add);
  },
  'a subject that is first written is the survivor’s'(world, pick) {
    const sector = ['rents', 'permits', 'grants', 'licences', 'taxes', `new-${pick % 3}`][pick % 6] ?? 'rents';
    if (world.merged.survivor.subjects.some((row) => row.sector === sector)) return;
    const row: SubjectRow = {
      sector,
      sub: `new-${(world.fresh += 1)}`,
      origin: 'derived',
      source: null,
      createdAt: LATER,
    };
    const add = (side: Side): Side => ({ ...side, subjects: [...side.subjects, row] });
    editMerged(world, add);
    editApart(world, 'survivor', add);
  },
  'a sector that another one continues takes along what it knew'(world, pick) {
    const from = at(world.merged.survivor.subjects, pick)?.sector;
    if (from === undefined) return;
    const to = `continued-${(world.fresh += 1)}`;
    world.continues.set(to, from);
    const copy = (side: Side): Side => ({
      ...side,
      subjects: side.subjects.flatMap((row) => (row.sector === from ? [row, { ...row, sector: to }] : [row])),
      aliases: side.aliases.flatMap((row) => (row.sector === from ? [row, { ...row, sector: to }] : [row])),
    });
    editMerged(world, copy);
    editApart(world, 'survivor', copy);
    editApart(world, 'absorbed', copy);
  },
  'name and language are the survivor’s'(world, pick) {
    const language = pick % 2 === 0 ? 'en' : 'cy';
    editMerged(world, (side) => ({ ...side, name: `new ${pick}`, language }));
    editApart(world, 'survivor', (side) => ({ ...side, name: `new ${pick}`, language }));
  },
  'a suspension is of the person, so of both'(world, pick) {
    if (pick % 5 !== 0) return;
    editMerged(world, (side) => ({ ...side, status: 'suspended' }));
    editApart(world, 'survivor', (side) => ({ ...side, status: 'suspended' }));
    editApart(world, 'absorbed', (side) => ({ ...side, status: 'suspended' }));
  },
  'the second-factor policy that is set is the survivor’s'(world, pick) {
    const secondFactor = pick % 2 === 0 ? 'always' : 'when-asked';
    editMerged(world, (side) => ({ ...side, secondFactor }));
  },
  'which contact comes first'(world, pick) {
    const row = at(world.merged.survivor.contacts, pick);
    if (!row) return;
    const lead = (side: Side): Side => ({
      ...side,
      contacts: side.contacts.map((one) =>
        one.kind === row.kind ? { ...one, primary: one.valueKey === row.valueKey } : one,
      ),
    });
    editMerged(world, lead);
  },
};

/** What is decided by how things stand at the end: who comes first, and the policy. */
function settle(world: World, before: Pair, joined: Pair): Pair {
  const { merged, apart } = world;
  const { secondFactor } = merged.survivor;
  const keeps = secondFactor === joined.survivor.secondFactor;
  return {
    survivor: {
      ...apart.survivor,
      contacts: firstBy(apart.survivor.contacts, [merged.survivor, before.survivor]),
      secondFactor: keeps ? before.survivor.secondFactor : secondFactor,
    },
    absorbed: { ...apart.absorbed, contacts: firstBy(apart.absorbed.contacts, [before.absorbed, merged.survivor]) },
  };
}

function firstBy(rows: readonly ContactRow[], authorities: readonly Side[]): ContactRow[] {
  const bare = rows.map((row) => ({ ...row, primary: false }));
  return ['email', 'phone'].reduce<ContactRow[]>((all, kind) => {
    const leaders = authorities.flatMap(({ contacts }) =>
      contacts.filter((row) => row.kind === kind && row.primary).map(({ valueKey }) => valueKey),
    );
    const leader = leaders.find((key) => all.some(({ valueKey }) => valueKey === key));
    if (leader === undefined) return withOldestFirst(all, kind);
    return all.map((row) => (row.valueKey === leader ? { ...row, primary: true } : row));
  }, bare);
}

const randomChanges = fc.array(fc.tuple(fc.constantFrom(...Object.keys(changes)), fc.nat({ max: 1000 })), {
  maxLength: 12,
});

describe('E10: un-merge(merge(a, b)) = (a, b)', () => {
  it(
    `exactly, over ${RUNS} random pairs`,
    () => {
      fc.assert(
        fc.property(randomPair, (pair) => {
          const { pair: joined, entries } = join(pair, AT);
          expect(comparablePair(part(joined, entries, new Map()))).toEqual(comparablePair(pair));
        }),
        { numRuns: RUNS },
      );
    },
    LIMIT_MS,
  );

  it(
    `and what changed between goes to the side it belongs to, over ${RUNS} random pairs`,
    () => {
      const made = new Map<string, number>();
      fc.assert(
        fc.property(randomPair, randomChanges, (pair, sequence) => {
          const { pair: joined, entries } = join(pair, AT);
          const world: World = { merged: joined, apart: pair, entries, continues: new Map(), fresh: 0 };
          for (const [name, pick] of sequence) {
            changes[name]?.(world, pick);
            made.set(name, (made.get(name) ?? 0) + 1);
          }
          const expected = settle(world, pair, joined);
          expect(comparablePair(part(world.merged, entries, world.continues))).toEqual(comparablePair(expected));
        }),
        { numRuns: RUNS },
      );
      expect(Object.keys(changes).filter((name) => (made.get(name) ?? 0) < RUNS / 20)).toEqual([]);
    },
    LIMIT_MS,
  );

  it(
    'over chains of merges, undone in reverse order',
    () => {
      const four = fc.tuple(...['anna', 'beth', 'cara', 'dana'].map(randomSide));
      const order = fc.array(fc.tuple(fc.nat({ max: 3 }), fc.nat({ max: 3 })), { minLength: 2, maxLength: 6 });
      fc.assert(
        fc.property(four, order, (sides, merges) => {
          const accounts = [...sides];
          const done: { s: number; a: number; entries: readonly MergeEntry[] }[] = [];
          for (const [s, a] of merges) {
            const [survivor, absorbed] = [accounts[s]!, accounts[a]!];
            if (s === a || survivor.status === 'merged' || absorbed.status === 'merged') continue;
            const joined = join({ survivor, absorbed }, AT);
            [accounts[s], accounts[a]] = [joined.pair.survivor, joined.pair.absorbed];
            done.push({ s, a, entries: joined.entries });
          }
          for (const { s, a, entries } of done.toReversed()) {
            const back = part({ survivor: accounts[s]!, absorbed: accounts[a]! }, entries, new Map());
            [accounts[s], accounts[a]] = [back.survivor, back.absorbed];
          }
          expect(accounts.map(comparable)).toEqual(sides.map(comparable));
        }),
        { numRuns: RUNS / 2 },
      );
    },
    LIMIT_MS,
  );
});

describe('a merge', () => {
  it('raises the version of both, each way', () => {
    fc.assert(
      fc.property(randomPair, (pair) => {
        const { pair: joined, entries } = join(pair, AT);
        const back = part(joined, entries, new Map());
        for (const side of ['survivor', 'absorbed'] as const) {
          expect(joined[side].version).toBe(pair[side].version + 1);
          expect(back[side].version).toBe(pair[side].version + 2);
        }
      }),
    );
  });

  it('L15, pain 15: removes nothing, leaves a way in, and one that comes first of each kind', () => {
    fc.assert(
      fc.property(randomPair, (pair) => {
        const { survivor, absorbed } = join(pair, AT).pair;
        expect(hasWayIn(survivor)).toBe(true);
        for (const list of ['contacts', 'links'] as const) {
          expect(survivor[list]).toHaveLength(pair.survivor[list].length + pair.absorbed[list].length);
          expect(absorbed[list]).toHaveLength(0);
        }
        for (const kind of ['email', 'phone']) {
          const ofKind = survivor.contacts.filter((row) => row.kind === kind);
          expect(ofKind.filter(({ primary }) => primary)).toHaveLength(ofKind.length > 0 ? 1 : 0);
        }
        expect(survivor.subjects.length + survivor.aliases.length).toBe(
          pair.survivor.subjects.length + pair.absorbed.subjects.length,
        );
        expect(survivor.passwords).toEqual(
          pair.survivor.passwords.length > 0 ? pair.survivor.passwords : pair.absorbed.passwords,
        );
      }),
      { numRuns: 2000 },
    );
  });

  it('LA34: keeps the stronger second-factor policy', () => {
    fc.assert(
      fc.property(randomPair, (pair) => {
        const asked = [pair.survivor.secondFactor, pair.absorbed.secondFactor];
        expect(join(pair, AT).pair.survivor.secondFactor).toBe(asked.includes('always') ? 'always' : 'when-asked');
      }),
    );
  });

  it('D12: a sub that a sector has on record never changes hands, and each change of standing is told once', () => {
    fc.assert(
      fc.property(randomPair, (pair) => {
        const { pair: joined, entries } = join(pair, AT);
        const told = subjectChanges(pair, joined);
        const known = new Map(pair.survivor.subjects.map(({ sector, sub }) => [sector, sub]));
        expect(told).toEqual(
          pair.absorbed.subjects
            .filter(({ sector }) => known.has(sector))
            .map(({ sector, sub }) => ({ sector, change: 'joined', from: sub, to: known.get(sector) })),
        );
        for (const { sector, sub } of pair.survivor.subjects)
          expect(joined.survivor.subjects).toContainEqual(expect.objectContaining({ sector, sub }));
        const back = part(joined, entries, new Map());
        expect(subjectChanges(joined, back)).toEqual(
          told.map(({ sector, from }) => ({ sector, change: 'parted', from, to: from })),
        );
      }),
    );
  });
});
