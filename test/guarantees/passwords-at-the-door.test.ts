import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Citizen } from '../journeys/citizen.ts';
import { openHouse, PASSWORD, type House } from '../journeys/harness.ts';

describe('passwords at the citizens’ door', () => {
  let house: House;
  const waits: number[] = [];
  beforeAll(async () => {
    house = await openHouse({
      sleep: async (ms) => {
        waits.push(ms);
      },
    });
  });
  afterAll(() => house.close());

  async function visitor(): Promise<Citizen> {
    const citizen = new Citizen(house.issuer);
    await citizen.start(house.rent);
    return citizen;
  }

  /** Somebody new who stands before the page that asks for a password. */
  async function choosing(address: string): Promise<Citizen> {
    const citizen = await visitor();
    await citizen.open('create');
    await citizen.send({ address });
    await citizen.send({ code: await house.codeFrom(address) });
    return citizen;
  }

  async function signIn(citizen: Citizen, address: string, password: string): Promise<string> {
    await citizen.send({ address });
    await citizen.send({ password });
    return citizen.heading;
  }

  it('A1: fifteen characters where the password stands alone, fourteen are too few', async () => {
    const citizen = await choosing('a1@example.org');
    await citizen.send({ password: 'xkvbqzmwjpthln' });
    expect(citizen.problems).toEqual(['The password must have at least 15 characters']);
    await citizen.send({ password: 'xkvbqzmwjpthlny' });
    expect(citizen.heading).toBe('Signed in to Rent support');
  });

  it('A2: 200 characters with spaces and emoji, never cut: the first 72 bytes do not open the account', async () => {
    const long = 'lliwgar 🦄 ystlum '.repeat(12).slice(0, 200);
    const citizen = await choosing('a2@example.org');
    await citizen.send({ password: long });
    expect(citizen.heading).toBe('Signed in to Rent support');
    expect(await signIn(await visitor(), 'a2@example.org', long.slice(0, 72))).toBe('Enter your password');
    expect(await signIn(await visitor(), 'a2@example.org', long.normalize('NFD'))).toBe('Signed in to Rent support');
  });

  it('A3: lower-case letters alone are good enough; no rules of composition', async () => {
    const citizen = await choosing('a3@example.org');
    await citizen.send({ password: 'gwdihwllanffairmor' });
    expect(citizen.heading).toBe('Signed in to Rent support');
  });

  it('A4: the service’s, the department’s and the person’s own name are refused, with the reason', async () => {
    const citizen = await choosing('llewelyn@example.org');
    for (const password of ['rent support 2026 abc', 'department for housing', 'xx llewelyn xx 12345']) {
      await citizen.send({ password });
      expect(citizen.problems[0]).toContain('must not contain your name');
    }
  });

  it('a password of more than 1,024 bytes is refused before any hash is computed', async () => {
    await house.account('long@example.org', PASSWORD);
    const citizen = await visitor();
    await citizen.send({ address: 'long@example.org' });
    const before = house.app.house.passwordWork.stats();
    await citizen.send({ password: 'é'.repeat(513) });
    expect(citizen.problems).toEqual(['The password must have 256 characters or fewer']);
    expect(house.app.house.passwordWork.stats()).toEqual(before);
  });

  it('A8: of thirty guesses at once at most nine are looked at; the delay grows from the fourth', async () => {
    await house.account('a8@example.org', PASSWORD);
    waits.length = 0;
    const before = await countAudit('account.sign-in-failed');
    const guess = async (password: string): Promise<string> => {
      const citizen = await visitor();
      await signIn(citizen, 'a8@example.org', password);
      return citizen.at;
    };
    const guesses = Array.from({ length: 30 }, (_, index) => guess(`guess number ${index}`));
    const ended = await Promise.all(guesses);
    expect(new Set(ended)).toEqual(new Set(['password', 'check']));
    expect((await countAudit('account.sign-in-failed')) - before).toBe(9);
    expect(waits.toSorted((a, b) => a - b).slice(0, 5)).toEqual([500, 1000, 2000, 4000, 4000]);
  });

  it('A9: after a flood the right person gets in: from a known device at once, from elsewhere with a code', async () => {
    await house.account('a9@example.org', PASSWORD);
    const own = await visitor();
    expect(await signIn(own, 'a9@example.org', PASSWORD)).toBe('Signed in to Rent support');
    for (let flood = 0; flood < 4; flood += 1) {
      const attacker = await visitor();
      await attacker.send({ address: 'a9@example.org' });
      for (let wrong = 0; wrong < 5 && attacker.at === 'password'; wrong += 1)
        await attacker.send({ password: `wrong ${flood} ${wrong}` });
    }
    const stranger = await visitor();
    await signIn(stranger, 'a9@example.org', PASSWORD);
    expect(stranger.at, 'even the right password waits for the second way').toBe('check');

    await own.start(house.rent, '?prompt=login');
    await own.send({ password: PASSWORD });
    expect(own.heading, 'the known device').toBe('Signed in to Rent support');
  });

  it('A10: one password sprayed over many accounts needs a second way, those who have it by right do not', async () => {
    const shared = 'a password many people have';
    let last = '';
    for (let who = 0; who < 40; who += 1) {
      const wrong = await visitor();
      await signIn(wrong, `spray-${who}@example.org`, 'Summer 2026 is coming');
      last = wrong.at;
    }
    expect(last).toBe('check');
    await house.account('a10@example.org', shared);
    for (let again = 0; again < 35; again += 1)
      expect(await signIn(await visitor(), 'a10@example.org', shared)).toBe('Signed in to Rent support');
  });

  it('K5: after five codes in an hour the next one waits', async () => {
    const citizen = await visitor();
    await citizen.open('create');
    await citizen.send({ address: 'k5@example.org' });
    for (let again = 0; again < 4; again += 1) await citizen.send({ action: 'resend' });
    expect(citizen.problems).toEqual([]);
    await citizen.send({ action: 'resend' });
    expect(citizen.problems[0]).toMatch(/^We have sent too many codes\. Wait \d+ minutes/);
    const other = await visitor();
    await other.open('forgotten');
    await other.send({ address: 'K5@example.org' });
    expect(other.problems[0], 'the same mailbox by another page').toMatch(/^We have sent too many codes/);
  });

  it('K3: strangers who use up the mails of an address do not hold up its owner’s own device', async () => {
    const address = 'k3@example.org';
    await house.account(address, PASSWORD);
    const own = await visitor();
    await signIn(own, address, PASSWORD);
    const who = `anywhere ${address}`;
    for (let send = 0; send < 30; send += 1)
      await house.app.house.accounts.attempts.take({ what: 'code-send', who, limit: 30, windowSeconds: 86_400 });
    const ask = async (citizen: Citizen): Promise<string> => {
      await citizen.start(house.rent, '?prompt=login');
      await citizen.open('forgotten');
      await citizen.send({ address });
      return citizen.at;
    };
    expect(await ask(await visitor())).toBe('forgotten');
    expect(await ask(own)).toBe('forgotten-code');
  });

  it('A15: the code by e-mail signs nobody in; the password is asked for after it', async () => {
    await house.account('a15@example.org', PASSWORD);
    const citizen = await visitor();
    await citizen.send({ address: 'a15@example.org' });
    for (let wrong = 0; wrong < 12 && citizen.at === 'password'; wrong += 1)
      await citizen.send({ password: `no ${wrong}` });
    expect(citizen.at).toBe('check');
    await citizen.send({ code: await house.codeFrom('a15@example.org') });
    expect(citizen.at).toBe('password');
    await citizen.send({ password: 'still wrong' });
    expect(citizen.at).toBe('password');
    await citizen.send({ password: PASSWORD });
    expect(citizen.heading).toBe('Signed in to Rent support');
  });

  it('A6: a change of password needs the current one, ends the other sessions and tells the citizen', async () => {
    const address = 'a6@example.org';
    await house.account(address, PASSWORD);
    const [here, there] = [await visitor(), await visitor()];
    await signIn(here, address, PASSWORD);
    await signIn(there, address, PASSWORD);
    await here.get('/account/password');
    await here.send({ current: 'not it', password: 'seven purple elephants' });
    expect(here.problems).toEqual(['That is not your current password']);
    await here.send({ current: PASSWORD, password: 'seven purple elephants' });
    expect(here.current.url.pathname).toBe('/account');
    expect((await house.mail(address)).subject).toBe('Your Latchkey password has been changed');
    await there.get('/account');
    expect(there.heading).toBe('Sign in to Your account');
    expect(await signIn(await visitor(), address, PASSWORD)).toBe('Enter your password');
    expect(await signIn(await visitor(), address, 'seven purple elephants')).toBe('Signed in to Rent support');
  });

  it('A14: a notice says what happened, when, by whom and how to stop it', async () => {
    const address = 'a14@example.org';
    const citizen = await choosing(address);
    await citizen.send({ password: PASSWORD });
    const { body } = await house.mail(address);
    expect(body).toMatch(/was created for a14@example\.org on \d+ \w+ 20\d\d/);
    expect(body).toContain('with a code that we sent to this address');
    expect(body).toContain('If it was not you, set a new password at once');
  });

  async function countAudit(type: string): Promise<number> {
    await house.app.house.auditBatch.flush();
    const [row] = await house.app.house.db.query<{ count: number }>({
      text: 'SELECT count(*) FROM audit_events WHERE type = $1',
      values: [type],
    });
    return row?.count ?? 0;
  }
});
