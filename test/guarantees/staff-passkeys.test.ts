import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createOperators } from '../../src/operators/index.ts';
import { formTokenOf } from '../support/operators.ts';
import { type Lie, softAuthenticator } from '../support/soft-authenticator.ts';
import { askOf, createBrowser, signIn, type Staff, type StaffDoor, staffDoor, takeUp } from '../support/staff-door.ts';

let door: StaffDoor;
let ann: Staff;
let bob: Staff;
beforeAll(async () => {
  door = await staffDoor();
  ann = await door.join('ann', ['viewer']);
  // Bob's does not count, as synced ones do not: of a replay only the challenge can tell.
  bob = await door.join('bob', ['viewer'], softAuthenticator({ counts: false }));
});
afterAll(() => door.close());

const visitor = () => createBrowser(door.app.http);
const isIn = async (browser: ReturnType<typeof visitor>): Promise<boolean> =>
  (await browser.get('/operators/passkeys')).statusCode === 200;
const invited = async (handle: string): Promise<string> => {
  const done = await createOperators(door.app.house).invite({ handle, roles: ['viewer'] }, { actor: 'operator:test' });
  if (done.outcome !== 'invited') throw new Error(done.reason);
  return done.link;
};

describe('a passkey at the staff’s door', () => {
  it('B2: an honest one signs in', async () => {
    const browser = visitor();
    expect((await signIn(browser, ann.authenticator)).statusCode).toBe(303);
    expect(await isIn(browser)).toBe(true);
  });

  it.each<[string, Lie]>([
    ['of another origin', { origin: 'https://id.example.evil.example' }],
    ['of plain http', { origin: 'http://id.example' }],
    ['for another RP ID', { rpId: 'evil.example' }],
    ['without user verification', { verified: false }],
    ['of another kind', { type: 'webauthn.create' }],
    ['with a challenge of its own', { challenge: Buffer.alloc(70).toString('base64url') }],
    ['with no challenge', { challenge: '' }],
    ['with a counter that did not rise', { signCount: 1 }],
    ['with a user handle of nobody', { userHandle: Buffer.alloc(16).toString('base64url') }],
  ])('B2: an answer %s is refused, and nobody is signed in', async (_what, lie) => {
    const browser = visitor();
    const answer = await signIn(browser, ann.authenticator, { lie });
    expect(answer.statusCode).toBe(400);
    expect(answer.body).toContain('We could not sign you in with that passkey');
    expect(await isIn(browser)).toBe(false);
  });

  it('B2: another operator’s credential does not become mine', async () => {
    const browser = visitor();
    const page = await browser.get('/operators/sign-in');
    const ask = askOf(page.body);
    const [anns, bobs] = [ann.authenticator.use(ask), bob.authenticator.use(ask)].map((text) => JSON.parse(text));
    for (const mixed of [
      { ...bobs, id: anns.id, rawId: anns.id },
      { ...anns, response: { ...anns.response, userHandle: bobs.response.userHandle } },
      { ...anns, response: { ...anns.response, signature: bobs.response.signature } },
    ]) {
      const fields = { formToken: formTokenOf(page.body), to: '/operators', credential: JSON.stringify(mixed) };
      expect((await browser.post('/operators/sign-in', fields)).statusCode).toBe(400);
    }
    expect(await isIn(browser)).toBe(false);
  });

  it('B2, X2: an answer is good once, also fifty times at the same moment, in its own browser, for five minutes', async () => {
    const browser = visitor();
    const page = await browser.get('/operators/sign-in');
    const fields = {
      formToken: formTokenOf(page.body),
      to: '/operators',
      credential: bob.authenticator.use(askOf(page.body)),
    };
    const answers = await Promise.all(Array.from({ length: 50 }, () => browser.post('/operators/sign-in', fields)));
    expect(answers.filter(({ statusCode }) => statusCode === 303)).toHaveLength(1);

    const other = visitor();
    const otherPage = await other.get('/operators/sign-in');
    const late = ann.authenticator.use(askOf(otherPage.body));
    const stolen = visitor();
    const stolenPage = await stolen.get('/operators/sign-in');
    const sent = { formToken: formTokenOf(stolenPage.body), to: '/operators', credential: late };
    expect((await stolen.post('/operators/sign-in', sent)).statusCode).toBe(400);
    const before = door.clock.now;
    door.clock.now = new Date(before.getTime() + 5 * 60 * 1000);
    const tooLate = { formToken: formTokenOf(otherPage.body), to: '/operators', credential: late };
    expect((await other.post('/operators/sign-in', tooLate)).statusCode).toBe(400);
    door.clock.now = new Date(before.getTime() + 4 * 60 * 1000);
    expect((await other.post('/operators/sign-in', tooLate)).statusCode).toBe(303);
    door.clock.now = before;
  });

  it('B2: of two answers with one count, as a copied authenticator gives them, one signs in, also at the same moment', async () => {
    const given = await Promise.all(
      Array.from({ length: 8 }, async () => {
        const browser = visitor();
        const page = await browser.get('/operators/sign-in');
        const credential = ann.authenticator.use(askOf(page.body), { signCount: 1000 });
        return { browser, fields: { formToken: formTokenOf(page.body), to: '/operators', credential } };
      }),
    );
    const answers = await Promise.all(given.map(({ browser, fields }) => browser.post('/operators/sign-in', fields)));
    expect(answers.filter(({ statusCode }) => statusCode === 303)).toHaveLength(1);
    expect((await signIn(visitor(), ann.authenticator, { lie: { signCount: 999 } })).statusCode).toBe(400);
    ann = await door.join('ann-again', ['viewer']);
  });

  it('B2: garbage is refused, and never a failure of ours', async () => {
    const browser = visitor();
    const page = await browser.get('/operators/sign-in');
    const honest = ann.authenticator.use(askOf(page.body));
    const parts: { response: Record<string, string> } = JSON.parse(honest);
    const cut = Object.keys(parts.response).map((name) => ({
      ...parts,
      response: { ...parts.response, [name]: parts.response[name]?.slice(0, 7) },
    }));
    const credentials = ['', '{', 'null', '[]', '"x"', honest.slice(0, -1), ...cut.map((one) => JSON.stringify(one))];
    for (const credential of credentials) {
      const fields = { formToken: formTokenOf(page.body), to: '/operators', credential };
      expect((await browser.post('/operators/sign-in', fields)).statusCode).toBe(400);
    }
  });

  it('C6, C11: a sign-in that another site posts, or without this browser’s token, is refused', async () => {
    const browser = visitor();
    const page = await browser.get('/operators/sign-in');
    const credential = ann.authenticator.use(askOf(page.body));
    const fields = { formToken: formTokenOf(page.body), to: '/operators', credential };
    const cross = await browser.post('/operators/sign-in', fields, { 'sec-fetch-site': 'cross-site' });
    expect(cross.statusCode).toBe(403);
    expect((await browser.post('/operators/sign-in', { ...fields, formToken: '' })).statusCode).toBe(400);
    expect(await isIn(browser)).toBe(false);
    const victim = visitor();
    await victim.get('/operators/sign-in');
    expect((await victim.post('/operators/sign-in', fields)).statusCode).toBe(400);
    expect(await isIn(victim)).toBe(false);
  });

  it('C1: the session is new at each sign-in, none is taken from outside, and the old one is dead', async () => {
    const browser = visitor();
    const planted = `${'0'.repeat(8)}-0000-0000-0000-${'0'.repeat(12)}.${'A'.repeat(43)}`;
    browser.jar.set('__Host-operator', planted);
    await signIn(browser, ann.authenticator);
    const first = browser.jar.get('__Host-operator')!;
    expect(first).not.toBe(planted);
    await signIn(browser, ann.authenticator);
    const second = browser.jar.get('__Host-operator')!;
    expect(second).not.toBe(first);
    const thief = visitor();
    thief.jar.set('__Host-operator', first);
    expect(await isIn(thief)).toBe(false);
    thief.jar.set('__Host-operator', second);
    expect(await isIn(thief)).toBe(true);
  });

  it('G1, G2: the record says who signed in and what failed; no name and no cookie lies bare anywhere', async () => {
    await door.app.house.auditBatch.flush();
    const rows = await door.database.db.query<{ type: string; body: { detail?: { reason?: string } } }>({
      text: `SELECT type, body FROM audit_events WHERE type LIKE 'operator.%'`,
    });
    const types = new Set(rows.map(({ type }) => type));
    for (const type of [
      'operator.added',
      'operator.invited',
      'operator.joined',
      'operator.signed-in',
      'operator.sign-in-failed',
    ])
      expect(types).toContain(type);
    const reasons = new Set(rows.map(({ body }) => body.detail?.reason));
    for (const reason of ['malformed', 'not-proved', 'challenge-used']) expect(reasons).toContain(reason);
    expect(JSON.stringify(rows)).not.toContain('Example');
    const [, cookie = ''] = (ann.browser.jar.get('__Host-operator') ?? '').split('.');
    const atRest = await door.database.db.query<{ text: string }>({
      text: `SELECT o::text AS text FROM operators o UNION ALL SELECT p::text FROM operator_passkeys p
             UNION ALL SELECT s::text FROM operator_sessions s`,
    });
    expect(atRest.length).toBeGreaterThan(4);
    const hidden = ['Ann Example', cookie].flatMap((secret) => [secret, Buffer.from(secret).toString('hex')]);
    for (const secret of hidden) expect(atRest.filter(({ text }) => text.includes(secret))).toEqual([]);
  });
});

describe('an invitation', () => {
  it.each<[string, Lie]>([
    ['of another origin', { origin: 'https://evil.example' }],
    ['for another RP ID', { rpId: 'evil.example' }],
    ['without user verification', { verified: false }],
    ['with another challenge', { challenge: Buffer.alloc(70).toString('base64url') }],
  ])('B2: is not taken up by a passkey made %s', async (what, lie) => {
    const link = await invited(`newcomer-${what.replaceAll(' ', '-')}`.toLowerCase());
    const browser = visitor();
    expect((await takeUp(browser, link, softAuthenticator(), lie)).statusCode).toBe(400);
    expect(await isIn(browser)).toBe(false);
    expect((await takeUp(browser, link, softAuthenticator())).statusCode, 'and is still good').toBe(303);
  });

  it('B2: is not taken up with a passkey that somebody has registered', async () => {
    const link = await invited('copycat');
    const browser = visitor();
    expect((await takeUp(browser, link, ann.authenticator)).statusCode).toBe(400);
    expect(await isIn(browser)).toBe(false);
  });

  it('lets one person in, once, also when many come at the same moment; within a day; cut anywhere it opens nothing', async () => {
    const link = await invited('racer');
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => takeUp(visitor(), link, softAuthenticator()).catch(() => undefined)),
    );
    expect(answers.filter((answer) => answer?.statusCode === 303)).toHaveLength(1);

    const late = await invited('late');
    const { pathname } = new URL(late);
    for (let length = pathname.length - 1; length > '/operators/invitation/'.length; length -= 1)
      expect((await visitor().get(pathname.slice(0, length))).statusCode).toBe(404);
    const before = door.clock.now;
    door.clock.now = new Date(before.getTime() + 86_400_000);
    expect((await visitor().get(pathname)).statusCode).toBe(404);
    door.clock.now = new Date(before.getTime() + 86_399_000);
    expect((await visitor().get(pathname)).statusCode).toBe(200);
    door.clock.now = before;
  });

  it('a new one replaces what was lost: old link, old passkeys and old sessions are dead', async () => {
    const eve = await door.join('eve', ['approver']);
    const again = async (): Promise<string> => {
      const done = await createOperators(door.app.house).inviteAgain('eve', { actor: 'operator:test' });
      if (done.outcome !== 'invited') throw new Error(done.reason);
      return done.link;
    };
    const [first, second] = [await again(), await again()];
    expect((await visitor().get(new URL(first).pathname)).statusCode).toBe(404);
    expect(await isIn(eve.browser), 'until it is taken up').toBe(true);
    expect((await takeUp(visitor(), second, softAuthenticator())).statusCode).toBe(303);
    expect(await isIn(eve.browser)).toBe(false);
    expect((await signIn(visitor(), eve.authenticator)).statusCode).toBe(400);
  });
});
