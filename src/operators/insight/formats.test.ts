import { expect, it } from 'vitest';
import { formatsFor } from './formats.ts';

it('writes numbers as people read them, and never says all or nothing of a part', () => {
  const { number, share, about, duration, bytes, day } = formatsFor('en');
  expect([0, 0.0001, 0.384, 0.9999, 1].map(share)).toEqual(['0%', '<1%', '38%', '>99%', '100%']);
  expect([number(1_234_567), about(45_787), about(7)]).toEqual(['1,234,567', '46,000', '7']);
  expect([0, 64, 840, 7300].map(duration)).toEqual(['1 second', '64 seconds', '14 minutes', '2 hours']);
  expect([12, 13_700, 2_340_000_000].map(bytes)).toEqual(['12 bytes', '13.7 kB', '2.34 GB']);
  expect([day(new Date('2026-11-30T12:00:00Z')), formatsFor('cy').day(new Date('2026-11-30T12:00:00Z'))]).toEqual([
    '30 Nov 2026',
    '30 Tach 2026',
  ]);
});
