import { describe, expect, it } from 'vitest';
import { isBirthDateOf, readDocumentNumber, readDriverNumber, readNino, readPostcode } from './document-numbers.ts';

describe('driver numbers', () => {
  it.each([
    ['MORGA657054SM9IJ', 'MORGA657054SM9IJ'],
    ['morga 657054 sm9ij 35', 'MORGA657054SM9IJ'],
    ['LEE99001019J99AB', 'LEE99001019J99AB'],
  ])('reads %s', (typed, number) => expect(readDriverNumber(typed)).toBe(number));

  it.each([
    'MORGA600054SM9IJ',
    'MORGA613054SM9IJ',
    'MORGA657324SM9IJ',
    'MORGA657054SM9I',
    'MORGA657054SM9IJ3',
    '99999657054SM9IJ',
    '',
  ])('reads none in %j', (typed) => expect(readDriverNumber(typed)).toBeUndefined());

  it('contains a date of birth: a woman’s month is five tens higher', () => {
    expect(isBirthDateOf('MORGA657054SM9IJ', '1964-07-05')).toBe(true);
    expect(isBirthDateOf('MORGA607054SM9IJ', '1964-07-05')).toBe(true);
    expect(isBirthDateOf('MORGA657054SM9IJ', '1964-57-05')).toBe(false);
    expect(isBirthDateOf('JONES701156A99AB', '1976-01-15')).toBe(true);
    expect(isBirthDateOf('JONES701156A99AB', '1967-01-15')).toBe(false);
    expect(isBirthDateOf('JONES701156A99AB', '1976-01-16')).toBe(false);
    expect(isBirthDateOf('JONES710156A99AB', '1976-10-15')).toBe(true);
  });
});

describe('National Insurance numbers', () => {
  it.each([
    ['AB123456C', 'AB123456'],
    ['ab 12 34 56 c', 'AB123456'],
    ['AB-12-34-56', 'AB123456'],
  ])('reads %s without its suffix', (typed, nino) => expect(readNino(typed)).toBe(nino));

  it.each(['TN010180F', 'TN010180', 'TN010180A', 'QQ123456C', 'BG123456A', 'AO123456A', 'AB123456E', 'AB12345', ''])(
    'reads none in %j',
    (typed) => expect(readNino(typed)).toBeUndefined(),
  );
});

it.each([
  ['sw1a 2aa', 'SW1A2AA'],
  ['SA48 8AA', 'SA488AA'],
  ['m1 1ae', 'M11AE'],
  ['BFPO 58', 'BFPO58'],
  ['SW1A', undefined],
  ['12345', undefined],
  ['', undefined],
])('postcodes: %j is %s', (typed, postcode) => expect(readPostcode(typed)).toBe(postcode));

it('documents: by their kinds, and no other', () => {
  expect(readDocumentNumber('925 665 416', ['uk-passport'])).toBe('925665416');
  expect(readDocumentNumber('ZU1234567', ['uk-passport'])).toBeUndefined();
  expect(readDocumentNumber('ZU1234567', ['uk-passport', 'residence-permit'])).toBe('ZU1234567');
  expect(readDocumentNumber('rex123456', ['residence-permit'])).toBe('REX123456');
  expect(readDocumentNumber('C01X00T47', ['passport'])).toBe('C01X00T47');
  expect(readDocumentNumber('PASSPORT', ['passport', 'identity-card'])).toBeUndefined();
});
