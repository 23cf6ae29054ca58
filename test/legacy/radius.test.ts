import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AdapterSettings } from '../../src/legacy/index.ts';
import { directlyAskedSystem, type Asked } from '../support/directly-asked-system.ts';
import { startFreeradius, type Freeradius } from '../support/legacy-servers/freeradius.ts';
import { PASSWORD } from '../support/legacy-servers/people.ts';

type Radius = Extract<AdapterSettings, { family: 'radius' }>;
type M16 = Extract<Radius, { method: 'M16' }>;
type M39 = Extract<Radius, { method: 'M39' }>;

let server: Freeradius;
beforeAll(async () => {
  server = await startFreeradius();
});
afterAll(() => server.stop());

const rejections = [
  { contains: 'disabled', as: 'disabled' },
  { contains: 'expired', as: 'expired' },
  { contains: 'must be changed', as: 'must-change-password' },
] as const;

const common = () => ({
  family: 'radius' as const,
  servers: [{ host: '127.0.0.1', port: server.port }],
  sharedSecret: 'radius',
  rejections: [...rejections],
});
const password = (changed: Partial<M16> = {}): M16 => ({ ...common(), method: 'M16', ...changed });
const token = (changed: Partial<M39> = {}): M39 => ({ ...common(), method: 'M39', first: 'password', ...changed });

const open: { close: () => Promise<void> }[] = [];
afterAll(() => Promise.all(open.map((asked) => asked.close())));

const system = (settings: Radius, changed: Partial<Asked> = {}) => {
  const asked = directlyAskedSystem({ settings, secrets: { radius: server.secret }, ...changed });
  open.push(asked);
  return asked;
};

const signIn = (login: string, typed: string, settings: Radius = password()) =>
  system(settings).answer({ login, password: typed });

const identified = expect.objectContaining({ outcome: 'identified' });
const refused = (reason: string) => ({ outcome: 'refused', reason });
const unavailable = (reason: string) => ({ outcome: 'unavailable', reason });

const stateOf = (answer: Awaited<ReturnType<typeof signIn>>): string =>
  answer.outcome === 'asks' && 'state' in answer ? answer.state : '';

describe('a RADIUS server that is asked for a password', () => {
  it('M16: anna signs in; her name is all that the server knows her by, and it says so', async () => {
    expect(await signIn(' Anna ', PASSWORD)).toEqual({
      outcome: 'identified',
      identity: {
        accountKey: 'anna',
        evidence: 'sign-in',
        proved: ['password'],
        level: 'Cl',
        attributes: [],
        warnings: ['identifier-may-be-reassigned'],
      },
    });
  });

  it.each(['pap', 'chap'] as const)('M16: lets people in and keeps them out by %s', async (protocol) => {
    const settings = password({ protocol });
    expect(await signIn('anna', PASSWORD, settings)).toEqual(identified);
    expect(await signIn('zoë', server.people.zoe.password, settings)).toEqual(identified);
    expect(await signIn('anna', 'wrong', settings)).toEqual(refused('wrong-secret'));
    expect(await signIn('nobody', PASSWORD, settings)).toEqual(refused('wrong-secret'));
  });

  it.each([
    ['disabled', 'disabled-dan', PASSWORD],
    ['expired', 'expired-ed', PASSWORD],
    ['must-change-password', 'must-change-mia', PASSWORD],
    ['misshapen', 'anna', ''],
    ['misshapen', 'anna', 'x'.repeat(129)],
    ['misshapen', 'anna', `${PASSWORD}\u0000`],
    ['misshapen', '', PASSWORD],
    ['misshapen', 'an\nna', PASSWORD],
    ['misshapen', 'a'.repeat(254), PASSWORD],
  ])('M16: keeps people out: %s (%#)', async (reason, login, typed) => {
    expect(await signIn(login, typed)).toEqual(refused(reason));
  });

  it('M16: the server has its own id for a person: that is the key', async () => {
    expect(await signIn('anna', PASSWORD, password({ key: 'class' }))).toMatchObject({
      identity: { accountKey: 'old-member', warnings: [] },
    });
    expect(await signIn('anna', PASSWORD, password({ key: 'chargeable-user-identity' }))).toEqual(
      refused('identifier-missing'),
    );
  });

  it('M16: a name of another realm is refused, not passed on', async () => {
    const settings = password({ realm: '@staff.test' });
    for (const login of [
      'anna@elsewhere.test',
      'elsewhere\\anna',
      'elsewhere/anna',
      'anna%elsewhere',
      'a@b@staff.test',
    ]) {
      expect(await signIn(login, PASSWORD, settings)).toEqual(refused('misshapen'));
    }
    // The realm is sent, and this server knows nobody of it.
    expect(await signIn('anna', PASSWORD, settings)).toEqual(refused('wrong-secret'));
  });

  it('M16: asks the next server when the first is dead', async () => {
    const servers = [
      { host: '127.0.0.1', port: 1 },
      { host: '127.0.0.1', port: server.port },
    ];
    expect(await signIn('anna', PASSWORD, password({ servers }))).toEqual(identified);
  });
});

describe('a RADIUS server that asks for more', () => {
  it('M39: password, then the code of the token: two factors', async () => {
    const asked = system(token({ showMessages: true }));
    const first = await asked.answer({ login: 'coded-cal', password: PASSWORD });
    expect(first).toMatchObject({
      outcome: 'asks',
      prompt: {
        fields: [{ name: 'code', kind: 'code', hint: { en: 'Enter the code from your token' } }],
        notice: 'second-step',
      },
    });
    expect(await asked.answer({ code: '123456' }, stateOf(first))).toEqual({
      outcome: 'identified',
      identity: expect.objectContaining({
        accountKey: 'coded-cal',
        proved: ['password', 'one-time-code'],
        level: 'Cl.Cm',
        warnings: ['identifier-may-be-reassigned'],
      }),
    });
    // What was said to the server is not said twice.
    expect(await asked.answer({ code: '123456' }, stateOf(first))).toEqual(refused('wrong-secret'));
  });

  it.each([
    ['wrong', '000000', 'wrong-secret'],
    ['empty', '', 'misshapen'],
  ])('M39: a code that is %s is refused', async (_what, code, reason) => {
    const asked = system(token());
    const first = await asked.answer({ login: 'coded-cal', password: PASSWORD });
    expect(await asked.answer({ code }, stateOf(first))).toEqual(refused(reason));
  });

  it('M39: a wrong password gets no challenge', async () => {
    expect(await signIn('coded-cal', 'wrong', token())).toEqual(refused('wrong-secret'));
  });

  it('M39: a challenge is answered in its time', async () => {
    const clock = { now: new Date() };
    const asked = system(token({ challengeSeconds: 60 }), { now: () => clock.now });
    const first = await asked.answer({ login: 'coded-cal', password: PASSWORD });
    clock.now = new Date(clock.now.getTime() + 61_000);
    expect(await asked.answer({ code: '123456' }, stateOf(first))).toEqual(refused('stale'));
  });

  it('M39: a new PIN in three rounds; a PIN that was only chosen is no second factor', async () => {
    const asked = system(token());
    const first = await asked.answer({ login: 'new-pin-pia', password: PASSWORD });
    expect(first).toMatchObject({ outcome: 'asks', prompt: { fields: [{ name: 'newPin' }], notice: 'new-pin' } });
    const second = await asked.answer({ newPin: '2468' }, stateOf(first));
    expect(second).toMatchObject({ outcome: 'asks', prompt: { notice: 'new-pin' } });
    expect(await asked.answer({ newPin: '2468' }, stateOf(second))).toMatchObject({
      identity: { proved: ['password'], level: 'Cl', warnings: ['level-lowered', 'identifier-may-be-reassigned'] },
    });
  });

  it('M39: two PINs that differ are refused', async () => {
    const asked = system(token());
    const first = await asked.answer({ login: 'new-pin-pia', password: PASSWORD });
    const second = await asked.answer({ newPin: '2468' }, stateOf(first));
    expect(await asked.answer({ newPin: '1357' }, stateOf(second))).toEqual(refused('wrong-secret'));
  });

  it('E6: a source gives no more than it is registered for', async () => {
    const asked = system(token({ level: 'Cl' }));
    const first = await asked.answer({ login: 'coded-cal', password: PASSWORD });
    expect(await asked.answer({ code: '123456' }, stateOf(first))).toMatchObject({ identity: { level: 'Cl' } });
  });

  it('M39: a challenge of unknown words proves nothing, where the words of this server are listed', async () => {
    const asked = system(token({ challenges: [{ contains: 'something else', asks: 'code' }] }));
    const first = await asked.answer({ login: 'coded-cal', password: PASSWORD });
    expect(first).toMatchObject({ prompt: { fields: [{ name: 'answer' }] } });
    expect(await asked.answer({ answer: '123456' }, stateOf(first))).toMatchObject({
      identity: { proved: ['password'], level: 'Cl' },
    });
  });

  it('M39: asks for PIN and code in two boxes, or for the code alone', async () => {
    expect(await system(token({ first: 'pin-and-code' })).open()).toMatchObject({
      prompt: { fields: [{ name: 'login' }, { name: 'pin' }, { name: 'code' }] },
    });
    expect(await system(token({ first: 'code' })).open()).toMatchObject({
      prompt: { fields: [{ name: 'login' }, { name: 'code' }] },
    });
    // Sent as one: this server takes the two halves of the password for it.
    const halves = { login: 'anna', pin: PASSWORD.slice(0, 5), code: PASSWORD.slice(5) };
    expect(await system(token({ first: 'pin-and-code' })).answer(halves)).toMatchObject({
      identity: { proved: ['pin', 'one-time-code'], level: 'Cl.Cm' },
    });
    expect(await system(token({ first: 'code' })).answer({ login: 'anna', code: PASSWORD })).toMatchObject({
      identity: { proved: ['one-time-code'], level: 'Cl' },
    });
    const noPin = { ...halves, pin: '', code: PASSWORD };
    expect(await system(token({ first: 'pin-and-code' })).answer(noPin)).toMatchObject({
      identity: { proved: ['one-time-code'], level: 'Cl' },
    });
  });
});

describe('F24: a RADIUS server that cannot be asked', () => {
  it('M16: answers without Message-Authenticator are not believed (CVE-2024-3596)', async () => {
    const unsigned = password({
      servers: [{ host: '127.0.0.1', port: server.unsignedPort }],
      limits: { timeoutMs: 2000 },
    });
    expect(await signIn('anna', PASSWORD, unsigned)).toEqual(unavailable('misconfigured'));
  });

  it('dead', async () => {
    expect(await signIn('anna', PASSWORD, password({ servers: [{ host: '127.0.0.1', port: 1 }] }))).toEqual(
      unavailable('unreachable'),
    );
  });

  it('one that does not share our secret says nothing', async () => {
    const stranger = system(password({ limits: { timeoutMs: 400 } }), { secrets: { radius: 'not the shared secret' } });
    expect(await stranger.answer({ login: 'anna', password: PASSWORD })).toEqual(unavailable('timed-out'));
  });

  it('a secret that can be guessed is not used', async () => {
    await expect(system(password(), { secrets: { radius: 'testing123' } }).probe()).rejects.toMatchObject({
      code: 'config_invalid',
    });
  });

  it('not on the allow-list (R20)', async () => {
    expect(await signIn('anna', PASSWORD, password({ servers: [{ host: '127.0.0.2' }] }))).toEqual(
      unavailable('not-on-allow-list'),
    );
  });

  it('is well when it is, by Status-Server', async () => {
    expect(await system(password()).probe()).toBeUndefined();
    const dead = password({ servers: [{ host: '127.0.0.1', port: 1 }] });
    expect(await system(dead).probe()).toEqual(unavailable('unreachable'));
  });
});
