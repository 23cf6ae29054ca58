import { HOTP, Secret } from 'otpauth';
import { describe, expect, it } from 'vitest';
import type { AdapterSettings } from '../../src/legacy/index.ts';
import { PASSWORD } from '../support/legacy-servers/people.ts';
import { asked, createCounters, exportedSystem, type Exported, type ExportedRow } from '../support/legacy-records.ts';

type Otp = Extract<AdapterSettings, { family: 'otp' }>;
type Method<Id extends string> = Extract<Otp, { method: Id }>;

const refused = (reason: string) => ({ outcome: 'refused', reason });
const row = (extras: Record<string, string>, more: Partial<ExportedRow> = {}): ExportedRow => ({
  accountKey: '4711',
  login: 'anna',
  password: PASSWORD,
  extras,
  ...more,
});
const SEED = '12345678901234567890';
const HEX = Buffer.from(SEED).toString('hex');
const secret = Secret.fromHex(HEX);
const codeAt = (counter: number, digits = 6) => HOTP.generate({ secret, counter, digits });
const wrongCode = (...right: readonly string[]) =>
  ['000000', '000001', '000002', '000003', '000004'].find((code) => !right.includes(code)) ?? '';
const anna = { login: 'anna', password: PASSWORD };
const family = 'otp';
const exportedOn = '2026-01-31';

describe('M37: codes of an authenticator app', () => {
  const settings: Method<'M37'> = {
    family,
    method: 'M37',
    alongside: 'password',
    seedColumn: 'seed',
    seedAs: 'hex',
    exportedOn,
  };
  const at = (seconds: number) => {
    let time = seconds;
    return { now: () => new Date(time * 1000), pass: (more: number) => (time += more) };
  };
  const system = (changed: Partial<Method<'M37'>> = {}, more: Partial<Exported> = {}) =>
    exportedSystem({
      settings: { ...settings, ...changed },
      rows: [row({ seed: HEX }), row({ seed: HEX }, { accountKey: '4712', login: 'dan', isDisabled: true })],
      now: at(1_111_111_109).now,
      ...more,
    });
  const step = Math.floor(1_111_111_109 / 30);

  it('M37: anna signs in with her password and the code of her app', async () => {
    const app = system();
    expect(asked(await app.open()).prompt.fields.map(({ name }) => name)).toEqual(['login', 'password', 'code']);
    expect(await app.answer({ ...anna, code: '081 804' })).toMatchObject({
      outcome: 'identified',
      identity: {
        accountKey: '4711',
        evidence: 'sign-in',
        proved: ['password', 'one-time-code'],
        level: 'Cl.Cm',
        warnings: [],
      },
    });
    const alone = system({ alongside: undefined });
    expect(await alone.answer({ login: 'anna', code: '081804' })).toMatchObject({
      identity: { proved: ['one-time-code'], level: 'Cl' },
    });
  });

  it.each([
    [59, '94287082', '46119246', '90693936'],
    [1_111_111_109, '07081804', '68084774', '25091201'],
    [1_111_111_111, '14050471', '67062674', '99943326'],
    [1_234_567_890, '89005924', '91819424', '93441116'],
    [2_000_000_000, '69279037', '90698825', '38618901'],
    [20_000_000_000, '65353130', '77737706', '47863826'],
  ])('M37: RFC 6238 at %i seconds', async (seconds, ...codes) => {
    for (const [index, algorithm] of (['SHA1', 'SHA256', 'SHA512'] as const).entries()) {
      const seed = SEED.repeat(4).slice(0, [20, 32, 64][index]);
      const app = system(
        { seedAs: 'text', digits: 8, algorithm, drift: 0 },
        { rows: [row({ seed })], now: at(seconds).now },
      );
      expect(await app.answer({ ...anna, code: codes[index] ?? '' })).toMatchObject({ outcome: 'identified' });
    }
  });

  it.each([
    ['hex', HEX.toUpperCase()],
    ['hex', `0x${HEX}`],
    ['base32', 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'],
    ['base32', 'gezd gnbv gy3t qojq gezd gnbv gy3t qojq'],
    ['base32', 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ======'],
    ['base64', 'MTIzNDU2Nzg5MDEyMzQ1Njc4OTA='],
    ['text', SEED],
    ['uri', 'otpauth://totp/Old:anna?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Old&period=30'],
  ] as const)('M37: reads a seed that is written as %s: %s', async (seedAs, seed) => {
    const app = system({ seedAs }, { rows: [row({ seed })] });
    expect(await app.answer({ ...anna, code: '081804' })).toMatchObject({ outcome: 'identified' });
  });

  it('M37: digits, period and algorithm may differ from row to row', async () => {
    const changed = { digitsColumn: 'digits', periodColumn: 'period', algorithmColumn: 'hash' };
    const rows = [row({ seed: HEX, digits: '8', period: '60', hash: 'HmacSHA256' })];
    const app = system(changed, { rows });
    const counter = Math.floor(1_111_111_109 / 60);
    const code = HOTP.generate({ secret, counter, digits: 8, algorithm: 'SHA256' });
    expect(await app.answer({ ...anna, code })).toMatchObject({ outcome: 'identified' });
    expect(await app.answer({ ...anna, code: codeAt(step) })).toEqual(refused('wrong-secret'));
  });

  it.each([
    [{ ...anna, password: 'wrong', code: '081804' }, 'wrong-secret'],
    [{ ...anna, code: '081805' }, 'wrong-secret'],
    [{ ...anna, code: '81804' }, 'wrong-secret'],
    [{ ...anna, code: '' }, 'misshapen'],
    [{ ...anna, code: '0'.repeat(1025) }, 'misshapen'],
    [{ ...anna, login: 'nobody', code: '081804' }, 'unknown-person'],
    [{ ...anna, login: 'dan', code: '081804' }, 'unknown-person'],
  ])('M37: keeps out %j: %s', async (fields, reason) => {
    expect(await system().answer(fields)).toEqual(refused(reason));
  });

  it('M37: a clock may be wrong by the drift and no more', async () => {
    for (const [drift, steps, outcome] of [
      [1, -1, 'identified'],
      [1, 1, 'identified'],
      [1, 2, 'refused'],
      [0, 1, 'refused'],
      [3, -3, 'identified'],
    ] as const)
      expect((await system({ drift }).answer({ ...anna, code: codeAt(step + steps) })).outcome).toBe(outcome);
  });

  it('M37: a step counts once, and no step before it counts after it', async () => {
    const clock = at(1_111_111_109);
    const app = system({}, { now: clock.now });
    expect(await app.answer({ ...anna, code: codeAt(step) })).toMatchObject({ outcome: 'identified' });
    expect(await app.answer({ ...anna, code: codeAt(step) })).toEqual(refused('replayed'));
    expect(await app.answer({ ...anna, code: codeAt(step - 1) })).toEqual(refused('replayed'));
    clock.pass(30);
    expect(await app.answer({ ...anna, code: codeAt(step) })).toEqual(refused('replayed'));
    expect(await app.answer({ ...anna, code: codeAt(step + 1) })).toMatchObject({ outcome: 'identified' });
  });

  it('M37: of twenty with one code at the same time one is let in', async () => {
    const app = system();
    const answers = await Promise.all(Array.from({ length: 20 }, () => app.answer({ ...anna, code: '081804' })));
    expect(answers.filter(({ outcome }) => outcome === 'identified')).toHaveLength(1);
    expect(app.attempts()).toBe(20);
  });

  it('M37: a wrong password uses up no code, and nobody leaves a mark', async () => {
    const counters = createCounters();
    const app = system({}, { counters });
    await app.answer({ ...anna, password: 'wrong', code: '081804' });
    await app.answer({ ...anna, login: 'nobody', code: '081804' });
    expect(counters.written.size).toBe(0);
    expect(await app.answer({ ...anna, code: '081804' })).toMatchObject({ outcome: 'identified' });
  });

  it.each(['', 'not a seed', '31323334', 'ffff zzzz', '(hidden)'])(
    'M37: a seed that is none lets nobody in: %j',
    async (seed) => {
      for (const seedAs of ['hex', 'base32', 'uri'] as const)
        expect(await system({ seedAs }, { rows: [row({ seed })] }).answer({ ...anna, code: '081804' })).toEqual(
          refused('not-allowed'),
        );
    },
  );
});

describe('M38: codes of a token with a button', () => {
  const settings: Method<'M38'> = {
    family,
    method: 'M38',
    alongside: 'password',
    seedColumn: 'seed',
    seedAs: 'hex',
    counterColumn: 'counter',
    exportedOn,
  };
  const system = (counter = '0', changed: Partial<Method<'M38'>> = {}, more: Partial<Exported> = {}) =>
    exportedSystem({
      settings: { ...settings, ...changed },
      rows: [
        row({ seed: HEX, counter }),
        row({ seed: HEX, counter }, { accountKey: '4712', login: 'dan', isDisabled: true }),
      ],
      ...more,
    });

  it('M38: anna signs in with her password and the code of her token', async () => {
    expect(await system().answer({ ...anna, code: '755224' })).toMatchObject({
      outcome: 'identified',
      identity: { accountKey: '4711', evidence: 'sign-in', proved: ['password', 'counter-code'], level: 'Cl.Cm' },
    });
    expect(await system('0', { alongside: undefined }).answer({ login: 'anna', code: '755224' })).toMatchObject({
      identity: { proved: ['counter-code'], level: 'Cl' },
    });
  });

  it('M38: RFC 4226, one code after the other, each once', async () => {
    const token = system();
    for (const code of [
      '755224',
      '287082',
      '359152',
      '969429',
      '338314',
      '254676',
      '287922',
      '162583',
      '399871',
      '520489',
    ]) {
      expect(await token.answer({ ...anna, code })).toMatchObject({ outcome: 'identified' });
      expect(await token.answer({ ...anna, code })).toEqual(refused('replayed'));
    }
  });

  it('M38: the counter begins where the export says; codes before it and far behind it count no more', async () => {
    const token = system('100', { resynchronise: 0 });
    expect(await token.answer({ ...anna, code: codeAt(99) })).toEqual(refused('replayed'));
    expect(await token.answer({ ...anna, code: codeAt(3) })).toEqual(refused('wrong-secret'));
    expect(await token.answer({ ...anna, code: codeAt(111) })).toEqual(refused('wrong-secret'));
    expect(await token.answer({ ...anna, code: codeAt(110) })).toMatchObject({ outcome: 'identified' });
    expect(await token.answer({ ...anna, code: codeAt(105) })).toEqual(refused('replayed'));
  });

  it.each([
    [{ ...anna, password: 'wrong', code: '755224' }, 'wrong-secret'],
    [{ ...anna, code: '' }, 'misshapen'],
    [{ ...anna, login: 'nobody', code: '755224' }, 'unknown-person'],
    [{ ...anna, login: 'dan', code: '755224' }, 'unknown-person'],
  ])('M38: keeps out %j: %s', async (fields, reason) => {
    const token = system('0', { resynchronise: 0 });
    expect(await token.answer(fields)).toEqual(refused(reason));
    const near = Array.from({ length: 12 }, (_, counter) => codeAt(counter));
    expect(await token.answer({ ...anna, code: wrongCode(...near) })).toEqual(refused('wrong-secret'));
  });

  it('M38: two codes in a row set right a token that was pressed too often', async () => {
    const token = system();
    const { prompt, state } = asked(await token.answer({ ...anna, code: codeAt(60) }));
    expect(prompt).toMatchObject({ notice: 'next-code', fields: [{ name: 'code' }] });
    expect(await token.answer({ code: codeAt(61) }, state)).toMatchObject({ identity: { level: 'Cl.Cm' } });
    expect(await token.answer({ code: codeAt(61) }, state)).toEqual(refused('replayed'));
    expect(await token.answer({ ...anna, code: codeAt(61) })).toEqual(refused('replayed'));
    expect(await token.answer({ ...anna, code: codeAt(62) })).toMatchObject({ outcome: 'identified' });
  });

  it('M38: one code far ahead lets nobody in, nor two that are not in a row', async () => {
    for (const second of [60, 62, 59, 5]) {
      const token = system();
      const { state } = asked(await token.answer({ ...anna, code: codeAt(60) }));
      expect(await token.answer({ code: codeAt(second) }, state)).toEqual(refused('wrong-secret'));
      expect(await token.answer({ code: '' }, state)).toEqual(refused('misshapen'));
      expect(await token.answer({ ...anna, code: codeAt(0) })).toMatchObject({ outcome: 'identified' });
    }
  });

  it('M38: the second code must come within minutes', async () => {
    let time = Date.parse('2026-02-10T12:00:00Z');
    const token = system('0', {}, { now: () => new Date(time) });
    const { state } = asked(await token.answer({ ...anna, code: codeAt(60) }));
    time += 6 * 60_000;
    expect(await token.answer({ code: codeAt(61) }, state)).toEqual(refused('expired'));
  });

  it('A11: whether the next code is asked does not tell that a password was right', async () => {
    const token = system();
    const { state } = asked(await token.answer({ ...anna, password: 'wrong', code: codeAt(60) }));
    expect(await token.answer({ code: codeAt(61) }, state)).toEqual(refused('wrong-secret'));
  });

  it('M38: of twenty with one code at the same time one is let in, in either round', async () => {
    const token = system();
    const answers = await Promise.all(Array.from({ length: 20 }, () => token.answer({ ...anna, code: codeAt(4) })));
    expect(answers.filter(({ outcome }) => outcome === 'identified')).toHaveLength(1);
    const { state } = asked(await token.answer({ ...anna, code: codeAt(60) }));
    const seconds = await Promise.all(Array.from({ length: 20 }, () => token.answer({ code: codeAt(61) }, state)));
    expect(seconds.filter(({ outcome }) => outcome === 'identified')).toHaveLength(1);
  });
});
