import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

// The attacks on linking and merging (LA), and what must hold of consolidation (E) and against those attacks (L): each row
// is a promise, and each has a test whose name begins with the row's id.

const ROOT = join(import.meta.dirname, '../..');
const rows = (prefix: string, last: number, digits = 1): string[] =>
  Array.from({ length: last }, (_none, index) => `${prefix}${String(index + 1).padStart(digits, '0')}`);
const ROWS = [...rows('LA', 37, 2), ...rows('E', 12), ...rows('L', 18)];

// `it('…')`, and `it.each(…)('…')`, whose name comes in a second call. Ids stand before the first colon.
const NAMES = /(?:\b(?:it|describe|test)|\))\(\s*(['"`])((?:[A-Z]+\d+)[^:'"`]*):/g;

function namedIds(): Set<string> {
  const files = globSync(['test/**/*.test.ts', 'src/**/*.test.ts'], { cwd: ROOT });
  const names = files.flatMap((file) => [...readFileSync(join(ROOT, file), 'utf8').matchAll(NAMES)]);
  return new Set(names.flatMap(([, , ids = '']) => ids.match(/\b[A-Z]+\d+\b/g) ?? []));
}

it('reads the names of tests, and nothing else', () => {
  const idsIn = (text: string): string[] => [...text.matchAll(NAMES)].map(([, , ids = '']) => ids);
  expect(idsIn(`it('LA01, L1: one'); it.each([1])('E2: two'); describe(\n  'L3: three'`)).toEqual([
    'LA01, L1',
    'E2',
    'L3',
  ]);
  expect(idsIn(`expect(a, 'LA01: a message'); // LA02: a comment\nit('no id: here')`)).toEqual([]);
});

it('every row of linking attacks, consolidation and their tests is named by a test', () => {
  const named = namedIds();
  expect(ROWS.filter((row) => !named.has(row))).toEqual([]);
});
