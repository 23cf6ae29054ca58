import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Citizen } from '../journeys/citizen.ts';
import { openHouse, PASSWORD, type House } from '../journeys/harness.ts';
import { ssha512Of } from '../support/legacy-estate.ts';

/** Who might have an account: all of them must look the same to somebody who proved nothing. */
const PEOPLE = ['known', 'unknown', 'suspended', 'waiting-in-the-old-system', 'moved-from-the-old-system'] as const;

describe('nobody learns who has an account', () => {
  let house: House;
  const addressOf = (who: string): string => `${who}@example.org`;

  beforeAll(async () => {
    house = await openHouse({ sleep: async () => {} });
    await house.account(addressOf('known'), PASSWORD);
    const suspended = await house.account(addressOf('suspended'), PASSWORD);
    await house.app.house.db.query({
      text: `UPDATE accounts SET status = 'suspended' WHERE account_id = $1`,
      values: [suspended],
    });
    await house.importOld([
      { id: 'R-1', login: 'waiting', hash: ssha512Of('old-1'), email: addressOf('waiting-in-the-old-system') },
      { id: 'R-2', login: 'moved', hash: ssha512Of('old-2'), email: addressOf('moved-from-the-old-system') },
      { id: 'R-3', login: 'closed', hash: ssha512Of('old-3'), status: 'closed' },
    ]);
    await move();
  });
  afterAll(() => house.close());

  async function move(): Promise<void> {
    const citizen = await visitor();
    await citizen.open('old-service');
    await citizen.send({ source: 'rent-portal' });
    await citizen.send({ login: 'moved', password: 'old-2' });
    await citizen.send({ address: addressOf('moved-from-the-old-system') });
    await citizen.send({ code: await house.codeFrom(addressOf('moved-from-the-old-system')) });
    await citizen.send({});
    expect(citizen.heading).toBe('Signed in to Rent support');
  }

  async function visitor(): Promise<Citizen> {
    const citizen = new Citizen(house.issuer);
    await citizen.start(house.rent);
    return citizen;
  }

  /** Everything of an answer that could tell one person from another, with what is random in every answer taken out. */
  function look(citizen: Citizen, who: string): Record<string, unknown> {
    const { page, browser, posts } = citizen;
    const headers = [...(page?.headers ?? [])]
      .filter(([name]) => !['date', 'x-request-id', 'content-security-policy', 'etag'].includes(name))
      .map(([name, value]) => `${name}: ${name === 'set-cookie' ? 'x' : name === 'content-length' ? 'n' : value}`);
    const html = (page?.html ?? '')
      .replaceAll(addressOf(who), 'ADDRESS')
      .replaceAll(citizen.uid, 'UID')
      .replaceAll(/(formToken" value|nonce)="[^"]*"/g, '$1=""');
    return {
      status: page?.status,
      headers,
      html,
      posts: posts.map(({ status }) => status),
      cookies: [...browser.cookies.keys()],
    };
  }

  async function sameForAll(journey: (citizen: Citizen, address: string) => Promise<void>): Promise<void> {
    const looks: Record<string, unknown>[] = [];
    for (const who of PEOPLE) {
      const citizen = await visitor();
      await journey(citizen, addressOf(who));
      looks.push(look(citizen, who));
    }
    for (const one of looks) expect(one).toEqual(looks[0]);
  }

  it('A11: the password page, and a wrong password', async () => {
    await sameForAll(async (citizen, address) => {
      await citizen.send({ address });
      expect(citizen.at).toBe('password');
    });
    await sameForAll(async (citizen, address) => {
      await citizen.send({ address });
      await citizen.send({ password: 'not the password of anybody' });
      expect(citizen.problems).toEqual(['The email address or password is not correct. Check both and try again.']);
    });
  });

  it('A11: the right password of somebody suspended reads as a wrong one', async () => {
    const citizen = await visitor();
    await citizen.send({ address: addressOf('suspended') });
    await citizen.send({ password: PASSWORD });
    expect(citizen.problems).toEqual(['The email address or password is not correct. Check both and try again.']);
  });

  it('A11: sign-up, a new code, and a wrong code', async () => {
    await sameForAll(async (citizen, address) => {
      await citizen.open('create');
      await citizen.send({ address });
      await citizen.send({ action: 'resend' });
      await citizen.send({ code: '000000' });
      expect(citizen.at).toBe('create-code');
    });
  });

  it('A11: a forgotten password', async () => {
    await sameForAll(async (citizen, address) => {
      await citizen.open('forgotten');
      await citizen.send({ address });
      expect(citizen.at).toBe('forgotten-code');
    });
  });

  it('A11: the second way after many wrong passwords, and mail goes only where an account is', async () => {
    await house.app.house.db.query({ text: 'DELETE FROM attempt_counters' });
    await house.app.outbox.drainOnce();
    const before = await Promise.all([house.mailCount(addressOf('known')), house.mailCount(addressOf('unknown'))]);
    await sameForAll(async (citizen, address) => {
      await citizen.send({ address });
      for (let wrong = 0; wrong < 10 && citizen.at === 'password'; wrong += 1)
        await citizen.send({ password: `wrong ${wrong}` });
      expect(citizen.at).toBe('check');
    });
    await expect.poll(() => house.mailCount(addressOf('known'))).toBe((before[0] ?? 0) + 1);
    expect(await house.mailCount(addressOf('unknown')), 'a stranger’s mailbox is left alone').toBe(before[1]);
  });

  it('A11: old accounts that are unknown, waiting, moved or closed', async () => {
    const looks: Record<string, unknown>[] = [];
    for (const login of ['nobody', 'waiting', 'moved', 'closed']) {
      const citizen = await visitor();
      await citizen.open('old-service');
      await citizen.send({ source: 'rent-portal' });
      await citizen.send({ login, password: login === 'waiting' ? 'wrong' : 'old-2' });
      looks.push(look(citizen, login));
      expect(citizen.at).toBe('old-account');
    }
    for (const one of looks) expect({ ...one, html: '' }).toEqual({ ...looks[0], html: '' });
  });

  it('what an address means is told to the one who proved the mailbox', async () => {
    const citizen = await visitor();
    await citizen.open('create');
    await citizen.send({ address: 'known@example.org' });
    await house.app.outbox.drainOnce();
    const mails = await house.mailCount('known@example.org');
    let code = '';
    for (let read = 0; read < mails; read += 1) code = await nextCode(code);
    await citizen.send({ code });
    expect(citizen.heading).toBe('You already have an account');
  });

  it('a suspended account is named to the owner of its mailbox only, and gets no new password', async () => {
    const citizen = await visitor();
    await citizen.open('forgotten');
    await house.app.house.db.query({ text: 'DELETE FROM attempt_counters' });
    await citizen.send({ address: addressOf('suspended') });
    for (
      let read = await house.mailCount(addressOf('suspended'));
      citizen.at === 'forgotten-code' && read >= 0;
      read -= 1
    )
      await citizen.send({ code: await house.codeFrom(addressOf('suspended')) });
    expect(citizen.heading).toBe('This account cannot be used');
    await citizen.send({});
    expect(citizen.heading, 'there is nothing to send').toBe('This account cannot be used');
    await citizen.start(house.rent);
    await citizen.open('new-password');
    expect(citizen.at).not.toBe('new-password');
  });

  async function nextCode(last: string): Promise<string> {
    try {
      return await house.codeFrom('known@example.org');
    } catch {
      return last;
    }
  }
});
