import { expect, it } from 'vitest';
import { usablePhone } from './usable-phone.ts';

it.each([
  ['07700 900123', '+447700900123'],
  ['(020) 7946 0000', '+442079460000'],
  ['+44 (0)7700 900 123', '+447700900123'],
  ['0044-7700-900123', '+447700900123'],
  ['+44 7700.900.123', '+447700900123'],
  ['016977 3999', '+44169773999'],
  ['+353 1 234 5678', '+35312345678'],
  ['００４４ ７７００ ９００１２３', '+447700900123'],
  ['7700900123', undefined],
  ['999', undefined],
  ['07700 900123 ext 4', undefined],
  ['07700 900123 / 07700 900124', undefined],
  ['+44 0123', undefined],
  ['+0123456789', undefined],
  ['unknown', undefined],
  ['', undefined],
  ['0'.repeat(100), undefined],
])('%j is %j', (written, expected) => {
  expect(usablePhone(written)).toBe(expected);
});
