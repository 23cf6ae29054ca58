import { expect, it } from 'vitest';
import { hasCheckDigit, type CheckDigit } from './check-digit.ts';

const nhs: CheckDigit = { scheme: 'weights', weights: [10, 9, 8, 7, 6, 5, 4, 3, 2], map: '0-987654321', at: 'last' };
const utr: CheckDigit = { scheme: 'weights', weights: [6, 7, 8, 9, 10, 5, 4, 3, 2], map: '21987654321', at: 'first' };

it.each([
  ['modulus 11, last', nhs, '9434765919', '9434765918'],
  ['modulus 11, last', nhs, '4010232137', '4010232173'],
  ['modulus 11, first', utr, '1955839661', '2955839661'],
  ['modulus 10', { scheme: 'luhn' }, '4539148803436467', '4539148803436476'],
  ['modulus 10', { scheme: 'luhn' }, '79927398713', '79927398710'],
  ['modulus 97', { scheme: 'mod-97' }, '3214282912345698765432161182', '3214282912345698765432161128'],
] as const)('%s: %o takes %s and not %s', (_name, rule, right, wrong) => {
  expect(hasCheckDigit(right, rule)).toBe(true);
  expect(hasCheckDigit(wrong, rule)).toBe(false);
  for (const none of ['', right.slice(1), `${right}0`, right.replace(/\d/, 'x'), '-'.repeat(right.length)])
    expect(hasCheckDigit(none, rule)).toBe(false);
});

it('a remainder that stands for no digit fits no number', () => {
  const digits = Array.from({ length: 300 }, (_, index) => String(100_000_000 + index));
  const without = digits.find((nine) => !'0123456789'.split('').some((check) => hasCheckDigit(nine + check, nhs)));
  expect(without).toBeDefined();
  expect(hasCheckDigit(`${without}-`, nhs)).toBe(false);
});
