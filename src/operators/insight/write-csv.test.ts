import { expect, it } from 'vitest';
import { writeCsv } from './write-csv.ts';

it('K11: quotes what must be quoted, and lets no formula through', () => {
  expect(
    writeCsv(
      ['a', 'b'],
      [
        ['=1+1', 'x,"y"\n'],
        [-3, undefined],
        ['@SUM(A1)', '-2'],
      ],
    ),
  ).toBe('a,b\r\n\'=1+1,"x,""y""\n"\r\n-3,\r\n\'@SUM(A1),\'-2\r\n');
});
