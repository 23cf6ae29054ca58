import { createHash, createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { AdapterSettings } from '../../src/legacy/index.ts';
import { PASSWORD } from '../support/legacy-servers/people.ts';
import { asked, createCounters, exportedSystem, type ExportedRow } from '../support/legacy-records.ts';

type Knowledge = Extract<AdapterSettings, { family: 'knowledge' }>;
type Method<Id extends string> = Extract<Knowledge, { method: Id }>;

const refused = (reason: string) => ({ outcome: 'refused', reason });
const row = (extras: Record<string, string>, more: Partial<ExportedRow> = {}): ExportedRow => ({
  accountKey: '4711',
  login: 'anna',
  name: 'Anna Prydderch',
  email: 'anna@example.test',
  password: PASSWORD,
  extras,
  ...more,
});
const dan = (extras: Record<string, string>) => row(extras, { accountKey: '4712', login: 'dan', isDisabled: true });

describe('M25: chosen characters of a memorable word', () => {
  const WORD = 'Llanfairpwll';
  const settings: Method<'M25'> = {
    family: 'knowledge',
    method: 'M25',
    alongside: 'password',
    held: { as: 'text', column: 'word' },
    shortest: 8,
    asked: 3,
    tries: 4,
    positionsSecret: 'positions-key',
    exportedOn: '2026-01-31',
  };
  const systemOf = (changed: Partial<Method<'M25'>> = {}, extras: Record<string, string> = { word: WORD }) =>
    exportedSystem({ settings: { ...settings, ...changed }, rows: [row(extras), dan(extras)] });
  type System = ReturnType<typeof systemOf>;

  const begin = async (system: System, login = 'anna', password = PASSWORD) => {
    const { prompt, state } = asked(await system.answer({ login, password }));
    return { state, names: prompt.fields.map(({ name }) => name) };
  };
  const characters = (names: readonly string[], word = WORD) =>
    Object.fromEntries(names.map((name) => [name, word[Number(name.slice('character'.length)) - 1] ?? '']));
  const finish = (system: System, { names, state }: Awaited<ReturnType<typeof begin>>, word = WORD) =>
    system.answer(characters(names, word), state);

  it('M25: anna signs in with her password and three characters of her word', async () => {
    const system = systemOf();
    expect(asked(await system.open()).prompt.fields.map(({ name }) => name)).toEqual(['login', 'password']);
    const round = await begin(system);
    expect(round.names).toHaveLength(3);
    expect(await finish(system, round)).toEqual({
      outcome: 'identified',
      identity: {
        accountKey: '4711',
        evidence: 'sign-in',
        proved: ['password', 'memorable-characters'],
        level: 'Cl',
        attributes: [
          { name: 'name', value: 'Anna Prydderch', from: 'old-export', asOf: '2026-01-31' },
          { name: 'email', value: 'anna@example.test', from: 'old-export', asOf: '2026-01-31' },
        ],
        warnings: [],
      },
    });
    expect(system.attempts()).toBe(2);
  });

  it('M25: without a password the characters identify and prove nothing', async () => {
    const system = systemOf({ alongside: undefined });
    const { prompt, state } = asked(await system.answer({ login: 'anna' }));
    const answer = await system.answer(characters(prompt.fields.map(({ name }) => name)), state);
    expect(answer).toMatchObject({ identity: { evidence: 'knowledge', level: 'none', attributes: [] } });
  });

  it('M25: the same positions are asked until they are right, and others after that', async () => {
    const system = systemOf();
    const first = await begin(system);
    expect(await finish(system, first, 'x'.repeat(20))).toEqual(refused('wrong-secret'));
    const second = await begin(system);
    expect(second.names).toEqual(first.names);
    expect(await finish(system, second)).toMatchObject({ outcome: 'identified' });
    const seen = [];
    for (let turn = 0; turn < 3; turn += 1) {
      const round = await begin(system);
      seen.push(round.names.join());
      await finish(system, round);
    }
    expect(new Set([first.names.join(), ...seen]).size).toBeGreaterThan(1);
  });

  it('A11: nobody, a disabled person and a wrong password are asked the same way, and kept out in the end', async () => {
    const system = systemOf();
    const real = await begin(system);
    for (const [login, password, reason] of [
      ['nobody', PASSWORD, 'unknown-person'],
      ['dan', PASSWORD, 'unknown-person'],
      ['anna', 'wrong', 'wrong-secret'],
    ] as const) {
      const round = await begin(system, login, password);
      expect(await begin(system, login, password)).toEqual(round);
      expect(round.names).toHaveLength(3);
      expect(await finish(system, round)).toEqual(refused(reason));
    }
    expect((await begin(system, 'anna', 'wrong')).names).toEqual(real.names);
  });

  it('M25: wrong answers lock the word, also in parallel; without the password nobody can lock it', async () => {
    const system = systemOf();
    const stranger = await begin(system, 'anna', 'wrong');
    for (let turn = 0; turn < 10; turn += 1) await finish(system, stranger, 'x'.repeat(20));
    const round = await begin(system);
    const answers = await Promise.all(Array.from({ length: 20 }, () => finish(system, round, 'x'.repeat(20))));
    const reasons = answers.map((answer) => ('reason' in answer ? answer.reason : ''));
    expect(reasons.filter((reason) => reason === 'wrong-secret')).toHaveLength(4);
    expect(reasons.filter((reason) => reason === 'locked')).toHaveLength(16);
    expect(await finish(system, await begin(system))).toEqual(refused('locked'));
  });

  it('M25: characters that were right are accepted once', async () => {
    const system = systemOf({ tries: 50 });
    const round = await begin(system);
    const answers = await Promise.all(Array.from({ length: 20 }, () => finish(system, round)));
    expect(answers.filter(({ outcome }) => outcome === 'identified')).toHaveLength(1);
    expect(await finish(system, round)).toEqual(refused('replayed'));
  });

  it('M25: each character may have a digest of its own', async () => {
    const digest = (character: string, index: number) =>
      createHash('sha1')
        .update(`4711:${index + 1}:${character.toUpperCase()}`)
        .digest('base64');
    const word = Array.from(WORD, digest).join(',');
    const held = { as: 'digest', column: 'word', algorithm: 'sha1', input: '{id}:{position}:{secret}' } as const;
    const system = systemOf({ held, separator: ',' }, { word });
    expect(await finish(system, await begin(system))).toMatchObject({ outcome: 'identified' });
    expect(await finish(system, await begin(system), 'x'.repeat(20))).toEqual(refused('wrong-secret'));
  });

  it('M25: empty, long and missing answers are refused before anything is looked up', async () => {
    const system = systemOf();
    expect(await system.answer({ login: 'anna', password: '' })).toEqual(refused('misshapen'));
    expect(await system.answer({ login: 'anna', password: 'x'.repeat(1025) })).toEqual(refused('misshapen'));
    const { state, names } = await begin(system);
    expect(await system.answer({}, state)).toEqual(refused('misshapen'));
    expect(await system.answer(Object.fromEntries(names.map((name) => [name, WORD])), state)).toEqual(
      refused('misshapen'),
    );
  });

  it('M25: a short word is nobody’s key: a position behind its end is never right', async () => {
    const system = systemOf({ shortest: 12 }, { word: 'ab' });
    const round = await begin(system);
    expect(await finish(system, round, 'ab')).toEqual(refused('misshapen'));
    expect(await finish(system, round, 'ab'.padEnd(20, ' ')).then(({ outcome }) => outcome)).toBe('refused');
  });
});

describe('M26: a PIN from a letter', () => {
  const pin = {
    held: { as: 'digest', column: 'pin', algorithm: 'sha256', input: '{salt}{secret}', saltColumn: 'salt' },
    digits: { least: 4, most: 6 },
    tries: 3,
    use: 'once',
    issuedColumn: 'posted',
    validDays: 28,
  } as const satisfies Method<'M26'>['pin'];
  const settings: Method<'M26'> = {
    family: 'knowledge',
    method: 'M26',
    alongside: 'password',
    pin,
    exportedOn: '2026-01-31',
  };
  const extras = {
    salt: 's1',
    pin: createHash('sha256').update('s12468').digest('hex').toUpperCase(),
    posted: '2026-02-01',
  };
  const systemOf = (changed: Partial<Method<'M26'>> = {}, at = '2026-02-10T12:00:00Z', counters = createCounters()) =>
    exportedSystem({
      settings: { ...settings, ...changed },
      rows: [row(extras), dan(extras)],
      now: () => new Date(at),
      counters,
    });
  const anna = { login: 'anna', password: PASSWORD, pin: '2468' };

  it('M26: anna signs in with her password and the PIN', async () => {
    expect(await systemOf().answer({ ...anna, pin: ' 24 68 ' })).toMatchObject({
      outcome: 'identified',
      identity: { accountKey: '4711', evidence: 'sign-in', proved: ['password', 'pin'], level: 'Cl' },
    });
  });

  it('M26: a PIN alone identifies and proves nothing', async () => {
    const answer = await systemOf({ alongside: undefined }).answer({ login: 'anna', pin: '2468' });
    expect(answer).toMatchObject({ identity: { evidence: 'knowledge', level: 'none', attributes: [] } });
  });

  it.each([
    [{ ...anna, password: 'wrong' }, 'wrong-secret'],
    [{ ...anna, pin: '2469' }, 'wrong-secret'],
    [{ ...anna, login: 'nobody' }, 'unknown-person'],
    [{ ...anna, login: 'dan' }, 'unknown-person'],
    [{ ...anna, pin: '' }, 'misshapen'],
    [{ ...anna, pin: '123' }, 'misshapen'],
    [{ ...anna, pin: '1234567' }, 'misshapen'],
    [{ ...anna, pin: 'abcd' }, 'misshapen'],
    [{ ...anna, login: '' }, 'misshapen'],
  ])('M26: keeps out %j: %s', async (fields, reason) => {
    expect(await systemOf().answer(fields)).toEqual(refused(reason));
  });

  it('M26: of 10,000 values three may be tried, in whatever order and in parallel', async () => {
    const system = systemOf();
    const guesses = Array.from({ length: 20 }, (_, index) => ({ ...anna, pin: String(3000 + index) }));
    const answers = await Promise.all(guesses.map((fields) => system.answer(fields)));
    const reasons = answers.map((answer) => ('reason' in answer ? answer.reason : ''));
    expect(reasons.filter((reason) => reason === 'wrong-secret')).toHaveLength(3);
    expect(await system.answer(anna)).toEqual(refused('locked'));
  });

  it('M26: without the password nobody can use up the tries, and nothing is written for nobody', async () => {
    const counters = createCounters();
    const system = systemOf({}, undefined, counters);
    for (let turn = 0; turn < 10; turn += 1) {
      await system.answer({ ...anna, password: 'wrong' });
      await system.answer({ ...anna, login: 'nobody' });
    }
    expect(counters.written.size).toBe(0);
    expect(await system.answer(anna)).toMatchObject({ outcome: 'identified' });
  });

  it('M26: a PIN for once is accepted once of twenty at the same time', async () => {
    const system = systemOf({ pin: { ...pin, tries: 20 } });
    const answers = await Promise.all(Array.from({ length: 20 }, () => system.answer(anna)));
    expect(answers.filter(({ outcome }) => outcome === 'identified')).toHaveLength(1);
    const again = systemOf();
    await again.answer(anna);
    expect(await again.answer(anna)).toEqual(refused('replayed'));
    const lasting = systemOf({ pin: { ...pin, use: 'lasting' } });
    for (let turn = 0; turn < 5; turn += 1) expect(await lasting.answer(anna)).toMatchObject({ outcome: 'identified' });
  });

  it('M26: a letter ends with its days, and one without a date has none', async () => {
    expect(await systemOf({}, '2026-03-01T23:00:00Z').answer(anna)).toMatchObject({ outcome: 'identified' });
    expect(await systemOf({}, '2026-03-02T00:00:01Z').answer(anna)).toEqual(refused('expired'));
    expect(await systemOf({ pin: { ...pin, issuedColumn: 'never' } }).answer(anna)).toEqual(refused('expired'));
  });

  it('M26: a PIN may be an HMAC, plain text, or held like a password', async () => {
    const mac = createHmac('sha256', 'd'.repeat(32)).update('2468').digest('base64');
    for (const held of [
      { as: 'digest', column: 'mac', algorithm: 'sha256', keySecret: 'digest-key' },
      { as: 'text', column: 'plain' },
    ] as const) {
      const rows = [row({ mac, plain: '2468', posted: '2026-02-01' })];
      const now = () => new Date('2026-02-10');
      const system = exportedSystem({ settings: { ...settings, pin: { ...pin, held } }, rows, now });
      expect(await system.answer({ ...anna, pin: '2469' })).toEqual(refused('wrong-secret'));
      expect(await system.answer(anna)).toMatchObject({ outcome: 'identified' });
    }
    const held = { as: 'verifier' } as const;
    const changed = {
      ...settings,
      alongside: undefined,
      pin: { ...pin, held, issuedColumn: undefined, validDays: undefined },
    };
    const system = exportedSystem({ settings: changed, rows: [row({}, { password: '2468' })] });
    expect(await system.answer({ login: 'anna', pin: '1357' })).toEqual(refused('wrong-secret'));
    expect(await system.answer({ login: 'anna', pin: '2468' })).toMatchObject({ identity: { level: 'none' } });
  });

  it('E6: a level is never more than the system deserves', async () => {
    expect(await systemOf({ level: 'none' }).answer(anna)).toMatchObject({
      identity: { level: 'none', warnings: ['level-lowered'] },
    });
    expect(await systemOf({ level: 'Cl.Cm' }).answer(anna)).toMatchObject({ identity: { level: 'Cl', warnings: [] } });
  });
});

describe('M27: security questions', () => {
  const md5 = (answer: string) => createHash('md5').update(answer).digest('hex');
  const settings: Method<'M27'> = {
    family: 'knowledge',
    method: 'M27',
    questions: [
      { ask: { en: 'Where were you born?' }, held: { as: 'digest', column: 'answer1', algorithm: 'md5' } },
      { ask: { en: 'Your first school?' }, held: { as: 'text', column: 'answer2' } },
      {
        ask: { column: 'question3', standIns: ['A pet?', 'A street?', 'A teacher?'] },
        held: { as: 'text', column: 'answer3' },
      },
    ],
    asked: 3,
    right: 2,
    tries: 3,
    normalise: ['drop-accents', 'drop-punctuation', 'drop-spaces', 'lower-case'],
    positionsSecret: 'positions-key',
    exportedOn: '2026-01-31',
  };
  const extras = { answer1: md5('stdavids'), answer2: 'Ysgol Gyfun Gŵyr', question3: 'A river?', answer3: 'Tywi' };
  const systemOf = (changed: Partial<Method<'M27'>> = {}) =>
    exportedSystem({ settings: { ...settings, ...changed }, rows: [row(extras), dan(extras)] });
  const right = { answer1: 'St. David’s', answer2: ' YSGOL gyfun gwyr', answer3: 'tywi' };

  it('M27: answers find anna however she writes them, and reach no level', async () => {
    const system = systemOf();
    const { prompt, state } = asked(await system.answer({ login: 'anna' }));
    expect(prompt.fields.map(({ label }) => ('en' in label ? label.en : ''))).toEqual([
      'Where were you born?',
      'Your first school?',
      'A river?',
    ]);
    expect(await system.answer(right, state)).toMatchObject({
      identity: {
        accountKey: '4711',
        evidence: 'knowledge',
        proved: ['security-answers'],
        level: 'none',
        attributes: [],
      },
    });
    expect(await systemOf({ level: 'Cl' }).answer(right, state)).toMatchObject({ identity: { level: 'none' } });
  });

  it('M27: two of three must be right; empty ones are wrong', async () => {
    const { state } = asked(await systemOf().answer({ login: 'anna' }));
    expect(await systemOf().answer({ ...right, answer3: '' }, state)).toMatchObject({ outcome: 'identified' });
    expect(await systemOf().answer({ answer1: 'x', answer2: right.answer2, answer3: '' }, state)).toEqual(
      refused('wrong-secret'),
    );
    expect(await systemOf().answer({ answer1: '', answer2: ' ', answer3: '' }, state)).toEqual(refused('misshapen'));
  });

  it('M27: an answer that the export does not hold is no answer', async () => {
    const system = exportedSystem({ settings, rows: [row({})] });
    const { state } = asked(await system.answer({ login: 'anna' }));
    expect(await system.answer({ answer1: '.', answer2: '-', answer3: '!' }, state)).toEqual(refused('wrong-secret'));
  });

  it('A11: who does not exist has questions too, always the same', async () => {
    const system = systemOf();
    const nobody = asked(await system.answer({ login: 'nobody' }));
    expect(asked(await system.answer({ login: 'nobody' }))).toEqual(nobody);
    const third = nobody.prompt.fields[2]?.label;
    expect(['A pet?', 'A street?', 'A teacher?']).toContain(third && 'en' in third ? third.en : '');
    expect(await system.answer(right, nobody.state)).toEqual(refused('unknown-person'));
    const disabled = asked(await system.answer({ login: 'dan' }));
    expect(await system.answer(right, disabled.state)).toEqual(refused('unknown-person'));
  });

  it('M27: the same questions until they are right, three tries, and each right set counts once', async () => {
    const system = systemOf({ asked: 2, right: 2 });
    const first = asked(await system.answer({ login: 'anna' }));
    await system.answer({ answer1: 'x', answer2: 'x', answer3: 'x' }, first.state);
    expect(asked(await system.answer({ login: 'anna' }))).toEqual(first);
    const answers = await Promise.all([1, 2].map(() => system.answer(right, first.state)));
    expect(answers.filter(({ outcome }) => outcome === 'identified')).toHaveLength(1);
    const next = asked(await system.answer({ login: 'anna' }));
    for (let turn = 0; turn < 5; turn += 1)
      await system.answer({ answer1: 'x', answer2: 'x', answer3: 'x' }, next.state);
    expect(await system.answer(right, next.state)).toEqual(refused('locked'));
  });
});

describe('M28: a reference number and a date of birth', () => {
  const settings: Method<'M28'> = {
    family: 'knowledge',
    method: 'M28',
    facts: [{ fact: 'birth-date' }],
    checkDigit: { scheme: 'weights', weights: [10, 9, 8, 7, 6, 5, 4, 3, 2], map: '0-987654321', at: 'last' },
    tries: 5,
    exportedOn: '2026-01-31',
  };
  const rows = [
    row({}, { login: '9434765919', birthDate: '1984-02-29' }),
    row({}, { login: '9434765870', accountKey: '4712', isDisabled: true, birthDate: '1984-02-29' }),
    row({}, { login: '4010232137', accountKey: '4713' }),
  ];
  const systemOf = (changed: Partial<Method<'M28'>> = {}) =>
    exportedSystem({ settings: { ...settings, ...changed }, rows });

  it('M28: the reference and the date find the row, and tell nothing more', async () => {
    for (const dateOfBirth of ['1984-02-29', '29/2/1984', '29 February 1984', '29 Chwefror 1984'])
      expect(await systemOf().answer({ login: '9434765919', dateOfBirth })).toEqual({
        outcome: 'identified',
        identity: {
          accountKey: '4711',
          evidence: 'knowledge',
          proved: ['facts'],
          level: 'none',
          attributes: [{ name: 'birth-date', value: '1984-02-29', from: 'old-export', asOf: '2026-01-31' }],
          warnings: [],
        },
      });
    const answer = await systemOf({ level: 'Cl' }).answer({ login: '9434765919', dateOfBirth: '1984-02-29' });
    expect(answer).toMatchObject({ identity: { level: 'none' } });
  });

  it.each([
    ['9434765919', '1984-02-28', 'wrong-secret'],
    ['9434765918', '1984-02-29', 'misshapen'], // its check digit is wrong
    ['9434765870', '1984-02-29', 'unknown-person'],
    ['4010232137', '1984-02-29', 'wrong-secret'], // the export holds no date
    ['9434765919', '1984-02-30', 'misshapen'],
    ['9434765919', '', 'misshapen'],
    ['', '1984-02-29', 'misshapen'],
  ])('M28: keeps out %s with %j: %s', async (login, dateOfBirth, reason) => {
    expect(await systemOf().answer({ login, dateOfBirth })).toEqual(refused(reason));
  });

  it('M28: five dates may be tried at a reference', async () => {
    const system = systemOf();
    const guesses = Array.from({ length: 20 }, (_, day) => `1990-01-${String(day + 1).padStart(2, '0')}`);
    await Promise.all(guesses.map((dateOfBirth) => system.answer({ login: '9434765919', dateOfBirth })));
    expect(await system.answer({ login: '9434765919', dateOfBirth: '1984-02-29' })).toEqual(refused('locked'));
  });
});

describe('M29: driver number, National Insurance number, postcode', () => {
  const DRIVER = 'PRYDD852294A99AB';
  const settings: Method<'M29'> = {
    family: 'knowledge',
    method: 'M29',
    facts: [{ fact: 'nino' }, { fact: 'postcode', columns: ['postcode', 'earlierPostcode'] }],
    exportedOn: '2026-01-31',
  };
  const extras = { nino: 'QQ123456C'.replace('QQ', 'AB'), postcode: 'SA48 8AA', earlierPostcode: 'CF10 1EP' };
  const rows = [row(extras, { login: DRIVER })];
  const systemOf = (changed: Partial<Method<'M29'>> = {}) =>
    exportedSystem({ settings: { ...settings, ...changed }, rows });

  it('M29: the three find the row, as people type them', async () => {
    for (const [login, nino, postcode] of [
      [DRIVER, 'AB123456C', 'SA48 8AA'],
      ['prydd 852294 a99ab', 'ab 12 34 56 c', 'sa488aa'],
      [`${DRIVER} 47`, 'AB123456', 'CF10 1EP'], // the issue number, no suffix, an earlier address
    ] as const)
      expect(await systemOf().answer({ login, nino, postcode })).toMatchObject({
        identity: { accountKey: '4711', evidence: 'knowledge', proved: ['facts'], level: 'none' },
      });
  });

  it.each([
    [{ login: DRIVER, nino: 'AB123457C', postcode: 'SA48 8AA' }, 'wrong-secret'],
    [{ login: DRIVER, nino: 'AB123456C', postcode: 'SA48 8AB' }, 'wrong-secret'],
    [{ login: DRIVER, nino: 'TN290284F', postcode: 'SA48 8AA' }, 'wrong-secret'],
    [{ login: 'PRYDD852294A99AC', nino: 'AB123456C', postcode: 'SA48 8AA' }, 'unknown-person'],
    [{ login: 'PRYDD873294A99AB', nino: 'AB123456C', postcode: 'SA48 8AA' }, 'misshapen'], // month 73
    [{ login: DRIVER, nino: '', postcode: '' }, 'misshapen'],
  ])('M29: keeps out %j: %s', async (fields, reason) => {
    expect(await systemOf().answer(fields)).toEqual(refused(reason));
  });

  it('M29: a date of birth and a name beside the number are no facts of their own', async () => {
    const facts: Method<'M29'>['facts'] = [{ fact: 'birth-date' }, { fact: 'family-name' }, { fact: 'nino' }];
    await expect(systemOf({ facts: facts.slice(0, 2) }).open()).rejects.toThrow('more facts');
    await expect(systemOf({ facts, needed: 2 }).open()).rejects.toThrow('more facts');
    const system = systemOf({ facts, needed: 1 });
    const right = { login: DRIVER, dateOfBirth: '1984-02-29', familyName: 'Prydderch', nino: 'AB123456C' };
    expect(await system.answer(right)).toMatchObject({ outcome: 'identified' });
    expect(await system.answer({ ...right, nino: 'AB123457C' })).toEqual(refused('wrong-secret'));
    // What contradicts the number is no slip that the other facts make up for.
    expect(await system.answer({ ...right, dateOfBirth: '1984-02-28' })).toEqual(refused('wrong-secret'));
    expect(await system.answer({ ...right, familyName: 'Jones' })).toEqual(refused('wrong-secret'));
  });
});

describe('M30: a document number, date of birth, nationality', () => {
  const settings: Method<'M30'> = {
    family: 'knowledge',
    method: 'M30',
    documents: ['uk-passport', 'residence-permit'],
    facts: [{ fact: 'birth-date' }, { fact: 'nationality' }],
    expiresColumn: 'expires',
    graceDays: 30,
    nationalities: [['IRL', 'Irish', 'Gwyddelig']],
    dates: 'month-day',
    exportedOn: '2026-01-31',
  };
  const extras = { nationality: 'IRL', expires: '06/30/2026' };
  const rows = [row(extras, { login: 'ZU1234567', birthDate: '02/28/1984' })];
  const systemOf = (at = '2026-02-01', changed: Partial<Method<'M30'>> = {}) =>
    exportedSystem({ settings: { ...settings, ...changed }, rows, now: () => new Date(at) });
  const anna = { login: 'zu 123 4567', dateOfBirth: '28/2/1984', nationality: 'gwyddelig' };

  it('M30: the three find the row', async () => {
    for (const nationality of ['gwyddelig', 'Irish', 'IRL'])
      expect(await systemOf().answer({ ...anna, nationality })).toMatchObject({
        identity: { accountKey: '4711', evidence: 'knowledge', level: 'none' },
      });
  });

  it.each([
    [{ ...anna, nationality: 'French' }, 'wrong-secret'],
    [{ ...anna, dateOfBirth: '1985-02-28' }, 'wrong-secret'],
    [{ ...anna, login: 'ZU1234568' }, 'unknown-person'],
    [{ ...anna, login: 'ZU123456<' }, 'misshapen'],
    [{ ...anna, dateOfBirth: '', nationality: '' }, 'misshapen'],
  ])('M30: keeps out %j: %s', async (fields, reason) => {
    expect(await systemOf().answer(fields)).toEqual(refused(reason));
  });

  it('M30: a document that ended identifies for its days of grace', async () => {
    expect(await systemOf('2026-07-30').answer(anna)).toMatchObject({ outcome: 'identified' });
    expect(await systemOf('2026-08-01').answer(anna)).toEqual(refused('expired'));
    expect(await systemOf('2026-02-01', { expiresColumn: 'missing' }).answer(anna)).toEqual(refused('expired'));
  });
});
