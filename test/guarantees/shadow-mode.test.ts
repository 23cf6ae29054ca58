import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { by, CHANGED, PASSWORD, type TwoSides, twoSides } from '../support/two-sides.ts';

describe('shadow mode', () => {
  let world: TwoSides;
  beforeAll(async () => {
    world = await twoSides();
  });
  afterAll(() => world.drop());
  beforeEach(async () => {
    world.old.isAway = false;
    await world.sides.shadow.off('rent-portal', by);
    await world.sides.shadow.on('rent-portal', by);
  });
  const report = () => world.sides.shadow.report('rent-portal');

  it('serves the old system, whatever the new side would have said, and counts both', async () => {
    const [same, changed, missing] = [await world.person(), await world.person(), 'joined-later'];
    world.old.people.get(changed)!.password = CHANGED;
    world.old.people.set(missing, { id: 'LATER', password: PASSWORD });
    expect(await world.signIn(same, PASSWORD, 'old-system')).toMatchObject({ outcome: 'match', kind: 'old-sign-in' });
    expect(await world.signIn(changed, CHANGED, 'old-system')).toMatchObject({ outcome: 'match' });
    expect(await world.signIn(changed, PASSWORD, 'old-system')).toEqual({ outcome: 'mismatch' });
    expect(await world.signIn(missing, PASSWORD, 'old-system')).toEqual({ outcome: 'mismatch' });
    expect(await world.signIn('nobody-at-all', PASSWORD, 'old-system')).toEqual({ outcome: 'mismatch' });
    const seen = await report();
    expect(seen).toMatchObject({
      since: world.clock.now,
      results: { 'both-yes': 1, 'old-only': 2, 'new-only': 1, 'both-no': 1 },
      agreement: 0.25,
      differs: { password: 2, missing: 1 },
    });
    // Passive: what it sees changes nothing.
    expect((await world.row(changed))['followed_at']).toBeNull();
  });

  it('serves the old system by either way, whichever side is believed', async () => {
    const login = await world.person();
    world.old.people.get(login)!.password = CHANGED;
    await world.sides.setAuthority('rent-portal', { authority: { password: 'new' }, whenAway: 'imported' }, by);
    expect(await world.signIn(login, CHANGED)).toMatchObject({ outcome: 'match', kind: 'old-sign-in' });
    expect(await world.signIn(login, PASSWORD)).toEqual({ outcome: 'mismatch' });
    world.old.isAway = true;
    expect(await world.signIn(login, PASSWORD)).toEqual({ outcome: 'unavailable' });
    expect(await report()).toMatchObject({ results: { 'old-only': 1, 'new-only': 1, 'old-away': 1 } });
    await world.sides.setAuthority('rent-portal', { authority: { password: 'old' }, whenAway: 'refuse' }, by);
  });

  it('tells which attributes differ and whose, never what they are', async () => {
    const login = await world.person({ email: 'before@example.org' });
    Object.assign(world.old.people.get(login)!, { email: 'after@example.org' });
    await world.signIn(login, PASSWORD, 'old-system');
    await world.signIn(login, PASSWORD, 'old-system');
    const seen = await report();
    expect(seen.differs).toMatchObject({ email: 2, name: 0, password: 0 });
    expect(seen.recent).toMatchObject([{ what: 'email', times: 2, login: 'p•••' }]);
    const stored = await world.db.query({ text: 'SELECT * FROM shadow_disagreements' });
    expect(JSON.stringify([stored, seen])).not.toMatch(/example\.org/);
    expect(JSON.stringify([stored, seen])).not.toContain(login);
  });

  it('F24: an outage of either side is no disagreement', async () => {
    const login = await world.person();
    world.old.isAway = true;
    expect(await world.signIn(login, PASSWORD, 'old-system')).toEqual({ outcome: 'unavailable' });
    const seen = await report();
    expect(seen).toMatchObject({ results: { 'old-away': 1 }, agreement: undefined, recent: [] });
  });

  it('A11: does the same for whoever is asked for', async () => {
    const login = await world.person();
    const seen = [];
    for (const name of [login, 'nobody-at-all']) {
      world.old.asked.length = 0;
      world.work.oldHashes = 0;
      await world.signIn(name, 'something else altogether', 'old-system');
      seen.push({ asked: world.old.asked.length, hashes: world.work.oldHashes });
    }
    expect(seen).toEqual([
      { asked: 1, hashes: 1 },
      { asked: 1, hashes: 1 },
    ]);
    expect((await report()).results['both-no']).toBe(2);
  });

  it('LA18: past the limit on attempts neither side does any work', async () => {
    const login = await world.person();
    for (let tries = 0; tries < 30; tries += 1) await world.signIn(login, 'wrong', 'old-system');
    [world.old.asked.length, world.work.oldHashes] = [0, 0];
    expect(await world.signIn(login, 'wrong', 'old-system')).toMatchObject({ outcome: 'too-many' });
    expect([world.old.asked, world.work.oldHashes]).toEqual([[], 0]);
  });

  it('keeps no more disagreements than its ring has places', async () => {
    const login = await world.person();
    world.old.people.get(login)!.password = CHANGED;
    await world.db.query({
      text: `INSERT INTO shadow_disagreements (source, slot, legacy_key, what, times, seen_at)
             SELECT 'rent-portal', slot, decode('00', 'hex'), 'password', 1, $1::timestamptz - interval '1 day'
             FROM generate_series(0, 999) AS slot`,
      values: [world.clock.now],
    });
    await world.signIn(login, CHANGED, 'old-system');
    const [row] = await world.db.query({ text: 'SELECT count(*)::int AS n FROM shadow_disagreements' });
    expect(row).toEqual({ n: 1000 });
    expect((await report()).recent[0]).toMatchObject({ what: 'password', login: 'p•••', times: 1 });
  });

  it('is not begun where there is nothing to compare', async () => {
    const exported = { ...(await world.migration.sources.find('rent-portal'))!.definition, source: 'an-export' };
    await world.migration.sources.add({ ...exported, adapter: undefined }, by);
    expect(await world.sides.shadow.on('an-export', by)).toEqual({ outcome: 'refused', reason: 'nobody-to-ask' });
    await expect(world.sides.shadow.on('none-such', by)).rejects.toThrow(/There is no source/);
  });
});
