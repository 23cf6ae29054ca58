import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { AdapterSettings } from '../../src/legacy/index.ts';
import { PASSWORD } from '../support/legacy-servers/people.ts';
import { asked, exportedSystem, type Exported, type ExportedRow } from '../support/legacy-records.ts';

type Code = Extract<AdapterSettings, { family: 'code' }>;
type Method<Id extends string> = Extract<Code, { method: Id }>;

const refused = (reason: string) => ({ outcome: 'refused', reason });
const row = (more: Partial<ExportedRow> = {}): ExportedRow => ({
  accountKey: '4711',
  login: 'anna',
  email: 'anna@example.test',
  phone: '+447700900123',
  password: PASSWORD,
  extras: {},
  ...more,
});
const dan = (more: Partial<ExportedRow> = {}) => row({ accountKey: '4712', login: 'dan', isDisabled: true, ...more });
const clock = (start: string) => {
  let at = Date.parse(start);
  return { now: () => new Date(at), pass: (minutes: number) => (at += minutes * 60_000) };
};
const noon = '2026-02-10T12:00:00Z';
const system = (settings: Code, more: Partial<Exported> = {}) =>
  exportedSystem({ settings, rows: [row(), dan()], now: clock(noon).now, ...more });
const start = async (from: ReturnType<typeof system>, fields: Record<string, string>, browser?: string) =>
  asked(await from.answer(fields, '', browser));
const wrongCode = (right: string | undefined) => (right === '000000' ? '000001' : '000000');
const family = 'code';
const exportedOn = '2026-01-31';

describe('M31 and M32: links and codes by e-mail', () => {
  const link: Method<'M31'> = { family, method: 'M31', exportedOn };
  const mail: Method<'M32'> = { family, method: 'M32', exportedOn };

  it('M31: anna opens the link in the browser that asked for it', async () => {
    const mails = system(link);
    const { prompt, state } = await start(mails, { login: 'anna' });
    expect(prompt).toMatchObject({ notice: 'link-sent', fields: [{ name: 'code' }] });
    expect(mails.sent).toMatchObject([
      {
        channel: 'email',
        style: 'link',
        to: 'anna@example.test',
        lifetimeSeconds: 900,
        binding: ['old-export', 'browser'],
      },
    ]);
    expect(await mails.answer({ code: mails.sent[0]?.code ?? '' }, state)).toMatchObject({
      outcome: 'identified',
      identity: { accountKey: '4711', evidence: 'contact', proved: ['mailbox'], level: 'Cl' },
    });
    // A scanner or a thief that comes second finds it used.
    expect(await mails.answer({ code: mails.sent[0]?.code ?? '' }, state)).toEqual(refused('replayed'));
  });

  it('L6, M31: a link that is opened in another browser, or later, lets nobody in', async () => {
    const { now, pass } = clock(noon);
    const mails = system({ ...link, lifetimeMinutes: 30 }, { now });
    const { state } = await start(mails, { login: 'anna' });
    const code = mails.sent[0]?.code ?? '';
    expect(await mails.answer({ code }, state, 'another browser')).toEqual(refused('expired'));
    pass(30);
    expect(await mails.answer({ code }, state)).toEqual(refused('expired'));
  });

  it('M32: anna types the code from her mail; a wrong one may be typed again', async () => {
    const mails = system(mail);
    const { prompt, state } = await start(mails, { login: 'anna' });
    expect(prompt.notice).toBe('code-sent');
    const code = mails.sent[0]?.code ?? '';
    const again = asked(await mails.answer({ code: wrongCode(code) }, state));
    expect(again).toMatchObject({ prompt: { notice: 'wrong-code' }, state });
    expect(await mails.answer({ code: '' }, state)).toEqual(refused('misshapen'));
    expect(await mails.answer({ code }, again.state)).toMatchObject({
      identity: { evidence: 'contact', proved: ['mailbox'], level: 'Cl' },
    });
    expect(mails.attempts()).toBe(4);
  });

  it('M32: twenty at once with one code: one is let in', async () => {
    const mails = system(mail);
    const { state } = await start(mails, { login: 'anna' });
    const code = mails.sent[0]?.code ?? '';
    const answers = await Promise.all(Array.from({ length: 20 }, () => mails.answer({ code }, state)));
    expect(answers.filter(({ outcome }) => outcome === 'identified')).toHaveLength(1);
  });

  it('M32: beside a password a mailbox raises no level', async () => {
    const mails = system({ ...mail, alongside: 'password' });
    const { state } = await start(mails, { login: 'anna', password: PASSWORD });
    expect(await mails.answer({ code: mails.sent[0]?.code ?? '' }, state)).toMatchObject({
      identity: { evidence: 'sign-in', proved: ['password', 'mailbox'], level: 'Cl' },
    });
    expect(await mails.answer({ login: 'anna', password: 'wrong' })).toEqual(refused('wrong-secret'));
    expect(await mails.answer({ login: 'nobody', password: PASSWORD })).toEqual(refused('unknown-person'));
    expect(mails.sent).toHaveLength(1);
  });

  it('A11: nobody and a disabled person are told that a code was sent, and none is; a guess of it lets nobody in', async () => {
    const mails = system(mail);
    const real = await start(mails, { login: 'anna' });
    for (const login of ['nobody', 'dan']) {
      const { prompt, state } = await start(mails, { login });
      expect(prompt).toEqual(real.prompt);
      const message = mails.sent.at(-1);
      expect(message).toMatchObject({ to: undefined });
      expect(await mails.answer({ code: wrongCode(message?.code) }, state)).toMatchObject({ outcome: 'asks' });
      expect(await mails.answer({ code: message?.code ?? '' }, state)).toEqual(refused('unknown-person'));
    }
  });

  it('LA15: nothing goes to an address that was not verified for long, and nobody is let in by it', async () => {
    const old = { ...mail, verifiedColumn: 'checked', staleAfterDays: 365 };
    const outcomeOf = async (checked: string) => {
      const mails = system(old, { rows: [row({ extras: { checked } })] });
      const { state } = await start(mails, { login: 'anna' });
      return { to: mails.sent[0]?.to, answer: await mails.answer({ code: mails.sent[0]?.code ?? '' }, state) };
    };
    expect(await outcomeOf('2025-06-01')).toMatchObject({
      to: 'anna@example.test',
      answer: { identity: { attributes: [{ name: 'email', asOf: '2025-06-01' }, {}] } },
    });
    for (const checked of ['01/06/2024', '', '2024-02-30'])
      expect(await outcomeOf(checked)).toEqual({ to: undefined, answer: refused('not-allowed') });
  });

  it('M32: a mailbox is not flooded: so many a day, also in parallel, and anew the next day', async () => {
    const { now, pass } = clock(noon);
    const mails = system({ ...mail, perDay: 3 }, { now });
    await Promise.all(Array.from({ length: 20 }, () => start(mails, { login: 'anna' })));
    expect(mails.sent.filter(({ to }) => to !== undefined)).toHaveLength(3);
    pass(24 * 60);
    await start(mails, { login: 'anna' });
    expect(mails.sent.filter(({ to }) => to !== undefined)).toHaveLength(4);
  });

  it('M32: an address that would reach several, or none, is no address', async () => {
    for (const email of ['a@example.test, b@example.test', 'anna', 'a@b.c\nBcc: x@y.zz', '']) {
      const mails = system(mail, { rows: [row({ email })] });
      await start(mails, { login: 'anna' });
      expect(mails.sent[0]?.to).toBeUndefined();
    }
  });

  it('M32: somebody who is barred while the code is on its way stays out', async () => {
    const rows = [row()];
    const mails = system(mail, { rows });
    const { state } = await start(mails, { login: 'anna' });
    rows.splice(0, 1, row({ isDisabled: true }));
    expect(await mails.answer({ code: mails.sent[0]?.code ?? '' }, state)).toEqual(refused('unknown-person'));
  });
});

describe('M33 and M34: codes by telephone', () => {
  const text: Method<'M33'> = { family, method: 'M33', alongside: 'password', exportedOn };
  const call = { family, method: 'M34', by: 'call', exportedOn } as const;
  const anna = { login: 'anna', password: PASSWORD };

  it('M33: a text message is a second factor beside the password, and one of ordinary quality without', async () => {
    const texts = system(text, { rows: [row({ phone: '07700 900 123' })] });
    const { state } = await start(texts, anna);
    expect(texts.sent[0]).toMatchObject({ channel: 'text', to: '+447700900123' });
    expect(await texts.answer({ code: texts.sent[0]?.code ?? '' }, state)).toMatchObject({
      identity: { evidence: 'sign-in', proved: ['password', 'phone'], level: 'Cl.Cm' },
    });
    const alone = system({ ...text, alongside: undefined });
    const round = await start(alone, { login: 'anna' });
    expect(await alone.answer({ code: alone.sent[0]?.code ?? '' }, round.state)).toMatchObject({
      identity: { evidence: 'contact', proved: ['phone'], level: 'Cl' },
    });
  });

  it('M33: a wrong password sends no code', async () => {
    const texts = system(text);
    expect(await texts.answer({ ...anna, password: 'wrong' })).toEqual(refused('wrong-secret'));
    expect(await texts.answer({ ...anna, password: '' })).toEqual(refused('misshapen'));
    expect(texts.sent).toHaveLength(0);
  });

  it('M33: toll fraud: no text goes to a country that is not named, a premium number or a landline', async () => {
    for (const [phone, to] of [
      ['+88213000000', undefined],
      ['+447012345678', undefined],
      ['09012345678', undefined],
      ['029 2034 5678', undefined],
      ['+353 86 123 4567', '+353861234567'],
    ] as const) {
      const texts = system({ ...text, countries: ['44', '353'] }, { rows: [row({ phone })] });
      await start(texts, anna);
      expect(texts.sent[0]?.to).toBe(to);
    }
  });

  it('M33: the name may be the number, however it is written; a number that two share is nobody’s', async () => {
    const settings = { ...text, alongside: undefined, identifier: 'phone' } as const;
    const rows = [row({ login: '07700900123' })];
    for (const login of ['+44 7700 900123', '07700 900 123', '0044 (0)7700 900123']) {
      const texts = system(settings, { rows });
      const { state } = await start(texts, { login });
      expect(await texts.answer({ code: texts.sent[0]?.code ?? '' }, state)).toMatchObject({
        identity: { accountKey: '4711' },
      });
    }
    const shared = system(settings, { rows: [...rows, row({ accountKey: '4713', login: '+447700900123' })] });
    await start(shared, { login: '07700900123' });
    expect(shared.sent[0]?.to).toBeUndefined();
  });

  it('M34: anna hears the code on her landline', async () => {
    const calls = system(call, { rows: [row({ phone: '029 2034 5678' })] });
    const { prompt, state } = await start(calls, { login: 'anna' });
    expect(prompt.notice).toBe('code-by-phone');
    expect(calls.sent[0]).toMatchObject({ channel: 'voice', to: '+442920345678' });
    expect(await calls.answer({ code: calls.sent[0]?.code ?? '' }, state)).toMatchObject({
      identity: { evidence: 'contact', proved: ['phone'], level: 'Cl' },
    });
  });

  it('M34: a telephone PIN, unsalted as old kit has it, with three tries', async () => {
    const held = { as: 'digest', column: 'pin', algorithm: 'md5' } as const;
    const pin = { held, digits: { least: 4, most: 4 }, tries: 3, use: 'lasting' } as const;
    const rows = [row({ login: '442920345678', extras: { pin: createHash('md5').update('2468').digest('hex') } })];
    const settings = { family, method: 'M34', by: 'pin', identifier: 'phone', pin, exportedOn } as const;
    const calls = system(settings, { rows });
    const login = '029 2034 5678';
    expect(await calls.answer({ login, pin: '2468' })).toMatchObject({
      identity: { evidence: 'sign-in', proved: ['pin'], level: 'Cl' },
    });
    expect(await calls.answer({ login: '029 2034 5679', pin: '2468' })).toEqual(refused('unknown-person'));
    for (let turn = 0; turn < 3; turn += 1)
      expect(await calls.answer({ login, pin: '1357' })).toEqual(refused('wrong-secret'));
    expect(await calls.answer({ login, pin: '2468' })).toEqual(refused('locked'));
  });
});

describe('M35: an activation code by post', () => {
  const held = { as: 'digest', column: 'letter', algorithm: 'sha256' } as const;
  const settings: Method<'M35'> = {
    family,
    method: 'M35',
    held,
    issuedColumn: 'posted',
    validDays: 28,
    tries: 3,
    ours: { keySecret: 'letter-key', addressColumns: ['street', 'town'], everyDays: 7 },
    exportedOn,
  };
  const CODE = 'K7QW2M9XPTR4';
  const extras = {
    letter: createHash('sha256').update(CODE).digest('hex'),
    posted: '2026-02-01',
    street: '1 High Street',
    town: 'Tregaron',
  };
  const bryn = row({ accountKey: '4713', login: 'bryn', extras: { street: '2 High Street', town: 'Tregaron' } });
  const rows = [row({ extras }), dan({ extras }), bryn];

  it('M35: anna types the code of the letter that the old system posted, once', async () => {
    const post = system(settings, { rows });
    expect(await post.answer({ login: 'anna', code: 'k7qw-2m9x-ptr4' })).toMatchObject({
      identity: { accountKey: '4711', evidence: 'post', proved: ['letter'], level: 'Cl' },
    });
    expect(await post.answer({ login: 'anna', code: CODE })).toEqual(refused('replayed'));
  });

  it.each([
    ['anna', 'K7QW2M9XPTR5', 'wrong-secret'],
    ['bryn', CODE, 'wrong-secret'], // somebody else's
    ['dan', CODE, 'unknown-person'],
    ['nobody', CODE, 'unknown-person'],
    ['', CODE, 'misshapen'],
  ])('M35: keeps out %s with %s: %s', async (login, code, reason) => {
    expect(await system(settings, { rows }).answer({ login, code })).toEqual(refused(reason));
  });

  it('M35: a letter ends after 28 days; without a date it has none', async () => {
    const late = system(settings, { rows, now: clock('2026-03-02T12:00:00Z').now });
    expect(await late.answer({ login: 'anna', code: CODE })).toEqual(refused('expired'));
    const undated = system({ ...settings, issuedColumn: undefined }, { rows });
    expect(await undated.answer({ login: 'anna', code: CODE })).toEqual(refused('expired'));
  });

  it('M35: a new letter goes to the address on record, and its code counts weeks later in another browser', async () => {
    const { now, pass } = clock(noon);
    const post = system(settings, { rows, now });
    const answer = asked(await post.answer({ login: 'bryn', code: '' }));
    expect(answer.prompt.notice).toBe('new-letter-sent');
    expect(post.sent).toMatchObject([{ channel: 'post', to: '2 High Street\nTregaron', lifetimeSeconds: 28 * 86_400 }]);
    const code = post.sent[0]?.code ?? '';
    expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){2}$/);
    pass(20 * 24 * 60);
    const read = code.toLowerCase().replaceAll('0', 'o').replaceAll('1', 'l');
    expect(await post.answer({ login: 'anna', code })).toEqual(refused('wrong-secret'));
    expect(await post.answer({ login: 'bryn', code: read }, '', 'at home')).toMatchObject({
      identity: { accountKey: '4713', evidence: 'post', level: 'Cl' },
    });
    expect(await post.answer({ login: 'bryn', code })).toEqual(refused('replayed'));
  });

  it('M35: a code is bound to its row: two who asked in one second cannot use each other’s', async () => {
    const post = system(settings, { rows });
    for (const login of ['anna', 'bryn']) await post.answer({ login, code: '' });
    const [annas = '', bryns = ''] = post.sent.map(({ code }) => code);
    expect(await post.answer({ login: 'anna', code: bryns })).toEqual(refused('wrong-secret'));
    expect(await post.answer({ login: 'bryn', code: annas })).toEqual(refused('wrong-secret'));
    expect(await post.answer({ login: 'anna', code: annas })).toMatchObject({ outcome: 'identified' });
  });

  it('M35: our letter ends, too, and one a week is posted, whoever asks how often', async () => {
    const { now, pass } = clock(noon);
    const post = system(settings, { rows, now });
    await Promise.all(Array.from({ length: 20 }, () => post.answer({ login: 'bryn', code: '' })));
    expect(post.sent.filter(({ to }) => to !== undefined)).toHaveLength(1);
    const code = post.sent.find(({ to }) => to !== undefined)?.code ?? '';
    pass(6 * 24 * 60);
    await post.answer({ login: 'bryn', code: '' });
    expect(post.sent.filter(({ to }) => to !== undefined)).toHaveLength(1);
    pass(24 * 24 * 60);
    expect(await post.answer({ login: 'bryn', code })).toEqual(refused('expired'));
    await post.answer({ login: 'bryn', code: '' });
    expect(post.sent.at(-1)?.to).toBeDefined();
    expect(await post.answer({ login: 'bryn', code })).toEqual(refused('wrong-secret'));
  });

  it('M35: a letter that did not leave is no letter: another may be asked for at once', async () => {
    const left: (string | undefined)[] = [];
    const send = async ({ to }: { to: string | undefined }) => {
      left.push(to);
      if (left.length === 1) throw new Error('printer');
      return { challenge: '' };
    };
    const post = system(settings, { rows, delivery: { send } });
    await expect(post.answer({ login: 'bryn', code: '' })).rejects.toThrow('printer');
    expect(await post.answer({ login: 'bryn', code: '' })).toMatchObject({ outcome: 'asks' });
    expect(left).toEqual(['2 High Street\nTregaron', '2 High Street\nTregaron']);
  });

  it('A11: nobody is told of a letter in the same words', async () => {
    const post = system(settings, { rows });
    const real = asked(await post.answer({ login: 'bryn', code: '' }));
    for (const login of ['nobody', 'dan']) {
      expect(asked(await post.answer({ login, code: '' }))).toEqual(real);
      expect(post.sent.at(-1)?.to).toBeUndefined();
      const code = post.sent.at(-1)?.code ?? '';
      expect(await post.answer({ login, code })).toEqual(refused('unknown-person'));
    }
    const without = system({ ...settings, ours: undefined }, { rows });
    expect(await without.answer({ login: 'anna', code: '' })).toEqual(refused('misshapen'));
  });

  it('M35: three tries at a letter, in parallel as well; of twenty with the right code one is let in', async () => {
    const post = system(settings, { rows });
    const guess = (index: number) => post.answer({ login: 'anna', code: `AAAABBBB${1000 + index}` });
    await Promise.all(Array.from({ length: 20 }, (_, index) => guess(index)));
    expect(await post.answer({ login: 'anna', code: CODE })).toEqual(refused('locked'));
    const other = system({ ...settings, tries: 50 }, { rows });
    const answers = await Promise.all(Array.from({ length: 20 }, () => other.answer({ login: 'anna', code: CODE })));
    expect(answers.filter(({ outcome }) => outcome === 'identified')).toHaveLength(1);
  });
});

describe('M36: printed cards and lists', () => {
  const common = {
    family,
    method: 'M36',
    alongside: 'password',
    tries: 5,
    positionsSecret: 'positions-key',
    exportedOn,
  } as const;
  const anna = { login: 'anna', password: PASSWORD };
  const CELLS = Array.from({ length: 50 }, (_, index) => String(10 + index));
  const nameAt = (index: number) => `${'ABCDE'.charAt(index % 5)}${Math.floor(index / 5) + 1}`;
  const grid = {
    ...common,
    by: 'grid',
    held: { as: 'text', column: 'card' },
    rows: 10,
    columns: 5,
    form: 'in-order',
    asked: 3,
    uses: 4,
  } as const satisfies Code;
  const cardRows = (card = CELLS.join(';')) => [row({ extras: { card } }), dan({ extras: { card } })];
  const read = (names: readonly string[]) =>
    Object.fromEntries(names.map((name) => [name, CELLS.find((_, index) => `cell${nameAt(index)}` === name) ?? '']));
  const begin = async (from: ReturnType<typeof system>, fields = anna) => {
    const { prompt, state } = await start(from, fields);
    return { state, names: prompt.fields.map(({ name }) => name) };
  };

  it('M36: anna signs in with her password and three cells of her card', async () => {
    const named = CELLS.map((cell, index) => `${nameAt(index)} = ${cell}`).join('\n');
    for (const settings of [grid, { ...grid, form: 'named' as const }]) {
      const cards = system(settings, { rows: cardRows(settings.form === 'named' ? named : undefined) });
      const { names, state } = await begin(cards);
      expect(await cards.answer(read(names), state)).toMatchObject({
        identity: { accountKey: '4711', evidence: 'sign-in', proved: ['password', 'grid-card'], level: 'Cl.Cm' },
      });
    }
    const alone = system({ ...grid, alongside: undefined }, { rows: cardRows() });
    const { prompt, state } = await start(alone, { login: 'anna' });
    expect(await alone.answer(read(prompt.fields.map(({ name }) => name)), state)).toMatchObject({
      identity: { proved: ['grid-card'], level: 'Cl' },
    });
  });

  it('M36: the same cells until they are right, and so many uses of a card', async () => {
    const cards = system(grid, { rows: cardRows() });
    const first = await begin(cards);
    const wrong = Object.fromEntries(first.names.map((name) => [name, 'xx']));
    expect(await cards.answer(wrong, first.state)).toEqual(refused('wrong-secret'));
    expect(await begin(cards)).toEqual(first);
    const outcomes = [];
    for (let use = 0; use < 5; use += 1) {
      const { names, state } = await begin(cards);
      outcomes.push(await cards.answer(read(names), state));
    }
    expect(outcomes.map((answer) => ('reason' in answer ? answer.reason : 'in'))).toEqual([
      'in',
      'in',
      'in',
      'in',
      'expired',
    ]);
    expect(await cards.answer(read(first.names), first.state)).toEqual(refused('replayed'));
  });

  it('M36: twenty at once with the same cells: one is let in; an old answer is not', async () => {
    const cards = system({ ...grid, tries: 50 }, { rows: cardRows() });
    const { names, state } = await begin(cards);
    const answers = await Promise.all(Array.from({ length: 20 }, () => cards.answer(read(names), state)));
    expect(answers.filter(({ outcome }) => outcome === 'identified')).toHaveLength(1);
    expect(await cards.answer(read(names), state)).toEqual(refused('replayed'));
  });

  it('A11, M36: nobody has a card too, and a card that was not exported opens nothing', async () => {
    const cards = system({ ...grid, alongside: undefined }, { rows: cardRows() });
    const nobody = await start(cards, { login: 'nobody' });
    expect(await start(cards, { login: 'nobody' })).toEqual(nobody);
    expect(nobody.prompt.fields).toHaveLength(3);
    const names = nobody.prompt.fields.map(({ name }) => name);
    expect(await cards.answer(read(names), nobody.state)).toEqual(refused('unknown-person'));
    const empty = system(grid, { rows: cardRows('') });
    const round = await begin(empty);
    expect(await empty.answer(read(round.names), round.state)).toEqual(refused('wrong-secret'));
    expect(await empty.answer({}, round.state)).toEqual(refused('misshapen'));
  });

  const LIST = ['a1b2c3', 'd4e5f6', 'g7h8i9', 'j1k2l3'];
  const list = {
    ...common,
    by: 'list',
    held: { as: 'text', column: 'list' },
    order: 'numbered',
    length: 4,
    separator: ',',
    usedColumn: 'used',
  } as const satisfies Code;
  const listRows = (used = '') => [row({ extras: { list: LIST.join(', '), used } })];
  const ask = async (from: ReturnType<typeof system>) => {
    const { prompt, state } = await start(from, anna);
    const label = prompt.fields[0]?.label;
    const number = label && 'values' in label ? Number(label.values?.['cell']) : 0;
    return { state, number };
  };

  it('M36: codes by number: each is asked and taken once, used ones never', async () => {
    const cards = system({ ...list, tries: 50 }, { rows: listRows('2') });
    const taken = [];
    for (let turn = 0; turn < 3; turn += 1) {
      const { number, state } = await ask(cards);
      const other = LIST[number === 1 ? 2 : 0] ?? '';
      expect(await cards.answer({ code: other }, state)).toEqual(refused('wrong-secret'));
      const code = LIST[number - 1]?.toUpperCase() ?? '';
      const answers = await Promise.all([1, 2, 3].map(() => cards.answer({ code }, state)));
      expect(answers.filter(({ outcome }) => outcome === 'identified')).toHaveLength(1);
      taken.push(number);
    }
    expect(taken.toSorted((a, b) => a - b)).toEqual([1, 3, 4]);
  });

  it('M36: wrong answers lock a card or a list, also in parallel', async () => {
    const cards = system(grid, { rows: cardRows() });
    const round = await begin(cards);
    const wrong = Object.fromEntries(round.names.map((name) => [name, 'xx']));
    await Promise.all(Array.from({ length: 20 }, () => cards.answer(wrong, round.state)));
    expect(await cards.answer(read(round.names), round.state)).toEqual(refused('locked'));
    const listed = system({ ...list, order: 'any' }, { rows: listRows() });
    const { state } = await ask(listed);
    await Promise.all(Array.from({ length: 20 }, (_, index) => listed.answer({ code: `zz${index}` }, state)));
    expect(await listed.answer({ code: 'a1b2c3' }, state)).toEqual(refused('locked'));
  });

  it('M36: the next code and no other; and in any order, once each', async () => {
    const next = system({ ...list, order: 'next' }, { rows: listRows('1') });
    const use = async (from: typeof next, code: string) => from.answer({ code }, (await ask(from)).state);
    expect(await use(next, 'a1b2c3')).toEqual(refused('replayed'));
    expect(await use(next, 'g7h8i9')).toEqual(refused('wrong-secret'));
    expect(await use(next, 'd4e5f6')).toMatchObject({ identity: { level: 'Cl.Cm' } });
    expect(await use(next, 'd4e5f6')).toEqual(refused('replayed'));
    expect(await use(next, 'g7h8i9')).toMatchObject({ outcome: 'identified' });

    const any = system({ ...list, order: 'any', tries: 50 }, { rows: listRows('1') });
    expect(await use(any, 'a1b2c3')).toEqual(refused('replayed'));
    const { state } = await ask(any);
    const answers = await Promise.all(Array.from({ length: 20 }, () => any.answer({ code: 'j1k2l3' }, state)));
    expect(answers.filter(({ outcome }) => outcome === 'identified')).toHaveLength(1);
    expect(await use(any, 'j1k2l3')).toEqual(refused('replayed'));
    expect(await use(any, 'd4e5f6')).toMatchObject({ outcome: 'identified' });
    expect(await use(any, 'zzz')).toEqual(refused('wrong-secret'));
  });
});
