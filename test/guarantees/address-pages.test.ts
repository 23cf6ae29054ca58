import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signedInCitizen } from '../journeys/account-visitor.ts';
import type { Citizen } from '../journeys/citizen.ts';
import { openHouse, PASSWORD, type House } from '../journeys/harness.ts';
import { ssha512Of } from '../support/legacy-estate.ts';

const SOME_ID = '0198c0de-0000-7000-8000-000000000000';
const LIST = '/account/addresses';
const ADD = `${LIST}/add`;
const CODE = `${ADD}/code`;
const ANOTHER = 'eleven purple kettles singing';

const FORMS = {
  [ADD]: { address: 'x@example.net' },
  [CODE]: { code: '123456' },
  [`${LIST}/${SOME_ID}/first`]: {},
  [`${LIST}/${SOME_ID}/keep`]: {},
  [`${LIST}/${SOME_ID}/remove`]: {},
} as const;

describe('the pages of an account’s addresses', () => {
  let house: House;
  let made = 0;
  beforeAll(async () => {
    house = await openHouse({ sleep: async () => {} });
  });
  afterAll(() => house.close());

  interface Person {
    readonly citizen: Citizen;
    readonly address: string;
    readonly accountId: string;
  }
  async function somebody(): Promise<Person> {
    made += 1;
    const address = `person-${made}@example.org`;
    const accountId = await house.account(address, PASSWORD);
    return { citizen: await signedInCitizen(house, address), address, accountId };
  }
  const newAddress = (): string => `new-${(made += 1)}@example.net`;
  const version = ({ current }: Citizen): string => /name="version" value="(\d+)"/.exec(current.html)?.[1] ?? '';

  async function begin(citizen: Citizen, address: string): Promise<string> {
    await citizen.get(ADD);
    await citizen.send({ address });
    expect(citizen.current.url.pathname).toBe(CODE);
    return house.codeFrom(address);
  }
  async function add(citizen: Citizen, address = newAddress()): Promise<string> {
    const code = await begin(citizen, address);
    await citizen.send({ code });
    expect(citizen.current.url.search).toBe('?done=added');
    return address;
  }
  const addressesOf = async (accountId: string): Promise<string[]> =>
    (await house.app.house.accounts.contacts.list(accountId)).map(({ address }) => address);
  const idOf = async (accountId: string, address: string): Promise<string> =>
    (await house.app.house.accounts.contacts.list(accountId)).find((one) => one.address === address)?.identityId ?? '';

  it.each(Object.entries(FORMS))('L9: another site’s form to %s is refused', async (path, form) => {
    const { citizen } = await somebody();
    await citizen.get(ADD);
    const answer = await fetch(`${house.issuer}${path}`, {
      method: 'POST',
      redirect: 'manual',
      headers: { cookie: citizen.browser.header(path), 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' },
      body: new URLSearchParams({ formToken: citizen.token, ...form }),
    });
    expect(answer.status).toBe(403);
  });

  it.each(Object.entries(FORMS))('L9: %s takes no form without this browser’s token', async (path, form) => {
    const [mine, others] = [await somebody(), await somebody()];
    for (const formToken of ['', 'x'.repeat(43), others.citizen.token]) {
      await mine.citizen.send({ ...form, formToken }, path);
      expect(mine.citizen.heading).toBe('This page has expired');
    }
  });

  it.each(Object.entries(FORMS))('LA04: %s asks for the password again after ten minutes', async (path, form) => {
    const { citizen } = await somebody();
    await citizen.get(ADD);
    const { token } = citizen;
    house.clock.aheadMs = 11 * 60 * 1000;
    await citizen.send({ ...form, formToken: token }, path);
    house.clock.aheadMs = 0;
    expect(citizen.heading).toBe('Enter your password again');
  });

  it('LA04, L4: the code of an attacker’s change adds nothing once its owner has signed up', async () => {
    const attacker = await somebody();
    const victims = newAddress();
    const code = await begin(attacker.citizen, victims);
    const victim = await house.account(victims, ANOTHER);
    await attacker.citizen.send({ code });
    expect(attacker.citizen.heading).toBe('There is another account with this address');
    expect(await addressesOf(attacker.accountId)).toEqual([attacker.address]);
    expect(await house.app.house.accounts.findByEmail(victims)).toBe(victim);
    await attacker.citizen.get('/account/merge/other');
    await attacker.citizen.send({ version: version(attacker.citizen), address: victims, password: PASSWORD });
    expect(attacker.citizen.current.status, 'the mailbox is no proof of the account').toBe(400);
  });

  it('LA04, A11: until the code is right, an address that somebody has reads like one that nobody has', async () => {
    const [mine, other] = [await somebody(), await somebody()];
    const faces = [];
    for (const address of [other.address, newAddress()]) {
      await mine.citizen.get(ADD);
      await mine.citizen.send({ address });
      const sent = faceOf(mine.citizen, address);
      await mine.citizen.send({ code: '12345' });
      faces.push([sent, faceOf(mine.citizen, address)]);
      expect((await house.mail(address)).subject).toBe('Your code to add this address to a Latchkey account');
    }
    expect(faces[0]).toEqual(faces[1]);
  });

  it('L6: the mail names who asks and has nothing to press; its code does nothing in its reader’s own browser', async () => {
    const [attacker, reader] = [await somebody(), await somebody()];
    await attacker.citizen.get(ADD);
    await attacker.citizen.send({ address: reader.address });
    const { body } = await house.mail(reader.address);
    expect(body).toContain(`the Latchkey account for ${attacker.address.slice(0, 1)}•••@example.org`);
    expect(body).not.toMatch(/https?:/);
    const code = /\b\d{6}\b/.exec(body)?.[0] ?? '';
    await reader.citizen.get(ADD);
    await reader.citizen.send({ code }, CODE);
    expect(reader.citizen.current.url.search).toBe('?done=void');
    expect(await addressesOf(attacker.accountId)).toEqual([attacker.address]);
    expect(await addressesOf(reader.accountId)).toEqual([reader.address]);
  });

  it('LA04: a password changed in between voids it; so does another browser, and a new sign-in', async () => {
    const { citizen, address, accountId } = await somebody();
    const wanted = newAddress();
    const code = await begin(citizen, wanted);
    const { token } = citizen;
    const elsewhere = await signedInCitizen(house, address);
    await elsewhere.get(CODE);
    expect(elsewhere.current.url.pathname, 'another browser').toBe(ADD);
    await elsewhere.send({ code }, CODE);
    expect(elsewhere.current.url.search).toBe('?done=void');
    await citizen.get('/account/password');
    await citizen.send({ current: PASSWORD, password: ANOTHER });
    await citizen.send({ code, formToken: token }, CODE);
    expect(citizen.current.url.search, 'a credential event').toBe('?done=void');
    expect(citizen.current.html).toContain('That address was not added');
    expect(await addressesOf(accountId)).toEqual([address]);
  });

  it('LA04, A8: six wrong codes end it', async () => {
    const { citizen, accountId, address } = await somebody();
    const code = await begin(citizen, newAddress());
    const wrong = code === '000000' ? '000001' : '000000';
    for (let tries = 0; tries < 6; tries += 1) await citizen.send({ code: wrong });
    await citizen.send({ code });
    expect(citizen.problems).toEqual(['This code cannot be used any more. Ask for a new one.']);
    expect(await addressesOf(accountId)).toEqual([address]);
  });

  it('K5: codes are not sent without end', async () => {
    const { citizen } = await somebody();
    const address = newAddress();
    for (let sent = 0; sent < 6; sent += 1) {
      await citizen.get(ADD);
      await citizen.send({ address });
    }
    expect(citizen.problems[0]).toContain('We have sent too many codes');
    expect(await house.mailCount(address)).toBeLessThanOrEqual(5);
  });

  it('LA02, A14: adding one ends every other session and tells every address that stood before', async () => {
    const { citizen, address } = await somebody();
    const other = await signedInCitizen(house, address);
    const added = await add(citizen);
    await other.get('/account');
    expect(other.heading).not.toBe('Your account');
    for (const told of [address, added])
      expect((await house.mail(told)).subject).toBe('An email address has been added to your Latchkey account');
  });

  it('L15: the last address and the first one stay, whatever form is sent', async () => {
    const { citizen, accountId, address } = await somebody();
    const path = `${LIST}/${await idOf(accountId, address)}/remove`;
    await citizen.get(path);
    expect([citizen.current.status, citizen.heading]).toEqual([409, 'This email address cannot be removed']);
    const second = await add(citizen);
    await citizen.send({ formToken: citizen.token }, path);
    expect(citizen.current.html).toContain('It is your first address');
    await citizen.get(LIST);
    await citizen.send({}, `${LIST}/${await idOf(accountId, second)}/remove`);
    await citizen.get(LIST);
    await citizen.send({}, path);
    expect(citizen.current.html).toContain('It is the only address of your account');
    expect(await addressesOf(accountId)).toEqual([address, second]);
  });

  it('L14: addresses of somebody else are not there', async () => {
    const [mine, other] = [await somebody(), await somebody()];
    const theirs = await idOf(other.accountId, other.address);
    await mine.citizen.get(ADD);
    const { token } = mine.citizen;
    for (const act of ['first', 'keep', 'remove']) {
      await mine.citizen.send({ formToken: token }, `${LIST}/${theirs}/${act}`);
      expect(mine.citizen.current.status, `at ${act}`).toBe(404);
    }
  });

  it('LA17: who holds both passwords merges, and cannot take the other’s address away while it can be undone', async () => {
    const [attacker, victim] = [await somebody(), await somebody()];
    const { citizen } = attacker;
    await citizen.get('/account/merge/other');
    await citizen.send({ version: version(citizen), address: victim.address, password: PASSWORD });
    await citizen.send({ version: version(citizen) });
    expect(citizen.heading).toBe('Your two accounts are one');
    await citizen.get(LIST);
    expect(citizen.current.html, 'the page says so').toContain('every address of both accounts stays');
    const path = `${LIST}/${await idOf(attacker.accountId, victim.address)}/remove`;
    await citizen.send({}, path);
    expect(citizen.current.status).toBe(409);
    expect(await addressesOf(attacker.accountId)).toContain(victim.address);
    const recovered = await house.app.house.accounts.findByEmail(victim.address);
    expect(recovered, 'so the victim can still recover, and undo').toBe(attacker.accountId);
  });

  it('LA03, L3: adding an old account shows every address of the account that it is added to', async () => {
    const { citizen, address } = await somebody();
    const trojan = await add(citizen);
    await house.importOld([{ id: 'id-of-shown', login: 'shown', hash: ssha512Of('shown-1999'), status: 'live' }]);
    await citizen.get('/account/old-accounts/add');
    await citizen.send({ version: version(citizen), source: 'rent-portal' });
    await citizen.send({ version: version(citizen), login: 'shown', password: 'shown-1999' });
    expect(citizen.heading).toBe('Check what will happen');
    for (const one of [address, trojan]) expect(citizen.current.html).toContain(one);
  });
});

/** What a page says, without what was typed and what is random. */
function faceOf({ current, heading, problems }: Citizen, typed: string): string {
  const main = /<main[\s\S]*<\/main>/.exec(current.html)?.[0] ?? '';
  const said = main
    .replaceAll(typed, '…')
    .replaceAll(/name="formToken" value="[^"]*"/g, '')
    .replaceAll(/\s+/g, ' ');
  return [current.status, heading, ...problems, said].join('\n');
}
