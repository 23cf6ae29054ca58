import { expect, it } from 'vitest';
import { mayBeAsked, phoneForms, readPhone } from './phone-number.ts';

it.each([
  ['07700 900123', '+447700900123'],
  ['+44 7700 900 123', '+447700900123'],
  ['+44 (0)7700 900123', '+447700900123'],
  ['0044 7700 900123', '+447700900123'],
  ['00 44 (0) 7700-900-123', '+447700900123'],
  ['447700900123', '+447700900123'],
  ['(029) 2034 5678', '+442920345678'],
  ['01697 73555', '+44169773555'],
  ['+353 86 123 4567', '+353861234567'],
  ['00353861234567', '+353861234567'],
  ['０７７００ ９００１２３', '+447700900123'],
])('reads %s', (written, number) => expect(readPhone(written)).toBe(number));

it.each([
  '',
  '0',
  '101',
  '999',
  '7700900123',
  '07700 900123 ext 4',
  '+44',
  '+440',
  '0770090012',
  '077009001234',
  '+1',
  '+1234567890123456',
  'anna',
  '+44 7700 9001a3',
  '0'.repeat(41),
])('reads none in %j', (written) => expect(readPhone(written)).toBeUndefined());

it('a number may be held in more than one way', () => {
  expect(phoneForms('+44 7700 900123')).toEqual(['+447700900123', '07700900123', '447700900123']);
  expect(phoneForms('+353861234567')).toEqual(['+353861234567', '353861234567']);
  expect(phoneForms('anna')).toEqual(['anna']);
});

it.each([
  ['+447700900123', 'text', true],
  ['+447624123456', 'text', true],
  ['+447012345678', 'text', false],
  ['+447612345678', 'text', false],
  ['+442920345678', 'text', false],
  ['+442920345678', 'voice', true],
  ['+443001234567', 'voice', true],
  ['+449012345678', 'voice', false],
  ['+448712345678', 'voice', false],
  ['+353861234567', 'text', false],
] as const)('toll fraud: %s by %s: %s', (number, channel, may) =>
  expect(mayBeAsked(number, { countries: ['44'], channel })).toBe(may),
);
