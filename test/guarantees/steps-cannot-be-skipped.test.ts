import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Citizen } from '../journeys/citizen.ts';
import { openHouse, PASSWORD, type House } from '../journeys/harness.ts';
import { ssha512Of } from '../support/legacy-estate.ts';

const PAGES = {
  account: { choice: 'session' },
  password: { password: PASSWORD },
  check: { code: '123456' },
  continue: { action: 'continue' },
  'create-code': { code: '123456' },
  'create-exists': {},
  'create-password': { password: PASSWORD },
  'forgotten-code': { code: '123456' },
  'forgotten-no-account': {},
  'new-password': { password: PASSWORD },
  'old-account': { login: 'gwen', password: 'hen gyfrinair' },
  'old-email': { address: 'a@example.org' },
  'old-code': { code: '123456' },
  'old-existing': { password: PASSWORD },
  'old-confirm': {},
  'old-refused': {},
} as const;

describe('steps cannot be skipped', () => {
  let house: House;
  let citizen: Citizen;
  beforeAll(async () => {
    house = await openHouse();
    await house.account('sian@example.org', PASSWORD);
    await house.importOld([{ id: 'R-1', login: 'gwen', hash: ssha512Of('hen gyfrinair') }]);
  });
  afterAll(() => house.close());

  const visitor = async (): Promise<Citizen> => {
    const fresh = new Citizen(house.issuer);
    await fresh.start(house.rent);
    return fresh;
  };

  const signIn = async (who: Citizen): Promise<void> => {
    await who.send({ address: 'sian@example.org' });
    await who.send({ password: PASSWORD });
  };

  it.each(Object.keys(PAGES))('X9: %s by its address leads back to the first page', async (page) => {
    citizen = await visitor();
    await citizen.open(page);
    expect(citizen.at).toBe('email');
  });

  it.each(Object.entries(PAGES))('X9: a post to %s before its turn does nothing', async (page, form) => {
    citizen = await visitor();
    await citizen.send(form, `/sign-in/${citizen.uid}/${page}`);
    expect(citizen.at).toBe('email');
    expect(citizen.current.html).toContain('You had already gone past that page');
  });

  it('X9: proof of the mailbox is not proof of the old account, and the other way round', async () => {
    citizen = await visitor();
    await citizen.open('old-service');
    await citizen.send({ source: 'rent-portal' });
    await citizen.send({ login: 'gwen', password: 'hen gyfrinair' });
    expect(citizen.at).toBe('old-email');
    await citizen.send({}, `/sign-in/${citizen.uid}/old-confirm`);
    expect(citizen.at).toBe('old-email');
    await citizen.send({ address: 'gwen@example.org' });
    await citizen.send({}, `/sign-in/${citizen.uid}/old-confirm`);
    expect(citizen.at).toBe('old-code');
  });

  it('X9: going back undoes what came after', async () => {
    citizen = await visitor();
    await citizen.open('create');
    await citizen.send({ address: 'one@example.org' });
    await citizen.send({ code: await house.codeFrom('one@example.org') });
    expect(citizen.at).toBe('create-password');
    await citizen.open('create');
    await citizen.send({ address: 'two@example.org' });
    expect(citizen.at).toBe('create-code');
    await citizen.open('create-password');
    expect(citizen.at, 'the new address is not proved').toBe('create-code');
  });

  it('C11: a form is good for one hop: its token is dead after the next page', async () => {
    citizen = await visitor();
    const { token } = citizen;
    await citizen.send({ address: 'sian@example.org' });
    await citizen.send({ address: 'attacker@example.org', formToken: token }, `/sign-in/${citizen.uid}/email`);
    expect(citizen.at).toBe('password');
    expect(citizen.current.html).toContain('sian@example.org');
  });

  it('C11: a token of another step, another journey or none changes nothing', async () => {
    const other = await visitor();
    citizen = await visitor();
    for (const formToken of [other.token, '', 'x'.repeat(43)]) {
      await citizen.send({ address: 'sian@example.org', formToken });
      expect(citizen.at).toBe('email');
    }
  });

  it('C6: another site cannot sign a victim in as the attacker', async () => {
    citizen = await visitor();
    const answer = await fetch(`${house.issuer}/sign-in/${citizen.uid}/email`, {
      method: 'POST',
      redirect: 'manual',
      headers: {
        cookie: citizen.browser.header('/sign-in/'),
        'sec-fetch-site': 'cross-site',
        origin: 'https://evil.example',
      },
      body: new URLSearchParams({ address: 'attacker@example.org', formToken: citizen.token }),
    });
    expect(answer.status).toBe(403);
  });

  it('X7: an attacker’s sign-in link is worth nothing in the victim’s browser', async () => {
    const attacker = await visitor();
    const victim = new Citizen(house.issuer);
    await victim.get(attacker.current.url.href);
    expect(victim.current.status).toBe(400);
    expect(victim.current.html).not.toContain('name="address"');
  });

  it('X7: the browser cookie of before the sign-in does not open the session of after it', async () => {
    const victim = await visitor();
    const before = new Citizen(house.issuer);
    for (const [name, cookie] of victim.browser.cookies) before.browser.cookies.set(name, cookie);
    await signIn(victim);
    expect(victim.heading).toBe('Signed in to Rent support');
    await before.get('/account');
    expect(before.heading).toBe('Sign in to Your account');
  });

  it('X10: one browser’s journey cannot be gone on with by another one that has its own', async () => {
    const [one, two] = [await visitor(), await visitor()];
    await one.send({ address: 'sian@example.org' });
    const page = await two.get(`/sign-in/${one.uid}/password`);
    expect(page.status).toBe(400);
    const posted = await two.browser.post(`/sign-in/${one.uid}/password`, { password: PASSWORD, formToken: two.token });
    expect(posted.status).toBe(400);
  });

  it('X10: cookies of one’s own journey, sent by hand to the address of another’s, are refused', async () => {
    const [one, two] = [await visitor(), await visitor()];
    const cookie = [...two.browser.cookies].map(([name, { value }]) => `${name}=${value}`).join('; ');
    const answer = await fetch(`${house.issuer}/sign-in/${one.uid}/email`, { headers: { cookie } });
    expect(answer.status).toBe(400);
  });

  it('X10: the interaction’s cookie alone, without the browser’s own, cannot go on either', async () => {
    citizen = await visitor();
    await citizen.send({ address: 'sian@example.org' });
    citizen.browser.cookies.delete('browser');
    await citizen.open('password');
    expect(citizen.current.status).toBe(400);
  });

  it('L9: a victim who proved both sides links nothing by another site’s form', async () => {
    citizen = await visitor();
    await citizen.open('old-service');
    await citizen.send({ source: 'rent-portal' });
    await citizen.send({ login: 'gwen', password: 'hen gyfrinair' });
    await citizen.send({ address: 'gwen-proved@example.org' });
    await citizen.send({ code: await house.codeFrom('gwen-proved@example.org') });
    expect(citizen.at).toBe('old-confirm');
    const answer = await fetch(citizen.current.url, {
      method: 'POST',
      redirect: 'manual',
      headers: { cookie: citizen.browser.header('/sign-in/'), 'sec-fetch-site': 'cross-site' },
      body: new URLSearchParams({ formToken: citizen.token }),
    });
    expect(answer.status).toBe(403);
    await citizen.get(citizen.current.url.href);
    expect(citizen.at, 'looking again links nothing').toBe('old-confirm');
    await citizen.send({});
    expect(citizen.heading).toBe('Signed in to Rent support');
  });

  it('E3: the proof of an old account counts for ten minutes; then its password is asked for again', async () => {
    await house.importOld([{ id: 'R-2', login: 'slow', hash: ssha512Of('slow-1999') }]);
    const prove = async (): Promise<void> => {
      await citizen.send({ login: 'slow', password: 'slow-1999' });
      await citizen.send({ address: 'slow@example.org' });
      await citizen.send({ code: await house.codeFrom('slow@example.org') });
      expect(citizen.at).toBe('old-confirm');
    };
    citizen = await visitor();
    await citizen.open('old-service');
    await citizen.send({ source: 'rent-portal' });
    await prove();
    house.clock.aheadMs = 11 * 60 * 1000;
    await citizen.send({});
    expect(citizen.at).toBe('old-account');
    expect(citizen.current.html).toContain('more than 10 minutes');
    await prove();
    await citizen.send({});
    house.clock.aheadMs = 0;
    expect(citizen.heading).toBe('Signed in to Rent support');
  });

  it('L6: a code is worth nothing in another journey than the one it was asked for in', async () => {
    const [attacker, victim] = [await visitor(), await visitor()];
    await attacker.open('create');
    await attacker.send({ address: 'mine@example.org' });
    await victim.open('create');
    await victim.send({ address: 'victim@example.org' });
    await victim.send({ code: await house.codeFrom('mine@example.org') });
    expect(victim.problems).toEqual(['That code is not correct. Check the email and try again.']);
  });

  it('L4: a sign-up begun before the owner’s and finished after it makes no second account', async () => {
    const address = 'owner@example.org';
    const [early, owner] = [await visitor(), await visitor()];
    await early.open('create');
    await early.send({ address });
    await early.send({ code: await house.codeFrom(address) });
    await owner.open('create');
    await owner.send({ address });
    await owner.send({ code: await house.codeFrom(address) });
    await owner.send({ password: PASSWORD });
    expect(owner.heading).toBe('Signed in to Rent support');
    await early.send({ password: 'another long password here' });
    expect(early.heading).toBe('You already have an account');
  });

  it('D20: every form of a whole sign-in is answered by 303', async () => {
    citizen = await visitor();
    await citizen.send({ address: 'nonsense' });
    await citizen.send({ address: 'sian@example.org' });
    await citizen.send({ password: 'wrong' });
    await citizen.send({ password: PASSWORD });
    expect(citizen.heading).toBe('Signed in to Rent support');
    expect(citizen.posts.map(({ status }) => status)).toEqual([303, 303, 303, 303]);
  });

  it('two tabs cannot overwrite each other: of two posts at once one counts', async () => {
    citizen = await visitor();
    const path = citizen.current.url.pathname;
    const { token } = citizen;
    const post = async (address: string): Promise<string> => {
      const answer = await citizen.browser.post(path, { address, formToken: token });
      return answer.headers.get('location') ?? '';
    };
    const locations = await Promise.all([post('one@example.org'), post('two@example.org')]);
    expect(locations.filter((location) => location.endsWith('/password')).length).toBe(1);
    expect(locations.filter((location) => location.endsWith('?moved=1')).length).toBe(1);
  });
});
