import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type OldWorld, oldWorld } from '../../../test/support/old-world.ts';
import type { LinkChangeFacts } from './links.ts';

let world: OldWorld;

beforeAll(async () => {
  world = await oldWorld();
});
afterAll(() => world.drop());

const undo = (accountId: string, linkId: string, changes: Record<string, unknown> = {}) =>
  world.migration.links.undo({
    accountId,
    linkId,
    accountProvedAt: world.clock.now,
    reason: 'not-wanted',
    meta: world.citizen,
    ...changes,
  });

describe('an undone link', () => {
  it('releases the old account, keeps the record, and tells both sides', async () => {
    const person = await world.oldPerson({ email: 'old@example.net' });
    const { accountId, linkId } = await world.adopt(person);
    const before = await world.accounts.read(accountId);
    const told: LinkChangeFacts[] = [];
    const alsoInTransaction = (_tx: unknown, facts: LinkChangeFacts) => Promise.resolve(void told.push(facts));
    const result = await undo(accountId, linkId, { alsoInTransaction });
    expect(result).toMatchObject({ outcome: 'undone', changes: { password: 'kept-last', sectors: ['rent.example'] } });
    expect(told).toMatchObject([
      {
        accountId,
        linkId,
        source: 'rent-portal',
        oldEmail: 'old@example.net',
        contactsBefore: [before!.emails[0]!.address],
      },
    ]);
    expect(await world.migration.links.list(accountId)).toEqual([]);
    expect(await world.migration.links.list(accountId, { withUndone: true })).toMatchObject([
      { linkId, undone: { by: 'citizen', reason: 'not-wanted', wayBackUntil: undefined } },
    ]);
    expect(await world.legacyRow(person)).toMatchObject({ state: 'released', account_id: null, links_made: 1 });
    const after = await world.accounts.read(accountId);
    expect(after).toMatchObject({ status: 'active', emails: before!.emails, hasPassword: true, name: before!.name });
    expect(after!.version).toBe(before!.version + 1);
    expect(await undo(accountId, linkId)).toEqual({ outcome: 'refused', reason: 'already-undone' });
  });

  it('is explained: which proofs, which policy, who, when, and what it did', async () => {
    const person = await world.oldPerson();
    const { accountId, linkId } = await world.adopt(person);
    const explained = await world.migration.links.explain(linkId, { accountId });
    expect(explained).toMatchObject({
      linkId,
      accountId,
      linkedBy: 'citizen',
      assurance: 'Cl',
      proofs: [
        { of: 'legacy', kind: 'old-password', strength: 'full' },
        { of: 'address', kind: 'email-code' },
      ],
      policy: { version: 1, versionNow: 1, kinds: ['old-password'] },
      createdAccount: true,
      sectors: ['rent.example'],
      legacyState: 'adopted',
      undone: undefined,
    });
    expect(JSON.stringify(explained)).not.toContain(person.id);
    const other = await world.adopt(await world.oldPerson());
    expect(await world.migration.links.explain(linkId, { accountId: other.accountId })).toBeUndefined();
    expect(await world.migration.links.explain('nonsense')).toBeUndefined();
    expect(await world.migration.links.explain(linkId)).toMatchObject({ accountId });
  });

  it('is of its owner only, and needs a fresh proof of the account', async () => {
    const mine = await world.adopt(await world.oldPerson());
    const other = await world.adopt(await world.oldPerson());
    expect(await undo(other.accountId, mine.linkId)).toEqual({ outcome: 'refused', reason: 'link-unknown' });
    const stale = new Date(world.clock.now.getTime() - 11 * 60_000);
    expect(await undo(mine.accountId, mine.linkId, { accountProvedAt: stale })).toEqual({
      outcome: 'needs-proof',
      of: 'account',
    });
    expect(await undo(mine.accountId, mine.linkId, { reason: 'because ann@example.org said' })).toEqual({
      outcome: 'refused',
      reason: 'reason-unknown',
    });
  });

  it('gives the sub back with the old account: to nobody else, and again to whoever proves it', async () => {
    const person = await world.oldPerson();
    const first = await world.adopt(person);
    expect(await world.accounts.subjects.find(first.accountId, 'rent.example')).toBe(person.id);
    await undo(first.accountId, first.linkId);
    expect(await world.accounts.subjects.find(first.accountId, 'rent.example')).toBeUndefined();
    // Somebody whose old id elsewhere happens to be the same does not get it.
    await world.db.transaction(async (tx) => {
      const subject = { accountId: first.accountId, sector: 'rent.example', sub: person.id, source: 'clash' };
      expect(await world.accounts.subjects.inherit(tx, subject)).toEqual({ outcome: 'taken' });
    });
    world.tick();
    const again = await world.adopt(person);
    expect(await world.accounts.subjects.find(again.accountId, 'rent.example')).toBe(person.id);
    expect(await world.legacyRow(person)).toMatchObject({
      state: 'adopted',
      account_id: again.accountId,
      links_made: 2,
    });
  });

  it('of two old accounts that a sector knew leaves the person known by the other', async () => {
    const first = await world.oldPerson();
    const second = await world.oldPerson();
    const { accountId, linkId } = await world.adopt(first);
    await world.add(second, accountId);
    expect(await world.accounts.subjects.find(accountId, 'rent.example')).toBe(first.id);
    await undo(accountId, linkId);
    expect(await world.accounts.subjects.find(accountId, 'rent.example')).toBe(second.id);
  });

  it('is proved anew with the old password, of which only argon2id was kept', async () => {
    const person = await world.oldPerson();
    const { accountId, linkId } = await world.adopt(person);
    expect(await world.check(person)).toEqual({ outcome: 'mismatch' });
    await undo(accountId, linkId);
    expect(await world.legacyRow(person)).toMatchObject({ scheme: 'carried-argon2id' });
    expect(await world.check(person, { password: 'something else' })).toEqual({ outcome: 'mismatch' });
    world.tick();
    const added = await world.add(person, accountId);
    expect(added).toMatchObject({ outcome: 'adopted', accountId, created: false });
    const history = await world.migration.links.list(accountId, { withUndone: true });
    expect(history.map(({ undone }) => undone === undefined)).toEqual([false, true]);
  });
});

describe('after a merge', () => {
  const merge = async (survivor: string, absorbed: string) => {
    const { merging } = world.accounts;
    const proof = (accountId: string) => (tx: Parameters<typeof merging.prove>[0]) =>
      merging.prove(tx, { accountId, method: 'password', level: 'Cl', ...world.place() });
    const proofs = {
      survivor: (await world.db.transaction(proof(survivor)))!,
      absorbed: (await world.db.transaction(proof(absorbed)))!,
    };
    const request = { survivor, absorbed, proofs, ...world.place(), policyVersion: 1, meta: world.citizen };
    expect(await world.db.transaction((tx) => merging.merge(tx, request))).toMatchObject({ outcome: 'merged' });
  };

  it('the link of the survivor undone, its sub goes, and the other by which the sector knows them stays', async () => {
    const [first, second] = [await world.oldPerson(), await world.oldPerson()];
    const [survivor, absorbed] = [await world.adopt(first), await world.adopt(second)];
    await merge(survivor.accountId, absorbed.accountId);
    const { subjects, merging } = world.accounts;
    expect(await subjects.find(survivor.accountId, 'rent.example')).toBe(first.id);
    expect(await undo(survivor.accountId, survivor.linkId)).toMatchObject({ outcome: 'undone' });
    expect(await subjects.find(survivor.accountId, 'rent.example')).toBe(second.id);
    expect(await subjects.alsoKnownAs(survivor.accountId, 'rent.example')).toEqual([]);
    // Un-merged, what was undone stays undone, and the other side has its own again.
    const [merged] = await merging.list(survivor.accountId);
    const unmerge = { survivor: survivor.accountId, mergeId: merged!.mergeId };
    await world.db.transaction((tx) => merging.unmerge(tx, unmerge, world.citizen));
    expect(await subjects.find(absorbed.accountId, 'rent.example')).toBe(second.id);
    expect(await subjects.find(survivor.accountId, 'rent.example')).toBeUndefined();
    world.tick();
    await world.add(first, survivor.accountId);
    expect(await subjects.find(survivor.accountId, 'rent.example')).toBe(first.id);
  });

  it('the link of the absorbed side undone, its sub is nobody’s until it is proved anew', async () => {
    const [first, second] = [await world.oldPerson(), await world.oldPerson()];
    const [survivor, absorbed] = [await world.adopt(first), await world.adopt(second)];
    await merge(survivor.accountId, absorbed.accountId);
    const { subjects } = world.accounts;
    expect(await subjects.alsoKnownAs(survivor.accountId, 'rent.example')).toEqual([second.id]);
    const moved = (await world.migration.links.list(survivor.accountId)).find(
      ({ linkId }) => linkId === absorbed.linkId,
    );
    expect(await undo(survivor.accountId, moved!.linkId)).toMatchObject({ changes: { sectors: ['rent.example'] } });
    expect(await subjects.find(survivor.accountId, 'rent.example')).toBe(first.id);
    expect(await subjects.alsoKnownAs(survivor.accountId, 'rent.example')).toEqual([]);
    world.tick();
    const again = await world.adopt(second);
    expect(await subjects.find(again.accountId, 'rent.example')).toBe(second.id);
  });
});

describe('L15: the last way in', () => {
  const passwords = (accountId: string) =>
    world.db.query({ text: 'SELECT kind FROM credentials WHERE account_id = $1', values: [accountId] });

  it('a password that came with the link stays while there is nothing else', async () => {
    const person = await world.oldPerson();
    const { accountId, linkId, email } = await world.adopt(person);
    expect(await undo(accountId, linkId)).toMatchObject({ changes: { password: 'kept-last' } });
    expect(await passwords(accountId)).toHaveLength(1);
    expect(await world.accounts.checkPassword(email, world.password)).toMatchObject({ outcome: 'match' });
  });

  it('a password that was changed since is nobody else’s business', async () => {
    const { accountId, linkId } = await world.adopt(await world.oldPerson());
    const hash = await world.accounts.hashPassword('a new password of my own');
    await world.db.transaction((tx) =>
      world.accounts.setPassword(tx, accountId, { hash, belowPolicy: false }, world.citizen),
    );
    expect(await undo(accountId, linkId)).toMatchObject({ changes: { password: 'kept-changed' } });
    expect(await passwords(accountId)).toHaveLength(1);
  });

  it('a password that came with the link goes where there is another way in', async () => {
    const { accountId, linkId } = await world.adopt(await world.oldPerson());
    await world.db.query({ text: 'ALTER TABLE credentials DROP CONSTRAINT credentials_kind_check' });
    await world.db.query({
      text: `INSERT INTO credentials SELECT account_id, gen_random_uuid(), 'passkey', secret_sealed, false, created_at
             FROM credentials WHERE account_id = $1`,
      values: [accountId],
    });
    expect(await undo(accountId, linkId)).toMatchObject({ changes: { password: 'removed' } });
    expect(await passwords(accountId)).toEqual([{ kind: 'passkey' }]);
  });
});

describe('two operators', () => {
  const act = (name: string, evidence = 'Letter of 3 November, case 12') => ({
    meta: { actor: `operator:${name}` },
    evidence,
  });
  const byOperator = (linkId: string, name: string) =>
    world.migration.operatorRequests.undo(linkId, { ...act(name), reason: 'wrong-person' });

  it('LA17, L17: one alone changes nothing, also not by asking twice; the second does it', async () => {
    const person = await world.oldPerson();
    const { accountId, linkId } = await world.adopt(person);
    expect(await byOperator(linkId, 'amy')).toMatchObject({ outcome: 'requested' });
    expect(await byOperator(linkId, 'amy')).toEqual({ outcome: 'refused', reason: 'same-operator' });
    expect(await world.migration.links.list(accountId)).toHaveLength(1);
    expect(await world.migration.operatorRequests.list()).toMatchObject([
      { linkId, askedBy: 'operator:amy', evidence: 'Letter of 3 November, case 12', reason: 'wrong-person' },
    ]);
    expect(await byOperator(linkId, 'bob')).toMatchObject({ outcome: 'undone' });
    expect(await world.trail(accountId)).toEqual(
      expect.arrayContaining([
        'legacy.request-made',
        'legacy.request-refused',
        'legacy.request-approved',
        'legacy.link-undone',
      ]),
    );
    expect(await world.migration.operatorRequests.list()).toEqual([]);
  });

  it('LA17: nothing without evidence, nothing by somebody who is no operator, nothing after seven days', async () => {
    const { linkId } = await world.adopt(await world.oldPerson());
    const { operatorRequests } = world.migration;
    const reason = 'fraud' as const;
    expect(await operatorRequests.undo(linkId, { ...act('amy', ' '), reason })).toEqual({
      outcome: 'refused',
      reason: 'evidence-missing',
    });
    expect(await operatorRequests.undo(linkId, { meta: world.citizen, evidence: 'I say so, really', reason })).toEqual({
      outcome: 'refused',
      reason: 'not-an-operator',
    });
    await byOperator(linkId, 'amy');
    world.tick(8 * 24 * 3600 * 1000);
    expect(await byOperator(linkId, 'bob')).toMatchObject({ outcome: 'requested' });
  });

  it('LA17: the database itself refuses one person as two', async () => {
    const { linkId } = await world.adopt(await world.oldPerson());
    await byOperator(linkId, 'amy');
    const update = world.db.query({
      text: `UPDATE operator_requests SET approved_by = asked_by, approved_at = now() WHERE link_id = $1`,
      values: [linkId],
    });
    await expect(update).rejects.toThrow(/check constraint/);
  });

  it('LA17: their undo can be taken back for seven days, by the owner or by two of them', async () => {
    const person = await world.oldPerson();
    const { accountId, linkId } = await world.adopt(person);
    await byOperator(linkId, 'amy');
    await byOperator(linkId, 'bob');
    const [undone] = await world.migration.links.list(accountId, { withUndone: true });
    expect(undone!.undone!.wayBackUntil).toEqual(new Date(world.clock.now.getTime() + 7 * 24 * 3600 * 1000));
    const change = { accountId, linkId, accountProvedAt: world.clock.now, meta: world.citizen };
    const restored = await world.migration.links.restore(change);
    expect(restored).toMatchObject({ outcome: 'restored' });
    expect(await world.accounts.subjects.find(accountId, 'rent.example')).toBe(person.id);
    expect(await world.migration.links.explain((restored as { linkId: string }).linkId)).toMatchObject({
      proofs: [{ kind: 'old-password' }, { kind: 'email-code' }, { of: 'link', kind: 'way-back' }],
    });
    // It can be undone and proved once more, as if nothing had been.
    await undo(accountId, (restored as { linkId: string }).linkId);
    world.tick();
    expect(await world.add(person, accountId)).toMatchObject({ outcome: 'adopted' });
  });

  it('LA17: two of them restore, too; after seven days, or when the owner undid it, nobody does', async () => {
    const { accountId, linkId } = await world.adopt(await world.oldPerson());
    await byOperator(linkId, 'amy');
    await byOperator(linkId, 'bob');
    expect(await world.migration.operatorRequests.restore(linkId, act('bob'))).toMatchObject({ outcome: 'requested' });
    expect(await world.migration.operatorRequests.restore(linkId, act('amy'))).toMatchObject({ outcome: 'restored' });

    const late = await world.adopt(await world.oldPerson());
    await byOperator(late.linkId, 'amy');
    await byOperator(late.linkId, 'bob');
    world.tick(8 * 24 * 3600 * 1000);
    const change = { ...late, accountProvedAt: world.clock.now, meta: world.citizen };
    expect(await world.migration.links.restore(change)).toEqual({ outcome: 'refused', reason: 'way-back-closed' });

    const own = await world.adopt(await world.oldPerson());
    await undo(own.accountId, own.linkId);
    const again = { ...own, accountProvedAt: world.clock.now, meta: world.citizen };
    expect(await world.migration.links.restore(again)).toEqual({ outcome: 'refused', reason: 'way-back-closed' });
    expect(accountId).not.toBe(own.accountId);
  });

  it('LA02: an undo and a restore by staff write down that sessions end, with nobody there to end them', async () => {
    const { accountId, linkId } = await world.adopt(await world.oldPerson());
    const wanted = async (): Promise<string[]> => {
      world.tick(11_000);
      const due = await world.accounts.endings.due(1000);
      return due.filter((one) => one.accountId === accountId).map(({ reason }) => reason);
    };
    await byOperator(linkId, 'amy');
    expect(await wanted(), 'one alone').toEqual([]);
    await byOperator(linkId, 'bob');
    expect(await wanted()).toEqual(['old-account-removed']);
    await world.migration.operatorRequests.restore(linkId, act('bob'));
    await world.migration.operatorRequests.restore(linkId, act('amy'));
    expect(await wanted()).toEqual(['old-account-removed', 'old-account-added']);
  });

  it('a way back is closed once somebody else has proved the old account', async () => {
    const person = await world.oldPerson();
    const { accountId, linkId } = await world.adopt(person);
    await byOperator(linkId, 'amy');
    await byOperator(linkId, 'bob');
    world.tick();
    await world.adopt(person);
    const change = { accountId, linkId, accountProvedAt: world.clock.now, meta: world.citizen };
    expect(await world.migration.links.restore(change)).toEqual({ outcome: 'refused', reason: 'adopted-since' });
  });
});
