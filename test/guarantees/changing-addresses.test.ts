import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Transaction } from '../../src/platform/postgres/database.ts';
import { mergingEstate, type MergingEstate, type Person, PLACE } from '../support/merging-estate.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;
const CITIZEN = { actor: 'citizen' };
const ELSEWHERE = { journeyId: PLACE.journeyId, browserKey: 'another browser' };
const LATER_SIGN_IN = { journeyId: 'another sign-in', browserKey: PLACE.browserKey };

let estate: MergingEstate;
let made = 0;
beforeAll(async () => {
  estate = await mergingEstate();
});
afterAll(() => estate.drop());

const newAddress = (): string => `new-${(made += 1)}@example.net`;
const inOne = <R>(work: (tx: Transaction) => Promise<R>): Promise<R> => estate.db.transaction(work);
const pass = (ms: number): void => {
  estate.clock.now = new Date(estate.clock.now.getTime() + ms);
};

async function begin({ accountId }: Pick<Person, 'accountId'>, address: string, place = PLACE): Promise<string> {
  const begun = await inOne((tx) => estate.accounts.contacts.begin(tx, { accountId, address, place }, CITIZEN));
  if (begun.outcome !== 'begun') throw new Error(begun.outcome);
  return begun.code;
}
const finish = ({ accountId }: Pick<Person, 'accountId'>, code: string, place = PLACE) =>
  estate.accounts.contacts.finish({ accountId, code, place, meta: CITIZEN });
async function add(person: Person, address = newAddress()): Promise<string> {
  pass(MINUTE);
  expect(await finish(person, await begin(person, address))).toMatchObject({ outcome: 'added' });
  return address;
}
const list = ({ accountId }: Person) => estate.accounts.contacts.list(accountId);
const addressesOf = async (person: Person): Promise<string[]> => (await list(person)).map(({ address }) => address);
const idOf = async (person: Person, address: string): Promise<string> =>
  (await list(person)).find((one) => one.address === address)?.identityId ?? '';
async function remove(person: Person, address: string) {
  const identityId = await idOf(person, address);
  return inOne((tx) => estate.accounts.contacts.remove(tx, { accountId: person.accountId, identityId }, CITIZEN));
}

describe('LA04, L4: a change of address that is under way', () => {
  it('adds the address whose mailbox proved itself, and other sessions end', async () => {
    const person = await estate.person();
    const address = newAddress();
    const code = await begin(person, address);
    expect(await addressesOf(person), 'nothing before').toEqual(person.emails);
    expect(await estate.accounts.findByEmail(address)).toBeUndefined();
    expect(await finish(person, code)).toMatchObject({
      outcome: 'added',
      address,
      ending: { accountId: person.accountId, reason: 'contact-added' },
    });
    expect(await addressesOf(person)).toEqual([...person.emails, address]);
    expect(await finish(person, code), 'once').toEqual({ outcome: 'void' });
  });

  it('is refused when its owner signed up in between; the attacker learns of it only with the owner’s own code', async () => {
    const attacker = await estate.person();
    const address = newAddress();
    const code = await begin(attacker, address);
    const created = await inOne((tx) =>
      estate.accounts.create(tx, { email: address, language: 'en', password: undefined }, CITIZEN),
    );
    expect(await finish(attacker, code === '000000' ? '000001' : '000000')).toEqual({ outcome: 'wrong' });
    expect(await finish(attacker, code)).toEqual({ outcome: 'taken', address });
    expect(await estate.accounts.findByEmail(address)).toBe(created.accountId);
    expect(await addressesOf(attacker)).toEqual(attacker.emails);
  });

  it('looks the same, begun, whether or not somebody has the address', async () => {
    const [person, other] = [await estate.person(), await estate.person()];
    const outcomes = [];
    for (const address of [other.emails[0]!, newAddress()])
      outcomes.push(
        await inOne((tx) =>
          estate.accounts.contacts.begin(tx, { accountId: person.accountId, address, place: PLACE }, CITIZEN),
        ),
      );
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['begun', 'begun']);
    expect(outcomes.map((one) => Object.keys(one))).toEqual([Object.keys(outcomes[0]!), Object.keys(outcomes[0]!)]);
  });

  it('lives for fifteen minutes', async () => {
    const person = await estate.person();
    const code = await begin(person, newAddress());
    pass(15 * MINUTE);
    expect(await finish(person, code)).toEqual({ outcome: 'void' });
  });

  it('is one: a second one voids the first', async () => {
    const person = await estate.person();
    const [first, second] = [newAddress(), newAddress()];
    const code = await begin(person, first);
    const later = await begin(person, second);
    expect(await finish(person, code)).toEqual({ outcome: 'wrong' });
    expect(await finish(person, later)).toMatchObject({ outcome: 'added', address: second });
    expect(await addressesOf(person)).not.toContain(first);
  });

  it.each([
    ['another browser', ELSEWHERE],
    ['a later sign-in', LATER_SIGN_IN],
  ])('is nothing in %s', async (_where, place) => {
    const person = await estate.person();
    const code = await begin(person, newAddress());
    expect(await estate.accounts.contacts.pending({ accountId: person.accountId, place })).toBeUndefined();
    expect(await finish(person, code, place)).toEqual({ outcome: 'void' });
    expect(await finish(person, code)).toMatchObject({ outcome: 'added' });
  });

  it('is nothing for another account, with the same code and browser', async () => {
    const [person, other] = [await estate.person(), await estate.person()];
    const code = await begin(person, newAddress());
    expect(await finish(other, code)).toEqual({ outcome: 'void' });
  });

  const events: Record<string, (person: Person) => Promise<unknown>> = {
    'a new password, also by recovery': async ({ accountId }) => {
      const hash = await estate.accounts.hashPassword('one more long password');
      return inOne((tx) => estate.accounts.setPassword(tx, accountId, { hash, belowPolicy: false }, CITIZEN));
    },
    'an old account linked or removed': ({ accountId }) =>
      inOne((tx) => estate.accounts.linking.noteLink(tx, accountId)),
    'another address added': ({ accountId }) =>
      inOne((tx) => estate.accounts.addEmail(tx, accountId, { address: newAddress() }, CITIZEN)),
    'a merge': async (person) => estate.mustMerge(person, await estate.person()),
  };
  it.each(Object.entries(events))('is voided by %s', async (_name, event) => {
    const person = await estate.person();
    const address = newAddress();
    const code = await begin(person, address);
    await event(person);
    expect(await finish(person, code)).toEqual({ outcome: 'void' });
    expect(await addressesOf(person)).not.toContain(address);
  });

  it('is judged under the account’s lock: what changed while the code was checked voids it', async () => {
    const person = await estate.person();
    const address = newAddress();
    const code = await begin(person, address);
    const hash = await estate.accounts.hashPassword('one more long password');
    const outcome = await inOne(async (tx) => {
      await estate.accounts.setPassword(tx, person.accountId, { hash, belowPolicy: false }, CITIZEN);
      // It has read that nothing changed, and waits for the account from here on.
      const finishing = finish(person, code);
      await expect.poll(() => waiting()).toBe(1);
      return { finishing };
    });
    expect(await outcome.finishing).toEqual({ outcome: 'void' });
    expect(await addressesOf(person)).not.toContain(address);
  });

  it('six at once add it once', async () => {
    const person = await estate.person();
    const code = await begin(person, newAddress());
    const outcomes = await Promise.all(Array.from({ length: 6 }, () => finish(person, code)));
    expect(outcomes.filter(({ outcome }) => outcome === 'added')).toHaveLength(1);
  });
});

async function waiting(): Promise<number> {
  const rows = await estate.db.query({
    text: `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
  });
  return rows.length;
}

describe('an address that is removed', () => {
  it('stays for a week: it opens the account and can be kept; then it is free', async () => {
    const person = await estate.person();
    const address = await add(person);
    expect(await remove(person, address)).toMatchObject({ outcome: 'leaving', address });
    pass(7 * DAY - MINUTE);
    await estate.accounts.contacts.finishRemovals(1000);
    expect(await estate.accounts.findByEmail(address)).toBe(person.accountId);
    pass(MINUTE);
    await estate.accounts.contacts.finishRemovals(1000);
    expect(await estate.accounts.findByEmail(address)).toBeUndefined();
    expect(await addressesOf(person)).toEqual(person.emails);
  });

  it('can be kept until then, also by recovering with it', async () => {
    const person = await estate.person();
    const [one, two] = [await add(person), await add(person)];
    for (const address of [one, two]) await remove(person, address);
    const { accountId } = person;
    const identityId = await idOf(person, one);
    expect(await inOne((tx) => estate.accounts.contacts.keep(tx, { accountId, identityId }, CITIZEN))).toBe(true);
    await inOne((tx) => estate.accounts.contacts.takeOver(tx, { accountId, proved: two, keep: [] }, CITIZEN));
    pass(8 * DAY);
    await estate.accounts.contacts.finishRemovals(1000);
    expect(await addressesOf(person)).toEqual([...person.emails, one, two]);
  });

  it('L15: is never the last one, nor the first, also when the others are on their way out', async () => {
    const person = await estate.person();
    const [first = ''] = person.emails;
    expect(await remove(person, first)).toEqual({ outcome: 'refused', reason: 'last' });
    const other = await add(person);
    expect(await remove(person, first)).toEqual({ outcome: 'refused', reason: 'primary' });
    await remove(person, other);
    expect(await remove(person, first)).toEqual({ outcome: 'refused', reason: 'last' });
    expect(await remove(person, other)).toEqual({ outcome: 'refused', reason: 'already-leaving' });
    const identityId = await idOf(person, other);
    const { accountId } = person;
    expect(
      await inOne((tx) => estate.accounts.contacts.makePrimary(tx, { accountId, identityId }, CITIZEN)),
    ).toMatchObject({ outcome: 'refused' });
  });

  it('another first one is the one that services see', async () => {
    const person = await estate.person();
    const address = await add(person);
    const { accountId } = person;
    const identityId = await idOf(person, address);
    await inOne((tx) => estate.accounts.contacts.makePrimary(tx, { accountId, identityId }, CITIZEN));
    expect((await estate.accounts.read(accountId))?.emails.map((one) => [one.address, one.primary])).toEqual([
      [address, true],
      [person.emails[0], false],
    ]);
    expect(await remove(person, person.emails[0]!)).toMatchObject({ outcome: 'leaving' });
  });

  it('of somebody else is not there', async () => {
    const [person, other] = [await estate.person({ emails: 2 }), await estate.person({ emails: 2 })];
    const identityId = await idOf(other, other.emails[1]!);
    const contact = { accountId: person.accountId, identityId };
    const { contacts } = estate.accounts;
    expect(await inOne((tx) => contacts.remove(tx, contact, CITIZEN))).toMatchObject({ reason: 'not-found' });
    expect(await inOne((tx) => contacts.makePrimary(tx, contact, CITIZEN))).toMatchObject({ reason: 'not-found' });
    expect(await inOne((tx) => contacts.keep(tx, contact, CITIZEN))).toBe(false);
  });
});

describe('LA17, L14: whoever holds both passwords', () => {
  it('cannot merge and then take away the addresses of either side, for as long as the merge can be undone', async () => {
    const [attacker, victim] = [await estate.person({ emails: 2 }), await estate.person({ emails: 2 })];
    pass(MINUTE);
    const { mergeId } = await estate.mustMerge(attacker, victim);
    pass(MINUTE);
    const fresh = await add(attacker);
    for (const address of [...victim.emails, attacker.emails[1]!])
      expect(await remove(attacker, address)).toEqual({ outcome: 'refused', reason: 'locked' });
    expect(await remove(attacker, fresh), 'what came after it may go').toMatchObject({ outcome: 'leaving' });
    const { accountId } = attacker;
    await inOne((tx) =>
      estate.accounts.contacts.takeOver(tx, { accountId, proved: attacker.emails[0]!, keep: [] }, CITIZEN),
    );
    expect(await addressesOf(attacker), 'nor by recovering with an older one').toEqual(
      expect.arrayContaining([...victim.emails]),
    );
    pass(29 * DAY);
    expect(await remove(attacker, victim.emails[1]!)).toEqual({ outcome: 'refused', reason: 'locked' });
    expect(await estate.unmerge(attacker, mergeId)).toMatchObject({ outcome: 'unmerged' });
    expect((await addressesOf(victim)).toSorted()).toEqual(victim.emails.toSorted());
    expect(await remove(victim, victim.emails[1]!), 'its owner is free again').toMatchObject({ outcome: 'leaving' });
  });

  it('after thirty days the addresses are like any other', async () => {
    const [one, other] = [await estate.person(), await estate.person()];
    pass(MINUTE);
    await estate.mustMerge(one, other);
    pass(31 * DAY);
    expect(await remove(one, other.emails[0]!)).toMatchObject({ outcome: 'leaving' });
  });

  it('a removal that was under way waits for the merge', async () => {
    const [one, other] = [await estate.person(), await estate.person()];
    const address = await add(one);
    await remove(one, address);
    pass(MINUTE);
    await estate.mustMerge(one, other);
    pass(8 * DAY);
    await estate.accounts.contacts.finishRemovals(1000);
    expect(await addressesOf(one)).toContain(address);
    pass(23 * DAY);
    await estate.accounts.contacts.finishRemovals(1000);
    expect(await addressesOf(one)).not.toContain(address);
  });
});

describe('LA03, L3: an address that somebody else added (trojan identifier)', () => {
  it('is shown to the owner who recovers, and goes at once', async () => {
    const owner = await estate.person();
    const trojan = await add(owner);
    const { accountId } = owner;
    const identityId = await idOf(owner, trojan);
    await inOne((tx) => estate.accounts.contacts.makePrimary(tx, { accountId, identityId }, CITIZEN));
    const { contacts } = estate.accounts;
    const [proved = ''] = owner.emails;
    expect((await contacts.youngerThan(accountId, proved)).map(({ address }) => address)).toEqual([trojan]);
    const gone = await inOne((tx) => contacts.takeOver(tx, { accountId, proved, keep: [] }, CITIZEN));
    expect(gone).toEqual([trojan]);
    expect(await estate.accounts.findByEmail(trojan)).toBeUndefined();
    expect(await list(owner)).toMatchObject([{ address: proved, primary: true }]);
  });

  it('does not let its holder take the older ones away', async () => {
    const owner = await estate.person({ emails: 2 });
    const trojan = await add(owner);
    const { accountId } = owner;
    const { contacts } = estate.accounts;
    expect(await contacts.youngerThan(accountId, trojan)).toEqual([]);
    expect(await inOne((tx) => contacts.takeOver(tx, { accountId, proved: trojan, keep: [] }, CITIZEN))).toEqual([]);
    expect(await addressesOf(owner)).toEqual([...owner.emails, trojan]);
    const stranger = 'nobody@example.net';
    expect(await inOne((tx) => contacts.takeOver(tx, { accountId, proved: stranger, keep: [] }, CITIZEN))).toEqual([]);
  });

  it('stays when the owner says that it is theirs', async () => {
    const owner = await estate.person();
    const own = await add(owner);
    const { accountId } = owner;
    const keep = [await idOf(owner, own)];
    const [proved = ''] = owner.emails;
    expect(await inOne((tx) => estate.accounts.contacts.takeOver(tx, { accountId, proved, keep }, CITIZEN))).toEqual(
      [],
    );
    expect(await addressesOf(owner)).toContain(own);
  });
});
