import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

// The attacks on linking and merging (LA), and what must hold of consolidation (E) and against those attacks (L), of
// passwords and sign-in (A), of sessions and browsers (C), of the protocol's server (D): each row is a promise, and each
// has a test whose name begins with the row's id. What is not kept yet stands here with its reason, and nowhere in a name.

const ROOT = join(import.meta.dirname, '../..');
const rows = (prefix: string, last: number, digits = 1): string[] =>
  Array.from({ length: last }, (_none, index) => `${prefix}${String(index + 1).padStart(digits, '0')}`);
const ROWS = [
  ...rows('LA', 37, 2),
  ...rows('E', 12),
  ...rows('L', 18),
  ...rows('A', 15),
  ...rows('C', 14),
  ...rows('D', 26),
];

const NOT_YET: Readonly<Record<string, string>> = {
  C13: 'All pages have one host; the pages of operators and departments will have their own.',
  D9: 'Tokens are not bound to a key: no service here asks for more than a bearer token yet. DPoP is off.',
  D10: 'Response modes are limited for all alike (query, fragment, form_post), not per service; JARM is off.',
  D26: 'Signing keys are sealed in Postgres under the master key, which the process holds; no HSM.',
};

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

it('every row is named by a test, or is not kept yet and says why', () => {
  const named = namedIds();
  expect(ROWS.filter((row) => !named.has(row) && !(row in NOT_YET))).toEqual([]);
  expect(Object.keys(NOT_YET).filter((row) => named.has(row) || !ROWS.includes(row))).toEqual([]);
});
