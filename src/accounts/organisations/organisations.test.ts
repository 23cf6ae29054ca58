import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestAccounts, testAccounts } from '../../../test/support/accounts.ts';
import type { JoinResult } from './organisations.ts';

const CITIZEN = { actor: 'citizen' };
const A_DAY_MS = 86_400_000;

let estate: TestAccounts;
beforeAll(async () => {
  estate = await testAccounts({ poolSize: 10 });
});
afterAll(() => estate.drop());

let count = 0;
const somebody = (): Promise<string> => estate.person(`somebody${(count += 1)}@example.org`);

async function organisation() {
  const accountId = await somebody();
  const origin = { source: 'club-portal', key: randomBytes(32) };
  const made = { name: 'Rhyl Rowing Club', origin, kept: undefined, accountId };
  const { organisations } = estate.accounts;
  const organisationId = await estate.db.transaction((tx) => organisations.make(tx, made, CITIZEN));
  return { organisationId, accountId, origin };
}

async function invite(act: { organisationId: string; accountId: string }, role: 'administrator' | 'member' = 'member') {
  const address = 'cai@example.org';
  return estate.db.transaction((tx) => estate.accounts.organisations.invite(tx, { ...act, address, role }, CITIZEN));
}

async function tokenOf(...request: Parameters<typeof invite>): Promise<string> {
  const invited = await invite(...request);
  if (invited.outcome !== 'invited') throw new Error(invited.reason);
  return invited.token;
}

const join = (token: string, accountId: string): Promise<JoinResult> =>
  estate.db.transaction((tx) => estate.accounts.organisations.join(tx, { token, accountId }, CITIZEN));

async function member(of: { organisationId: string; accountId: string }, role?: 'administrator' | 'member') {
  const accountId = await somebody();
  expect(await join(await tokenOf(of, role), accountId)).toMatchObject({ outcome: 'joined' });
  const view = await estate.accounts.organisations.read(of);
  const memberId = view?.members.find((one) => one.accountId === accountId)?.memberId ?? '';
  return { organisationId: of.organisationId, accountId, memberId };
}

const end = (act: { organisationId: string; accountId: string; memberId: string }) =>
  estate.db.transaction((tx) => estate.accounts.organisations.end(tx, act, CITIZEN));

const ownId = async (act: { organisationId: string; accountId: string }): Promise<string> =>
  (await estate.accounts.organisations.read(act))?.members.find(({ isYou }) => isYou)?.memberId ?? '';

describe('M43: an organisation and its members', () => {
  it('M43: has one administrator at first; nobody else sees or changes anything of it', async () => {
    const made = await organisation();
    const stranger = { ...made, accountId: await somebody() };
    const { organisations } = estate.accounts;
    expect(await organisations.of(made.accountId)).toMatchObject([{ name: 'Rhyl Rowing Club', role: 'administrator' }]);
    expect(await organisations.of(stranger.accountId)).toEqual([]);
    expect(await organisations.read(stranger)).toBeUndefined();
    expect(await invite(stranger)).toEqual({ outcome: 'refused', reason: 'not-administrator' });
    expect(await end({ ...stranger, memberId: await ownId(made) })).toEqual({
      outcome: 'refused',
      reason: 'not-member',
    });
  });

  it('M43: an invitation is good once, even when twenty use it at once', async () => {
    const made = await organisation();
    const token = await tokenOf(made);
    const people = await Promise.all(Array.from({ length: 20 }, somebody));
    const results = await Promise.all(people.map((accountId) => join(token, accountId)));
    expect(results.filter(({ outcome }) => outcome === 'joined')).toHaveLength(1);
    expect(results.filter(({ outcome }) => outcome === 'gone')).toHaveLength(19);
    expect((await estate.accounts.organisations.read(made))?.members).toHaveLength(2);
  });

  it('M43: looking at an invitation uses nothing up; after seven days, or withdrawn, it is gone', async () => {
    const made = await organisation();
    const { organisations } = estate.accounts;
    const token = await tokenOf(made);
    expect(await organisations.look(token)).toMatchObject({ name: 'Rhyl Rowing Club', address: 'cai@example.org' });
    expect(await organisations.look(token)).toBeDefined();
    const invitationId = (await organisations.read(made))?.invitations[0]?.invitationId ?? '';
    const stranger = { ...made, accountId: await somebody(), invitationId };
    expect(await estate.db.transaction((tx) => organisations.withdraw(tx, stranger, CITIZEN))).toBe(false);
    expect(await estate.db.transaction((tx) => organisations.withdraw(tx, { ...made, invitationId }, CITIZEN))).toBe(
      true,
    );
    expect(await organisations.look(token)).toBeUndefined();
    expect(await join(token, await somebody())).toEqual({ outcome: 'gone' });

    const late = await tokenOf(made);
    estate.clock.now = new Date(estate.clock.now.getTime() + 7 * A_DAY_MS);
    expect(await organisations.look(late)).toBeUndefined();
    expect(await join(late, await somebody())).toEqual({ outcome: 'gone' });
  });

  it.each(['', '.', 'x.y', `${'0'.repeat(8)}-0000-0000-0000-${'0'.repeat(12)}.secret`, 'a.b.c', 'é'.repeat(9)])(
    'M43: %j is no invitation',
    async (token) => {
      expect(await estate.accounts.organisations.look(token)).toBeUndefined();
      expect(await join(token, await somebody())).toEqual({ outcome: 'gone' });
    },
  );

  it('M43: a secret of one organisation opens nothing of another', async () => {
    const [one, other] = await Promise.all([organisation(), organisation()]);
    const [, secret = ''] = (await tokenOf(one)).split('.');
    expect(await join(`${other.organisationId}.${secret}`, await somebody())).toEqual({ outcome: 'gone' });
  });

  it('M43: members who have it already keep it; an administrator’s invitation raises a member', async () => {
    const made = await organisation();
    const cai = await member(made);
    const again = await tokenOf(made);
    expect(await join(again, cai.accountId)).toMatchObject({ outcome: 'member-already' });
    expect(await estate.accounts.organisations.look(again), 'and the invitation stays good').toBeDefined();
    const raising = await tokenOf(made, 'administrator');
    expect(await estate.accounts.organisations.look(raising)).toMatchObject({ inviter: made.accountId });
    expect(await join(raising, cai.accountId)).toMatchObject({ outcome: 'raised' });
    expect(await estate.accounts.organisations.of(cai.accountId)).toMatchObject([{ role: 'administrator' }]);
    expect((await estate.accounts.organisations.read(made))?.members).toHaveLength(2);
  });

  it('M43: administrators remove members, with the invitations of those; members remove nobody, and may leave', async () => {
    const made = await organisation();
    const [cai, dafydd] = [await member(made), await member(made)];
    expect(await end({ ...cai, memberId: dafydd.memberId })).toMatchObject({ reason: 'not-administrator' });
    expect(await end(cai)).toMatchObject({ outcome: 'ended', wasOwn: true });
    expect(await estate.accounts.organisations.of(cai.accountId)).toEqual([]);
    const elin = await member(made, 'administrator');
    const hers = await tokenOf(elin);
    expect(await end({ ...made, memberId: elin.memberId })).toMatchObject({
      outcome: 'ended',
      accountId: elin.accountId,
      wasOwn: false,
    });
    expect(await join(hers, await somebody())).toEqual({ outcome: 'gone' });
    expect(await end({ ...made, memberId: dafydd.memberId })).toMatchObject({ outcome: 'ended' });
  });

  it('M43: the last administrator cannot leave; of two who leave at once one stays', async () => {
    const made = await organisation();
    await member(made);
    const last = { ...made, memberId: await ownId(made) };
    expect(await end(last)).toEqual({ outcome: 'refused', reason: 'last-administrator' });
    const second = await member(made, 'administrator');
    const results = await Promise.all([end(last), end(second)]);
    expect(results.map(({ outcome }) => outcome).toSorted()).toEqual(['ended', 'refused']);
  });

  it('M43: is undone within 30 days, with everything that hangs on it, and not after', async () => {
    const [made, old] = [await organisation(), await organisation()];
    const cai = await member(made);
    const token = await tokenOf(made);
    const { organisations } = estate.accounts;
    const undo = (id: string) => estate.db.transaction((tx) => organisations.undo(tx, id, { actor: 'operator:olga' }));
    expect(await organisations.madeFrom(made.origin)).toBe(made.organisationId);
    const undone = await undo(made.organisationId);
    expect(undone).toMatchObject({
      name: 'Rhyl Rowing Club',
      accountIds: expect.arrayContaining([made.accountId, cai.accountId]),
    });
    expect(await undo(made.organisationId)).toBeUndefined();
    expect(await organisations.madeFrom(made.origin)).toBeUndefined();
    expect(await organisations.of(made.accountId)).toEqual([]);
    expect(await organisations.of(cai.accountId)).toEqual([]);
    expect(await join(token, await somebody())).toEqual({ outcome: 'gone' });
    estate.clock.now = new Date(estate.clock.now.getTime() + 31 * A_DAY_MS);
    expect(await undo(old.organisationId)).toBeUndefined();
  });

  it('keeps no name, address or secret in clear', async () => {
    const made = await organisation();
    const [, secret = ''] = (await tokenOf(made)).split('.');
    const rows = await estate.db.query({
      text: `SELECT o.*, i.*, (SELECT jsonb_agg(to_jsonb(e)) FROM audit_events e WHERE e.chain_id LIKE 'organisation:%') AS trail
             FROM organisations o JOIN organisation_invitations i USING (organisation_id)`,
    });
    const text = JSON.stringify(rows, (_key, value: unknown) =>
      typeof value === 'object' && value !== null && 'data' in value
        ? Buffer.from(Object(value).data).toString('latin1')
        : value,
    );
    for (const told of ['Rhyl', 'cai@example.org', secret]) expect(text).not.toContain(told);
  });
});
