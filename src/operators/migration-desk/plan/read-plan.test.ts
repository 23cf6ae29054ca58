import { expect, it } from 'vitest';
import { cohortOf, guessSource, readLines } from './read-plan.ts';

it('reads a line for each file, however it is written', () => {
  expect(readLines('rents rents-2026.csv\r\n\n  boats = boats.csv.gz \nlone')).toEqual([
    { source: 'rents', name: 'rents-2026.csv' },
    { source: 'boats', name: 'boats.csv.gz' },
    { source: 'lone', name: '' },
  ]);
});

it('knows the source by the beginning of a name, and no other one', () => {
  const sources = [{ source: 'rent' }, { source: 'rent-portal' }];
  expect(guessSource('rent-portal-2026.csv', sources)).toBe('rent-portal');
  expect(guessSource('rent.csv', sources)).toBe('rent');
  expect(guessSource('rents.csv', sources)).toBeUndefined();
});

it('takes a share of a hundred, and nothing that is none', () => {
  expect(['', '100', '12.5', '12,5 %', '0.01'].map(cohortOf)).toEqual([10_000, 10_000, 1250, 1250, 1]);
  expect(['0', '101', '-5', 'all', '0.001', 'NaN'].map(cohortOf)).toEqual(Array.from({ length: 6 }));
});
