import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signedInCitizen } from '../journeys/account-visitor.ts';
import type { Citizen } from '../journeys/citizen.ts';
import { openHouse, PASSWORD, type House } from '../journeys/harness.ts';
import { ssha512Of } from '../support/legacy-estate.ts';

const SOME_ID = '0198c0de-0000-7000-8000-000000000000';
const ADD = '/account/old-accounts/add';
const MERGE = '/account/merge';

const FORMS = {
  [ADD]: { source: 'rent-portal', version: '0' },
  [`${ADD}/details`]: { login: 'x', password: 'x', version: '0' },
  [`${ADD}/confirm`]: { version: '0' },
  [`/account/old-accounts/${SOME_ID}/remove`]: { reason: 'mistake' },
  [`/account/old-accounts/${SOME_ID}/bring-back`]: {},
  [`${MERGE}/other`]: { address: 'x@example.org', password: 'x', version: '0' },
  [`${MERGE}/confirm`]: { version: '0' },
  [`/account/merges/${SOME_ID}/undo`]: {},
} as const;

describe('linking and merging by the citizen’s pages', () => {
  let house: House;
  let made = 0;
  beforeAll(async () => {
    house = await openHouse({ sleep: async () => {} });
  });
  afterAll(() => house.close());

  /** Somebody new, signed in. */
  async function somebody(): Promise<{ citizen: Citizen; address: string; accountId: string }> {
    made += 1;
    const address = `person-${made}@example.org`;
    const accountId = await house.account(address, PASSWORD);
    return { citizen: await signedInCitizen(house, address), address, accountId };
  }

  async function oldAccount(login: string, status = 'live'): Promise<void> {
    await house.importOld([{ id: `id-of-${login}`, login, hash: ssha512Of(`${login}-1999`), status }]);
  }

  const version = ({ current }: Citizen): string => /name="version" value="(\d+)"/.exec(current.html)?.[1] ?? '';
  const submit = (citizen: Citizen, fields: Record<string, string> = {}): Promise<unknown> =>
    citizen.send({ version: version(citizen), ...fields });

  async function proveOld(citizen: Citizen, login: string): Promise<void> {
    await citizen.get(ADD);
    await submit(citizen, { source: 'rent-portal' });
    await submit(citizen, { login, password: `${login}-1999` });
  }

  async function proveOther(citizen: Citizen, address: string, password = PASSWORD): Promise<void> {
    await citizen.get(`${MERGE}/other`);
    await submit(citizen, { address, password });
  }

  async function count(text: string, accountId: string): Promise<number> {
    const rows = await house.app.house.db.query({ text, values: [accountId] });
    return rows.length;
  }
  const links = (accountId: string): Promise<number> =>
    count('SELECT 1 FROM links WHERE account_id = $1 AND undone_at IS NULL', accountId);
  const merges = (accountId: string): Promise<number> =>
    count('SELECT 1 FROM merges WHERE survivor_id = $1 AND undone_at IS NULL', accountId);

  it.each(Object.entries(FORMS))('L9: another site’s form to %s is refused', async (path, form) => {
    const { citizen } = await somebody();
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

  it('L9: looking at a page links nothing and merges nothing, however often', async () => {
    await oldAccount('looked-at');
    const [mine, other] = [await somebody(), await somebody()];
    await proveOld(mine.citizen, 'looked-at');
    await proveOther(mine.citizen, other.address);
    for (const page of [`${ADD}/confirm`, `${ADD}/done`, `${MERGE}/confirm`, `${MERGE}/done`])
      await mine.citizen.get(page);
    expect([await links(mine.accountId), await merges(mine.accountId)]).toEqual([0, 0]);
  });

  it('E2, L14: nothing is linked or merged without proof of the other side, whatever page is called', async () => {
    const { citizen, accountId } = await somebody();
    for (const first of [ADD, `${MERGE}/other`]) {
      const base = first === ADD ? ADD : MERGE;
      await citizen.get(first);
      const { token } = citizen;
      await citizen.get(`${base}/confirm`);
      expect(citizen.current.url.pathname).toBe(first);
      await citizen.send({ version: '0', formToken: token }, `${base}/confirm`);
      expect(citizen.current.url.pathname).toBe(first);
    }
    expect([await links(accountId), await merges(accountId)]).toEqual([0, 0]);
  });

  it('E3: what was proved in one browser is worth nothing in another of the same person', async () => {
    await oldAccount('two-browsers');
    const [mine, other] = [await somebody(), await somebody()];
    const elsewhere = await signedInCitizen(house, mine.address);
    await proveOld(elsewhere, 'two-browsers');
    await proveOther(elsewhere, other.address);
    await mine.citizen.get(`${ADD}/confirm`);
    expect(mine.citizen.current.url.pathname).toBe(ADD);
    await mine.citizen.get(`${MERGE}/confirm`);
    expect(mine.citizen.current.url.pathname).toBe(`${MERGE}/other`);
  });

  it('E3: what was proved before a new sign-in is worth nothing after it', async () => {
    await oldAccount('before');
    const { citizen } = await somebody();
    await proveOld(citizen, 'before');
    expect(citizen.current.url.pathname).toBe(`${ADD}/confirm`);
    await new Promise((resolve) => setTimeout(resolve, 1100));
    await citizen.start(house.rent, '?prompt=login');
    await citizen.send({ password: PASSWORD });
    await citizen.get(`${ADD}/confirm`);
    expect(citizen.current.url.pathname).toBe(ADD);
  });

  it('E2: the own password must have been entered within five minutes to begin, and ten to finish', async () => {
    await oldAccount('slow');
    const [mine, other] = [await somebody(), await somebody()];
    await proveOld(mine.citizen, 'slow');
    const { token, current } = mine.citizen;
    const adding = version(mine.citizen);
    await proveOther(mine.citizen, other.address);
    const merging = version(mine.citizen);
    house.clock.aheadMs = 6 * 60 * 1000;
    for (const first of [ADD, `${MERGE}/other`]) {
      await mine.citizen.get(first);
      expect(mine.citizen.heading, `at ${first}`).toBe('Enter your password again');
    }
    house.clock.aheadMs = 11 * 60 * 1000;
    for (const [path, at] of [
      [current.url.pathname, adding],
      [`${MERGE}/confirm`, merging],
    ] as const) {
      await mine.citizen.send({ formToken: token, version: at }, path);
      expect(mine.citizen.heading, `at ${path}`).toBe('Enter your password again');
    }
    house.clock.aheadMs = 0;
    expect([await links(mine.accountId), await merges(mine.accountId)]).toEqual([0, 0]);
  });

  it('E3: a proof is used once: of ten presses at once one adds, one merges', async () => {
    await oldAccount('pressed');
    const [mine, other] = [await somebody(), await somebody()];
    const press = async (): Promise<void> => {
      const path = mine.citizen.current.url.pathname;
      const form = { formToken: mine.citizen.token, version: version(mine.citizen) };
      await Promise.all(Array.from({ length: 10 }, () => mine.citizen.browser.post(path, form)));
    };
    await proveOld(mine.citizen, 'pressed');
    await press();
    expect(await links(mine.accountId)).toBe(1);
    await proveOther(mine.citizen, other.address);
    await press();
    expect(await merges(mine.accountId)).toBe(1);
  });

  it('E2: a confirm page adds and merges what it names: not what another tab has gone on with', async () => {
    await oldAccount('named');
    await oldAccount('unnamed');
    const [mine, named, unnamed] = [await somebody(), await somebody(), await somebody()];
    await proveOld(mine.citizen, 'named');
    const adding = { formToken: mine.citizen.token, version: version(mine.citizen) };
    await proveOld(mine.citizen, 'unnamed');
    await mine.citizen.send(adding, `${ADD}/confirm`);
    expect(mine.citizen.heading).toBe('Check what will happen');
    await proveOther(mine.citizen, named.address);
    const merging = { formToken: mine.citizen.token, version: version(mine.citizen) };
    await proveOther(mine.citizen, unnamed.address);
    await mine.citizen.send(merging, `${MERGE}/confirm`);
    expect(mine.citizen.current.html).toContain(unnamed.address);
    expect([await links(mine.accountId), await merges(mine.accountId)]).toEqual([0, 0]);
  });

  it('LA20: a waiting, an unknown, a disabled and somebody else’s old account read the same to the wrong person', async () => {
    await oldAccount('waiting');
    await oldAccount('disabled', 'closed');
    await oldAccount('taken');
    const owner = await somebody();
    await proveOld(owner.citizen, 'taken');
    await submit(owner.citizen);
    expect(await links(owner.accountId)).toBe(1);
    const { citizen } = await somebody();
    const seen = new Set<string>();
    for (const [login, password] of [
      ['waiting', 'not it'],
      ['unknown', 'unknown-1999'],
      ['disabled', 'disabled-1999'],
      ['taken', 'taken-1999'],
    ] as const) {
      await citizen.get(ADD);
      await submit(citizen, { source: 'rent-portal' });
      await submit(citizen, { login, password });
      seen.add(faceOf(citizen, login));
    }
    expect(seen.size).toBe(1);
  });

  it('LA20: the page that proves the other account tells no address with an account from one without', async () => {
    const [mine, known] = [await somebody(), await somebody()];
    const faces: string[][] = [];
    for (const address of [known.address, 'nobody-has-this@example.org']) {
      const seen: string[] = [];
      for (let wrong = 0; wrong < 12; wrong += 1) {
        await proveOther(mine.citizen, address, `wrong ${wrong}`);
        seen.push(faceOf(mine.citizen, address));
      }
      faces.push(seen);
    }
    expect(faces[0]).toEqual(faces[1]);
    expect(faces[0]?.at(-1), 'A8: the limits of a sign-in hold here').toContain('too many wrong passwords');
    await proveOther(mine.citizen, known.address);
    expect(mine.citizen.current.status, 'even for the right password').toBe(400);
  });

  it('LA02: adding, removing and merging end every other session of whom they concern', async () => {
    await oldAccount('ends-sessions');
    const [mine, other] = [await somebody(), await somebody()];
    const isIn = async (citizen: Citizen): Promise<boolean> => {
      await citizen.get('/account');
      return citizen.heading === 'Your account';
    };
    const before = await signedInCitizen(house, mine.address);
    await proveOld(mine.citizen, 'ends-sessions');
    await submit(mine.citizen);
    expect([await isIn(before), await isIn(mine.citizen)], 'added').toEqual([false, true]);

    const between = await signedInCitizen(house, mine.address);
    await proveOther(mine.citizen, other.address);
    await submit(mine.citizen);
    expect(mine.citizen.heading).toBe('Your two accounts are one');
    expect([await isIn(between), await isIn(other.citizen), await isIn(mine.citizen)], 'merged').toEqual([
      false,
      false,
      true,
    ]);

    const last = await signedInCitizen(house, mine.address);
    await mine.citizen.get('/account/old-accounts');
    const [path = ''] = /\/account\/old-accounts\/[^"]*\/remove/.exec(mine.citizen.current.html) ?? [];
    await mine.citizen.get(path);
    await mine.citizen.send({ reason: 'mistake' });
    expect(mine.citizen.heading).toBe('Old account removed');
    expect([await isIn(last), await isIn(mine.citizen)], 'removed').toEqual([false, false]);
  });

  it.each(['the account that stays', 'the other account'] as const)(
    'LA34: %s asks for a second factor always: a password alone merges nothing',
    async (which) => {
      const [mine, other] = [await somebody(), await somebody()];
      const { accountId } = which === 'the other account' ? other : mine;
      await house.app.house.db.query({
        text: `UPDATE accounts SET second_factor = 'always' WHERE account_id = $1`,
        values: [accountId],
      });
      await proveOther(mine.citizen, other.address);
      expect(mine.citizen.heading).toBe('We could not make the accounts one');
      expect(mine.citizen.current.html).toContain('asks for a second step at every sign-in');
      expect(await merges(mine.accountId)).toBe(0);
    },
  );

  it('L14: the links and merges of somebody else are not there', async () => {
    await oldAccount('private');
    const [mine, other, stranger] = [await somebody(), await somebody(), await somebody()];
    await proveOld(mine.citizen, 'private');
    await submit(mine.citizen);
    await proveOther(mine.citizen, other.address);
    await submit(mine.citizen);
    const [link = ''] = await idsOf('SELECT link_id AS id FROM links WHERE account_id = $1', mine.accountId);
    const [merge = ''] = await idsOf('SELECT merge_id AS id FROM merges WHERE survivor_id = $1', mine.accountId);
    const pages: Record<string, Record<string, string> | undefined> = {
      [`/account/old-accounts/${link}`]: undefined,
      [`/account/old-accounts/${link}/remove`]: { reason: 'mistake' },
      [`/account/merges/${merge}/undo`]: {},
    };
    for (const [path, form] of Object.entries(pages)) {
      await mine.citizen.get(path);
      expect(mine.citizen.current.status, `at ${path}`).toBe(200);
      await stranger.citizen.get('/account');
      const { token } = stranger.citizen;
      await stranger.citizen.get(path);
      expect(stranger.citizen.current.status, `at ${path}`).toBe(404);
      if (!form) continue;
      await stranger.citizen.send({ ...form, formToken: token }, path);
      expect(stranger.citizen.current.status, `at ${path}`).toBe(404);
    }
    expect([await links(mine.accountId), await merges(mine.accountId)]).toEqual([1, 1]);
  });

  it('L15: un-merging leaves both accounts a way in; the notices go to both sides', async () => {
    const [mine, other] = [await somebody(), await somebody()];
    await proveOther(mine.citizen, other.address);
    await submit(mine.citizen);
    const [merge = ''] = await idsOf('SELECT merge_id AS id FROM merges WHERE survivor_id = $1', mine.accountId);
    await mine.citizen.get(`/account/merges/${merge}/undo`);
    await mine.citizen.send({});
    expect(mine.citizen.heading).toBe('There are two accounts again');
    for (const { address } of [mine, other]) {
      await signedInCitizen(house, address);
      expect((await house.mail(address)).subject).toBe('Two Latchkey accounts have become one');
      expect((await house.mail(address)).subject).toBe('A Latchkey account has been made two again');
    }
  });

  it('D21: a sign-in comes back to no page of another shape than ours', async () => {
    const { citizen } = await somebody();
    for (const state of [`${ADD}/confirm`, '/account/merges/x/undo', '//evil.example', '/account/old-accounts/../x']) {
      const answer = await citizen.browser.get(`/account/signed-in?state=${encodeURIComponent(state)}`);
      expect(answer.headers.get('location')).toBe('/account');
    }
  });

  async function idsOf(text: string, accountId: string): Promise<string[]> {
    const rows = await house.app.house.db.query<{ id: string }>({ text, values: [accountId] });
    return rows.map(({ id }) => id);
  }
});

/** What a page says, without what was typed and what is random. */
function faceOf({ current, heading, problems }: Citizen, typed: string): string {
  const main = /<main[\s\S]*<\/main>/.exec(current.html)?.[0] ?? '';
  const said = main
    .replaceAll(typed, '…')
    .replaceAll(/name="(?:formToken|version)" value="[^"]*"/g, '')
    .replaceAll(/\s+/g, ' ');
  return [current.status, heading, ...problems, said].join('\n');
}
