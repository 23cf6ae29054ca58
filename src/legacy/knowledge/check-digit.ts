import { type Static, Type } from 'typebox';
import { whole } from '../records/record-settings.ts';

const closed = { additionalProperties: false };

/** How a reference number proves that it was typed rightly. It keeps slips out, nobody else. */
export const CheckDigit = Type.Union([
  Type.Object(
    {
      scheme: Type.Literal('weights', {
        description: 'A weighted sum, whose remainder stands for the check character.',
      }),
      weights: Type.Array(whole(1, 99, 'Of one digit.'), { minItems: 3, maxItems: 20, description: 'In their order.' }),
      map: Type.String({
        minLength: 2,
        maxLength: 97,
        description:
          'The check character of each remainder, from 0 on; - where there is none. Its length is the modulus.',
      }),
      at: Type.Enum(['first', 'last'], { description: 'Where the check character stands.' }),
    },
    closed,
  ),
  Type.Object({ scheme: Type.Literal('luhn', { description: 'Modulus 10, ISO/IEC 7812-1.' }) }, closed),
  Type.Object({ scheme: Type.Literal('mod-97', { description: 'Modulus 97, ISO/IEC 7064.' }) }, closed),
]);
export type CheckDigit = Static<typeof CheckDigit>;

/** Whether a reference, without spaces and hyphens, agrees with its own check digit. */
export function hasCheckDigit(reference: string, rule: CheckDigit): boolean {
  if (rule.scheme === 'luhn') return /^\d{2,30}$/.test(reference) && luhnSum(reference) % 10 === 0;
  if (rule.scheme === 'mod-97') return /^[0-9A-Z]{3,30}$/.test(reference) && remainderOf97(reference) === 1;
  const { weights, map, at } = rule;
  const [digits, check] =
    at === 'last' ? [reference.slice(0, -1), reference.slice(-1)] : [reference.slice(1), reference.slice(0, 1)];
  if (digits.length !== weights.length || !/^\d+$/.test(digits) || check === '-') return false;
  const sum = weights.reduce((total, weight, index) => total + weight * Number(digits[index]), 0);
  return map[sum % map.length] === check;
}

const luhnSum = (digits: string): number =>
  Array.from(digits)
    .toReversed()
    .reduce((sum, digit, index) => {
      const value = index % 2 === 0 ? Number(digit) : Number(digit) * 2;
      return sum + (value > 9 ? value - 9 : value);
    }, 0);

const remainderOf97 = (text: string): number =>
  Array.from(text).reduce((rest, character) => {
    const value = Number.parseInt(character, 36);
    return (rest * (value > 9 ? 100 : 10) + value) % 97;
  }, 0);
