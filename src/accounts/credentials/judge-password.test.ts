import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isCommonPassword } from './common-passwords/is-common-password.ts';
import { passwordPolicy, type PasswordRule } from './judge-password.ts';

const judge = (password: string, rule: Partial<PasswordRule> = {}): readonly string[] => {
  const result = passwordPolicy.judge(password, { minimum: 15, words: [], ...rule });
  return result.ok ? [] : result.reasons;
};
const common = gunzipSync(readFileSync(new URL('common-passwords/common-passwords.txt.gz', import.meta.url)))
  .toString()
  .trimEnd()
  .split('\n');

describe('A1: length', () => {
  it.each([
    [15, 'q7wz%kd93mvb!p', ['too-short']],
    [15, 'q7wz%kd93mvb!px', []],
    [8, 'q7wz%kd', ['too-short']],
    [8, 'q7wz%kd9', []],
  ])('at least %i: %s', (minimum, password, reasons) => {
    expect(judge(password, { minimum })).toEqual(reasons);
  });

  it('counts code points, after NFKC: one emoji is one character', () => {
    expect(judge('🔑🐎🔋📎🍏🎈🎩', { minimum: 8 })).toEqual(['too-short']);
    expect(judge('🔑🐎🔋📎🍏🎈🎩🧦', { minimum: 8 })).toEqual([]);
  });
});

describe('A2: what is accepted', () => {
  it.each([
    ['64 characters', 'q7wz%kd9'.repeat(8)],
    ['256 characters', 'q7wz%kd9'.repeat(32)],
    ['spaces', 'three brown horses in a lift'],
    ['other scripts', 'пятнадцать лошадей'],
    ['200 emoji', '🔑🐎🔋📎'.repeat(50)],
  ])('%s', (_, password) => {
    expect(judge(password)).toEqual([]);
  });

  it.each([
    ['257 characters', 'q7wz%kd9'.repeat(32) + 'x'],
    ['more than 1,024 bytes', '🔑'.repeat(257)],
    ['a megabyte', 'x'.repeat(1_000_000)],
  ])('%s are too many', (_, password) => {
    expect(judge(password)).toEqual(['too-long']);
  });
});

it('A3: no rules of composition: fifteen lower-case letters will do', () => {
  expect(judge('kvmpwqzsxhbtfdj')).toEqual([]);
});

describe('A4: common passwords', () => {
  it('the list holds 100,000 and more, sorted, and every one of them is found', () => {
    expect(common.length).toBeGreaterThan(100_000);
    expect(common.filter((word) => !isCommonPassword(word))).toEqual([]);
  });

  it('what is not on the list is not found', () => {
    const listed = new Set(common);
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.constantFrom(...common).map((word) => `${word}~`),
        ),
        (word) => {
          expect(isCommonPassword(word)).toBe(listed.has(word.normalize('NFKC').toLowerCase()));
        },
      ),
      { numRuns: 1000 },
    );
    expect(['', '\n', '\u0000', '~~~~~~~~~~'].map(isCommonPassword)).toEqual([false, false, false, false]);
  });

  it.each(['password1', 'PASSWORD1', 'Password1', 'ｐassword1', '1qaz2wsx', 'qwertyuiop', 'iloveyou', '12345678'])(
    'refuses %s, whatever its case',
    (password) => {
      expect(judge(password, { minimum: 8 })).toEqual(['common']);
    },
  );

  it('compares the whole password only', () => {
    expect(judge('password1 password1')).toEqual([]);
  });
});

describe('A4: words of the context', () => {
  const words = ['Rent Support', 'Department for Homes', 'Ada Lovelace', 'ada.lovelace42@example.org'];

  it.each([
    'department2026!!',
    'My RentSupport 1234',
    'r.e.n.t-s.u.p.p.o.r.t',
    'xx Lovelace xx 1815',
    'adalovelace-adalovelace',
    'ＬＯＶＥＬＡＣＥ 1815 xx',
    'lovelace42 lovelace42',
    'home sweet homes 12345',
  ])('refuses %s', (password) => {
    expect(judge(password, { words })).toEqual(['contains-word']);
  });

  it.each(['three brown horses in a lift', 'example.org is a domain', 'for ada, with love 1815'])(
    'takes %s: short words and mail hosts are nobody’s name',
    (password) => {
      expect(judge(password, { words })).toEqual([]);
    },
  );

  it('finds names with accents however they are typed', () => {
    expect(judge('si\u0302on-jones-1234', { words: ['Sîon'] })).toEqual(['contains-word']);
  });
});

it('says all that is wrong at once', () => {
  expect(judge('Liverpool', { words: ['Liverpool Council'] })).toEqual(['too-short', 'common', 'contains-word']);
});
