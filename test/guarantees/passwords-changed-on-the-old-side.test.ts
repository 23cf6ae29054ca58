import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { bcryptOf, rentCsv } from '../support/legacy-estate.ts';
import { by, CHANGED, PASSWORD, type TwoSides, twoSides } from '../support/two-sides.ts';

describe('a password that was changed on the old side after its export', () => {
  let world: TwoSides;
  beforeAll(async () => {
    world = await twoSides();
  });
  afterAll(() => world.drop());
  beforeEach(async () => {
    world.old.isAway = false;
    await world.sides.setAuthority('rent-portal', { authority: { password: 'old' }, whenAway: 'refuse' }, by);
    world.old.asked.length = 0;
  });

  it('F21: is taken, and the one that was exported is not', async () => {
    const login = await world.person();
    world.old.people.get(login)!.password = CHANGED;
    expect(await world.signIn(login)).toEqual({ outcome: 'mismatch' });
    expect(await world.signIn(login, CHANGED)).toMatchObject({ outcome: 'match', kind: 'old-sign-in' });
    expect(await world.signIn(login, CHANGED)).toMatchObject({ outcome: 'match', kind: 'old-password' });
    expect(await world.trail()).toContain('legacy.password-followed');
    expect((await world.row(login))['followed_at']).toEqual(world.clock.now);
  });

  it('F21: is known here from then on, when the old system is away, too', async () => {
    const login = await world.person();
    world.old.people.get(login)!.password = CHANGED;
    await world.signIn(login, CHANGED);
    await world.sides.setAuthority('rent-portal', { whenAway: 'imported' }, by);
    world.old.isAway = true;
    expect(await world.signIn(login, CHANGED)).toMatchObject({ outcome: 'match' });
    expect(await world.signIn(login, PASSWORD)).toEqual({ outcome: 'unavailable' });
  });

  it('F21: goes along into the account, and counts for nothing once that is adopted', async () => {
    const login = await world.person();
    world.old.people.get(login)!.password = CHANGED;
    const { email } = await world.adopt(login, CHANGED);
    expect(await world.accounts.checkPassword(email, CHANGED)).toMatchObject({ outcome: 'match' });
    world.old.people.get(login)!.password = 'yet another one, set at the old site';
    const before = await world.row(login);
    world.work.newHashes = 0;
    expect(await world.signIn(login, 'yet another one, set at the old site')).toEqual({ outcome: 'mismatch' });
    expect(await world.row(login)).toEqual(before);
    // A11: that the old system said yes costs no work that a wrong password is spared.
    expect(world.work.newHashes).toBe(0);
    expect(await world.accounts.checkPassword(email, CHANGED)).toMatchObject({ outcome: 'match' });
  });

  it('F21: the same file again takes nothing back, and neither does another', async () => {
    const login = await world.person();
    world.old.people.get(login)!.password = CHANGED;
    await world.signIn(login, CHANGED);
    const before = await world.row(login);
    await world.importText(world.exportOf(login));
    expect(await world.row(login)).toEqual(before);
    // Another file may hold a password that is older than the one that was followed: the old system is asked all the same.
    await world.importText(
      rentCsv([{ id: login.toUpperCase(), login, hash: bcryptOf(PASSWORD), name: 'Ann Example' }]),
    );
    expect(await world.row(login)).not.toEqual(before);
    expect(await world.signIn(login, PASSWORD)).toEqual({ outcome: 'mismatch' });
    expect(await world.signIn(login, CHANGED)).toMatchObject({ outcome: 'match' });
  });

  it('F21: two who come at once make one change, and both come in', async () => {
    const login = await world.person();
    world.old.people.get(login)!.password = CHANGED;
    const both = await Promise.all([world.signIn(login, CHANGED), world.signIn(login, CHANGED)]);
    expect(both).toMatchObject([{ outcome: 'match' }, { outcome: 'match' }]);
    expect(await world.signIn(login, CHANGED)).toMatchObject({ outcome: 'match' });
  });

  it('F24: an old system that is away is never "wrong", whatever was typed and whoever it is', async () => {
    const login = await world.person();
    world.old.isAway = true;
    for (const [name, password] of [
      [login, PASSWORD],
      [login, CHANGED],
      ['nobody-at-all', PASSWORD],
    ] as const)
      expect(await world.signIn(name, password)).toEqual({ outcome: 'unavailable' });
    await world.sides.setAuthority('rent-portal', { whenAway: 'imported' }, by);
    expect(await world.signIn(login)).toMatchObject({ outcome: 'match' });
    expect(await world.signIn(login, CHANGED)).toEqual({ outcome: 'unavailable' });
    expect(await world.signIn('nobody-at-all')).toEqual({ outcome: 'unavailable' });
  });

  it('A11, LA19: the same questions and the same work for known, changed, adopted, closed and unknown people', async () => {
    const [known, changed, adopted] = [await world.person(), await world.person(), await world.person()];
    const closed = await world.person({ status: 'closed' });
    world.old.people.get(changed)!.password = CHANGED;
    await world.adopt(adopted);
    const seen = [];
    for (const login of [known, changed, adopted, closed, 'nobody-at-all']) {
      world.old.asked.length = 0;
      world.work.oldHashes = 0;
      const result = await world.signIn(login, 'something else altogether');
      seen.push({ result, asked: world.old.asked.length, hashes: world.work.oldHashes });
    }
    expect(seen).toEqual(seen.map(() => ({ result: { outcome: 'mismatch' }, asked: 1, hashes: 1 })));
  });

  it('LA18: what can be no name there is not asked, and tries at either way count together', async () => {
    expect(await world.signIn('*)(uid=*')).toEqual({ outcome: 'mismatch' });
    expect(world.old.asked).toEqual([]);
    const login = await world.person();
    const outcomes: string[] = [];
    for (let tries = 0; tries < 40; tries += 1)
      outcomes.push((await world.signIn(login, 'wrong', tries % 2 === 0 ? 'old-password' : 'old-system')).outcome);
    expect(outcomes).toContain('too-many');
    expect(world.old.asked).toHaveLength(30);
  });

  it('LA15, E1: whose row it is, the old id says; a name that was given to somebody else follows nobody', async () => {
    const before = await world.person();
    world.old.people.set(before, { id: 'SOMEBODY-ELSE', password: CHANGED });
    const row = await world.row(before);
    expect(await world.signIn(before, CHANGED)).toEqual({ outcome: 'mismatch' });
    expect(await world.row(before)).toEqual(row);
  });

  it('E6, LA09: a source that is suspended is not asked', async () => {
    const login = await world.person();
    await world.migration.sources.suspend('rent-portal', by);
    const check = { source: 'rent-portal', login, password: PASSWORD, ip: '10.9.9.9', journeyId: 'j', browserKey: 'b' };
    expect(await world.migration.oldAccounts.check(check)).toEqual({ outcome: 'mismatch' });
    expect(world.old.asked).toEqual([]);
    await world.migration.sources.open('rent-portal', by);
  });

  it('where the new side is believed, the old system is not asked', async () => {
    const login = await world.person();
    world.old.people.get(login)!.password = CHANGED;
    await world.sides.setAuthority('rent-portal', { authority: { password: 'new' } }, by);
    expect(await world.signIn(login)).toMatchObject({ outcome: 'match' });
    expect(await world.signIn(login, CHANGED)).toEqual({ outcome: 'mismatch' });
    expect(world.old.asked).toEqual([]);
  });

  it('follows what else the old system is believed about, and nothing more', async () => {
    const login = await world.person({ email: 'before@example.org' });
    const closed = await world.person({ status: 'closed' });
    Object.assign(world.old.people.get(login)!, { email: 'after@example.org', name: 'Ann Example' });
    await world.sides.setAuthority('rent-portal', { authority: { name: 'new' } }, by);
    const proved = await world.signIn(login);
    if (proved.outcome !== 'match') throw new Error(proved.outcome);
    expect(await world.migration.oldAccounts.describe(proved.legacyKey)).toMatchObject({
      name: undefined,
      emailHint: 'a•••@example.org',
    });
    expect((await world.row(login))['scheme']).toBe('bcrypt');
    // The export had switched it off; there it lets its person in again.
    expect(await world.signIn(closed)).toMatchObject({ outcome: 'match' });
    await world.sides.setAuthority('rent-portal', { authority: { status: 'new' } }, by);
    expect(await world.signIn(await world.person({ status: 'closed' }))).toEqual({ outcome: 'mismatch' });
  });
});

describe('where the word of the old system alone links nothing', () => {
  let world: TwoSides;
  beforeAll(async () => {
    const proofs = ['old-password', 'old-sign-in'];
    world = await twoSides({ policy: { version: 1, proofs, needed: 2, assurance: 'Cl' } });
  });
  afterAll(() => world.drop());

  it('L16, E6: a yes of it is not the other proof, and does not become it', async () => {
    const login = await world.person();
    // Whoever has taken it over lets it say yes to anything.
    world.old.people.get(login)!.password = CHANGED;
    for (const way of ['old-password', 'old-system', 'old-password'] as const)
      expect(await world.signIn(login, CHANGED, way)).toMatchObject({ outcome: 'match', kind: 'old-sign-in' });
    expect((await world.row(login))['followed_at']).toBeNull();
  });

  it('A8: a password that is known buys no further guesses at the other proof', async () => {
    const login = await world.person();
    const guess = () => world.signIn(login, 'wrong', 'old-system');
    for (let tries = 0; tries < 29; tries += 1) await guess();
    expect(await world.signIn(login)).toMatchObject({ outcome: 'match' });
    expect(await guess()).toMatchObject({ outcome: 'too-many' });
  });
});

it('E6: a policy that does not take its word has it asked nothing', async () => {
  const world = await twoSides({ policy: { version: 1, proofs: ['old-password'], assurance: 'Cl' } });
  const login = await world.person();
  world.old.people.get(login)!.password = CHANGED;
  expect(await world.signIn(login, CHANGED)).toEqual({ outcome: 'mismatch' });
  expect(await world.signIn(login)).toMatchObject({ outcome: 'match', kind: 'old-password' });
  expect(world.old.asked).toEqual([]);
  await world.drop();
});
