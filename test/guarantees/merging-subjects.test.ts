import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MapRow, MoveSector, MoveSectorOutcome } from '../../src/accounts/index.ts';
import { type MergingEstate, mergingEstate, type Person } from '../support/merging-estate.ts';

let estate: MergingEstate;
beforeAll(async () => {
  estate = await mergingEstate();
});
afterAll(() => estate.drop());

const OPERATOR = { actor: 'operator:pat' };
const find = (person: Person, sector: string): Promise<string | undefined> =>
  estate.accounts.subjects.find(person.accountId, sector);
const ensure = (person: Person, sector: string): Promise<string> =>
  estate.db.transaction((tx) => estate.accounts.subjects.ensure(tx, { accountId: person.accountId, sector }));
const aliases = (person: Person, sector: string): Promise<readonly string[]> =>
  estate.accounts.subjects.alsoKnownAs(person.accountId, sector);
const move = (request: MoveSector): Promise<MoveSectorOutcome> =>
  estate.accounts.subjects.moveSector(request, OPERATOR);

/** What a service would make of every page of its map. */
async function fetchMap(sector: string, clientId = 'a-service', limit = 2): Promise<readonly MapRow[]> {
  const rows: MapRow[] = [];
  for (let after: string | undefined; ;) {
    const page = await estate.accounts.subjects.mapOf({ sector, clientId, after, limit });
    expect(page.sector).toBe(sector);
    rows.push(...page.rows);
    after = page.next;
    if (after === undefined) return rows;
  }
}

async function follow(sector: string, from: string): Promise<string> {
  const rows = new Map((await fetchMap(sector)).map((row) => [row.from, row.to]));
  let standing = from;
  for (let next = rows.get(standing); next !== undefined && next !== standing; next = rows.get(standing))
    standing = next;
  return standing;
}

describe('D12, E11: two accounts that a sector knew become one', () => {
  it('the surviving sub stays, the other is known as its alias, and the sector is told in the transaction', async () => {
    const survivor = await estate.person({ derived: ['rents-1'], inherited: ['permits-1'] });
    const absorbed = await estate.person({ inherited: ['rents-1'], derived: ['taxes-1'] });
    const [stays, other, moved] = [
      await find(survivor, 'rents-1'),
      await find(absorbed, 'rents-1'),
      await find(absorbed, 'taxes-1'),
    ];
    estate.heard.length = 0;
    const { mergeId, subjects } = await estate.mustMerge(survivor, absorbed);
    expect(await ensure(survivor, 'rents-1')).toBe(stays);
    expect(await ensure(survivor, 'taxes-1')).toBe(moved);
    expect(await aliases(survivor, 'rents-1')).toEqual([other]);
    expect(await aliases(survivor, 'taxes-1')).toEqual([]);
    const told = [{ sector: 'rents-1', change: 'joined', from: other, to: stays }];
    expect(subjects).toEqual(told);
    expect(estate.heard).toEqual(told);
    expect(await follow('rents-1', other!)).toBe(stays);

    estate.heard.length = 0;
    estate.clock.now = new Date(estate.clock.now.getTime() + 1000);
    await estate.unmerge(survivor, mergeId);
    expect(estate.heard).toEqual([{ sector: 'rents-1', change: 'parted', from: other, to: other }]);
    expect(await ensure(absorbed, 'rents-1')).toBe(other);
    expect(await ensure(absorbed, 'taxes-1')).toBe(moved);
    expect(await aliases(survivor, 'rents-1')).toEqual([]);
    expect(await follow('rents-1', other!)).toBe(other);
    expect(await find(survivor, 'taxes-1')).toBeUndefined();
    expect(await ensure(survivor, 'taxes-1')).not.toBe(moved);
  });

  it('L11: the alias is nobody else’s, whoever asks for it', async () => {
    const [survivor, absorbed] = [
      await estate.person({ derived: ['rents-2'] }),
      await estate.person({ inherited: ['rents-2'] }),
    ];
    const sub = (await find(absorbed, 'rents-2'))!;
    await estate.mustMerge(survivor, absorbed);
    const stranger = await estate.person();
    const outcome = await estate.db.transaction((tx) =>
      estate.accounts.subjects.inherit(tx, { accountId: stranger.accountId, sector: 'rents-2', sub, source: 'portal' }),
    );
    expect(outcome).toEqual({ outcome: 'taken' });
  });

  it('chains: every earlier sub leads to the one that stands', async () => {
    const people = [];
    for (let n = 0; n < 4; n += 1) people.push(await estate.person({ derived: ['rents-3'] }));
    const [anna, beth, cara, dana] = people as [Person, Person, Person, Person];
    const subs = await Promise.all(people.map((person) => find(person, 'rents-3')));
    await estate.mustMerge(anna, beth);
    await estate.mustMerge(cara, anna);
    await estate.mustMerge(cara, dana);
    expect(new Set(await aliases(cara, 'rents-3'))).toEqual(new Set([subs[0], subs[1], subs[3]]));
    for (const sub of subs) expect(await follow('rents-3', sub!)).toBe(subs[2]);
  });

  it('E11: a map holds its own sector’s subs only, page by page, and what changed since', async () => {
    for (let n = 0; n < 5; n += 1) {
      const spec = { derived: ['rents-4', 'permits-4'] };
      await estate.mustMerge(await estate.person(spec), await estate.person(spec));
    }
    const [rents, permits] = [await fetchMap('rents-4'), await fetchMap('permits-4')];
    expect([rents.length, permits.length]).toEqual([5, 5]);
    const subsOf = (rows: readonly MapRow[]): string[] => rows.flatMap(({ from, to }) => [from, to]);
    expect(subsOf(rents).filter((sub) => subsOf(permits).includes(sub))).toEqual([]);
    expect(await fetchMap('nobody-4')).toEqual([]);
    const since = new Date(estate.clock.now.getTime() + 61_000);
    const { mapOf } = estate.accounts.subjects;
    expect((await mapOf({ sector: 'rents-4', clientId: 'x', since })).rows).toEqual([]);
    expect((await mapOf({ sector: 'rents-4', clientId: 'x', since: estate.clock.now })).rows).toHaveLength(5);
    for (const after of ['x', '', Buffer.from('["a"]').toString('base64url'), Buffer.from('{').toString('base64url')])
      await expect(mapOf({ sector: 'rents-4', clientId: 'x', after })).rejects.toMatchObject({ code: 'input_invalid' });
  });
});

describe('a sector that continues another one', () => {
  it('keeps every sub, aliases too, where that is asked for', async () => {
    const [survivor, absorbed, inherited] = [
      await estate.person({ derived: ['old-5'] }),
      await estate.person({ derived: ['old-5'] }),
      await estate.person({ inherited: ['old-5'] }),
    ];
    await estate.mustMerge(survivor, absorbed);
    expect(await move({ from: 'old-5', to: 'new-5', subs: 'kept' })).toEqual({ outcome: 'moved', moved: 2 });
    for (const person of [survivor, inherited]) expect(await ensure(person, 'new-5')).toBe(await find(person, 'old-5'));
    expect(await aliases(survivor, 'new-5')).toEqual(await aliases(survivor, 'old-5'));
    expect(await fetchMap('new-5')).toEqual([]);
    expect(await move({ from: 'old-5', to: 'new-5', subs: 'kept' })).toEqual({ outcome: 'moved', moved: 0 });
  });

  it('or has its own, and a map of old → new that only the services that changed over can read', async () => {
    const [one, other] = [await estate.person({ derived: ['old-6'] }), await estate.person({ inherited: ['old-6'] })];
    const request = { from: 'old-6', to: 'new-6', subs: 'new', clientIds: ['came-along'] } as const;
    expect(await move(request)).toEqual({ outcome: 'moved', moved: 2 });
    for (const person of [one, other]) {
      const [before, after] = [await find(person, 'old-6'), await ensure(person, 'new-6')];
      expect(after).not.toBe(before);
      expect(await fetchMap('new-6', 'came-along')).toContainEqual(
        expect.objectContaining({ fromSector: 'old-6', from: before, to: after, change: 'moved' }),
      );
    }
    expect(await fetchMap('new-6', 'registered-later')).toEqual([]);
    expect(await fetchMap('old-6', 'came-along')).toEqual([]);
  });

  it.each(['kept', 'new'] as const)(
    'a sign-in that comes before its turn gets the same sub as the batch would give: %s',
    async (subs) => {
      const [from, to] = [`old-7-${subs}`, `new-7-${subs}`];
      const [early, late] = [await estate.person({ inherited: [from] }), await estate.person({ inherited: [from] })];
      const others = await Promise.all(Array.from({ length: 8 }, () => estate.person({ inherited: [from] })));
      // As the operator's call begins; its batches come after.
      await estate.db.query({
        text: `INSERT INTO sector_moves (to_sector, from_sector, subs, moved_by, moved_at) VALUES ($1, $2, $3, 'x', now())`,
        values: [to, from, subs],
      });
      const atOnce = await ensure(early, to);
      const [outcome, ...during] = await Promise.all([
        move({ from, to, subs }),
        ...others.map((person) => ensure(person, to)),
      ]);
      expect(outcome).toMatchObject({ outcome: 'moved' });
      const everybody = [early, late, ...others];
      const before = await Promise.all(everybody.map((person) => find(person, from)));
      const after = await Promise.all(everybody.map((person) => find(person, to)));
      expect([after[0], ...after.slice(2)]).toEqual([atOnce, ...during]);
      const map = new Map((await fetchMap(to)).map((row) => [row.from, row.to]));
      expect(after).toEqual(before.map((sub) => (subs === 'kept' ? sub : map.get(sub ?? ''))));
    },
  );

  it('is one of one sector only, and never in a circle', async () => {
    await move({ from: 'a-8', to: 'b-8', subs: 'kept' });
    await move({ from: 'b-8', to: 'c-8', subs: 'kept' });
    const refused = (reason: string): unknown => ({ outcome: 'refused', reason });
    expect(await move({ from: 'a-8', to: 'a-8', subs: 'kept' })).toEqual(refused('same-sector'));
    expect(await move({ from: 'x-8', to: 'b-8', subs: 'kept' })).toEqual(refused('already-continues-another'));
    expect(await move({ from: 'a-8', to: 'b-8', subs: 'new' })).toEqual(refused('already-continues-another'));
    expect(await move({ from: 'c-8', to: 'a-8', subs: 'kept' })).toEqual(refused('would-go-round'));
  });

  it('E10: what it took over of the absorbed account goes back with the rest', async () => {
    const [survivor, absorbed] = [
      await estate.person({ derived: ['old-9'] }),
      await estate.person({ derived: ['old-9', 'alone-9'] }),
    ];
    const [own, alone] = [await find(absorbed, 'old-9'), await find(absorbed, 'alone-9')];
    const { mergeId } = await estate.mustMerge(survivor, absorbed);
    await move({ from: 'old-9', to: 'new-9', subs: 'kept' });
    await move({ from: 'alone-9', to: 'new-alone-9', subs: 'kept' });
    await estate.unmerge(survivor, mergeId);
    expect([await find(absorbed, 'new-9'), await find(absorbed, 'new-alone-9')]).toEqual([own, alone]);
    expect(await find(survivor, 'new-9')).toBe(await find(survivor, 'old-9'));
    expect(await aliases(survivor, 'new-9')).toEqual([]);
    expect(await find(survivor, 'new-alone-9')).toBeUndefined();
  });

  it('an account that was merged meanwhile is moved as the one that stands for it', async () => {
    const [survivor, absorbed] = [await estate.person(), await estate.person({ derived: ['old-10'] })];
    const sub = await find(absorbed, 'old-10');
    const [merged] = await Promise.all([
      estate.merge(survivor, absorbed),
      move({ from: 'old-10', to: 'new-10', subs: 'kept' }),
    ]);
    expect(merged.outcome).toBe('merged');
    expect(await ensure(survivor, 'new-10')).toBe(sub);
    expect(await find(absorbed, 'new-10')).toBeUndefined();
  });
});
