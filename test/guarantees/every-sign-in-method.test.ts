import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { demoMethods } from '../../demo/estate/methods/methods.ts';
import {
  describeSignInMethods,
  findMethodTests,
  METHOD_IDS,
  testsIn,
} from '../../scripts/checks/describe-sign-in-methods.ts';

it('reads what tests say of methods', () => {
  const text = `// Tried against: letters
it('M35: a letter', f);
server = await startSlapd({});
it('L8, M13: anna signs in', f);
it.each([1])(
  'M14: %s is refused', f);
it('no method M15', f);`;
  expect(testsIn('a.test.ts', text).map(({ ids, title, server }) => [...ids, title, server])).toEqual([
    ['M35', 'a letter', 'letters'],
    ['M13', 'anna signs in', 'OpenLDAP (`slapd`)'],
    ['M14', '%s is refused', 'OpenLDAP (`slapd`)'],
  ]);
});

it('each of the 44 methods has a test, and an old system in the demo', () => {
  const tests = findMethodTests();
  expect(METHOD_IDS.filter((id) => !tests.has(id))).toEqual([]);
  expect(demoMethods.map(({ id }) => id)).toEqual(METHOD_IDS);
});

it('docs/sign-in-methods.md says what the tests say: node scripts/generate-sign-in-methods-doc.ts', () => {
  const written = readFileSync(new URL('../../docs/sign-in-methods.md', import.meta.url), 'utf8');
  expect(written).toBe(describeSignInMethods(demoMethods));
});
