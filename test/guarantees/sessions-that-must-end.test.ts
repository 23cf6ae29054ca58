import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signedInCitizen } from '../journeys/account-visitor.ts';
import { Citizen } from '../journeys/citizen.ts';
import { openHouse, PASSWORD, type House } from '../journeys/harness.ts';
import { ssha512Of } from '../support/legacy-estate.ts';

const ADD = '/account/old-accounts/add';
const ANOTHER = 'eleven purple kettles singing';

/** Past what a process that lives needs to end sessions by itself. */
const LEFT_BEHIND_MS = 11_000;
const UNTIL_THE_JOB = { timeout: 40_000, interval: 250 };

describe('a process that dies between a change and the end of the sessions that it must end', () => {
  let house: House;
  let made = 0;
  const fault = { dies: false };
  beforeAll(async () => {
    house = await openHouse({
      sleep: async () => {},
      port: (port) => ({
        ...port,
        revokeSessions: (...of) => {
          if (fault.dies) throw new Error('the process is gone');
          return port.revokeSessions(...of);
        },
      }),
    });
  });
  afterAll(() => house.close());

  interface Person {
    readonly citizen: Citizen;
    readonly address: string;
    readonly accountId: string;
  }
  async function somebody(): Promise<Person> {
    made += 1;
    const address = `somebody-${made}@example.org`;
    const accountId = await house.account(address, PASSWORD);
    return { citizen: await signedInCitizen(house, address), address, accountId };
  }

  const version = ({ current }: Citizen): string => /name="version" value="(\d+)"/.exec(current.html)?.[1] ?? '';
  const submit = (citizen: Citizen, fields: Record<string, string> = {}): Promise<unknown> =>
    citizen.send({ version: version(citizen), ...fields });
  const isIn = async (citizen: Citizen): Promise<boolean> => {
    await citizen.get('/account');
    return citizen.heading === 'Your account';
  };

  /** Up to the page whose button does it. */
  async function upToAdding({ citizen, accountId }: Person): Promise<void> {
    const login = `old-of-${accountId.slice(-12)}`;
    await house.importOld([{ id: `id-${login}`, login, hash: ssha512Of(`${login}-1999`), status: 'live' }]);
    await citizen.get(ADD);
    await submit(citizen, { source: 'rent-portal' });
    await submit(citizen, { login, password: `${login}-1999` });
  }

  async function upToMerging({ citizen }: Person, other: Person): Promise<void> {
    await citizen.get('/account/merge/other');
    await submit(citizen, { address: other.address, password: PASSWORD });
  }

  type Act = (person: Person, other: Person) => Promise<() => Promise<unknown>>;
  const acts: Record<string, Act> = {
    'an old account added': async (person) => {
      await upToAdding(person);
      return () => submit(person.citizen);
    },
    'an old account removed': async (person) => {
      await upToAdding(person);
      await submit(person.citizen);
      await person.citizen.get('/account/old-accounts');
      const [path = ''] = /\/account\/old-accounts\/[^"]*\/remove/.exec(person.citizen.current.html) ?? [];
      await person.citizen.get(path);
      return () => person.citizen.send({ reason: 'mistake' });
    },
    'a merge': async (person, other) => {
      await upToMerging(person, other);
      return () => submit(person.citizen);
    },
    'a merge undone': async (person, other) => {
      await upToMerging(person, other);
      await submit(person.citizen);
      await person.citizen.get('/account/merges');
      const [path = ''] = /\/account\/merges\/[^"]*\/undo/.exec(person.citizen.current.html) ?? [];
      await person.citizen.get(path);
      return () => person.citizen.send({});
    },
    'an address added': async ({ citizen, accountId }) => {
      const address = `${accountId}@example.net`;
      await citizen.get('/account/addresses/add');
      await citizen.send({ address });
      const code = await house.codeFrom(address);
      return () => citizen.send({ code });
    },
    'a password changed': async ({ citizen }) => {
      await citizen.get('/account/password');
      return () => citizen.send({ current: PASSWORD, password: ANOTHER });
    },
    'an account recovered': async ({ address }) => {
      const elsewhere = await upToRecovery(house, address);
      return () => elsewhere.send({ password: ANOTHER });
    },
  };

  const strangers = new Map<string, Citizen>();
  it('LA02, L2: the sessions are there still, since nobody ended them', async () => {
    for (const [name, upTo] of Object.entries(acts)) {
      const [mine, other] = [await somebody(), await somebody()];
      const press = await upTo(mine, other);
      const stranger = await signedInCitizen(house, mine.address);
      expect(await isIn(stranger), `before: ${name}`).toBe(true);
      fault.dies = true;
      await press();
      fault.dies = false;
      expect(await isIn(stranger), `after: ${name}`).toBe(true);
      strangers.set(name, stranger);
    }
    // One wait for the job, for all of them.
    house.clock.aheadMs = LEFT_BEHIND_MS;
  });

  it.each(Object.keys(acts))('LA02, L2: %s: a job ends what the process did not', async (name) => {
    await expect.poll(() => isIn(strangers.get(name)!), UNTIL_THE_JOB).toBe(false);
  });

  it('LA02: nothing is left for the job when the process lives, and the session that may go on goes on', async () => {
    house.clock.aheadMs = 0;
    const [mine] = [await somebody()];
    const press = await acts['a password changed']!(mine, mine);
    await press();
    expect(mine.citizen.current.url.pathname).toBe('/account');
    const left = await house.app.house.db.query({
      text: 'SELECT reason FROM session_endings WHERE account_id = $1 AND done_at IS NULL',
      values: [mine.accountId],
    });
    expect(left).toEqual([]);
    expect(await isIn(mine.citizen)).toBe(true);
  });
});

async function upToRecovery(house: House, address: string): Promise<Citizen> {
  const citizen = new Citizen(house.issuer);
  await citizen.get('/account');
  await citizen.send({ address });
  await citizen.open('forgotten');
  await citizen.send({ address });
  await citizen.send({ code: await house.codeFrom(address) });
  return citizen;
}
