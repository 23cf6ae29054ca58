import { expect, it } from 'vitest';
import { readDate } from './read-date.ts';

it.each([
  ['1984-02-29', '1984-02-29'],
  [' 1984/2/29 ', '1984-02-29'],
  ['19840229', '1984-02-29'],
  ['1984-02-29T00:00:00Z', '1984-02-29'],
  ['1984-02-29 00:00:00', '1984-02-29'],
  ['29/02/1984', '1984-02-29'],
  ['29.2.1984', '1984-02-29'],
  ['29 2 1984', '1984-02-29'],
  ['29 Feb 1984', '1984-02-29'],
  ['29th February, 1984', '1984-02-29'],
  ['29-FEB-1984', '1984-02-29'],
  ['29 Chwefror 1984', '1984-02-29'],
  ['２９/２/１９８４', '1984-02-29'],
])('reads %j', (text, date) => expect(readDate(text)).toBe(date));

it.each([
  '',
  '29/02/1985',
  '31/04/1984',
  '2/29/1984',
  '00/01/1984',
  '29/02/84',
  '29 Foo 1984',
  '1800-01-01',
  'NULL',
  '29021984x',
])('reads no date in %j', (text) => expect(readDate(text)).toBeUndefined());

it('reads the month first where the export has it so, and never a year that comes first', () => {
  expect(readDate('02/28/1984', 'month-day')).toBe('1984-02-28');
  expect(readDate('28 Feb 1984', 'month-day')).toBe('1984-02-28');
  expect(readDate('1984-02-28', 'month-day')).toBe('1984-02-28');
});
