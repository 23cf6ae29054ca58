import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DemoMethod } from '../../demo/estate/methods/demo-method.ts';

const ROOT = join(import.meta.dirname, '../..');

export interface MethodTest {
  readonly file: string;
  readonly title: string;
  readonly server: string;
  readonly isReal: boolean;
}

/** By the function of `test/support` or `demo/stand-ins` that starts it. */
const SERVERS: Readonly<Record<string, string>> = {
  startSlapd: 'OpenLDAP (`slapd`)',
  startSambaDomain: 'Samba as a domain controller',
  startFreeradius: 'FreeRADIUS',
  startSimplesamlphp: 'SimpleSAMLphp',
  startLemonldap: 'LemonLDAP::NG',
  startKerberosEdge: 'Apache with mod_auth_gssapi, MIT Kerberos',
  startNginxEdge: 'nginx',
};

/**
 * The tests of one method. A test says what it is of in its title, before the colon: `M13: …`. What it was tried against is
 * the server that was started last above it in its file, a stand-in of the demo, or what a line `// Tried against: …` says.
 */
export function testsIn(file: string, text: string): readonly (MethodTest & { readonly ids: readonly string[] })[] {
  return [...text.matchAll(TITLES)].map(({ index, 2: title = '' }) => {
    const colon = title.indexOf(':');
    const ids = title.slice(0, colon).match(/\bM\d\d\b/g) ?? [];
    return { file, ids, title: title.slice(colon + 1).trim(), ...serverAbove(text.slice(0, index)) };
  });
}

// `it('…')`, and `it.each(…)('…')`, whose title comes in a second call.
const TITLES = /(?:\bit|\))\(\s*(['"`])((?:(?!\1).)*?\bM\d\d\b(?:(?!\1).)*?:(?:(?!\1).)*)\1/g;
const STARTS = /\b(start\w+)\(|^\/\/ Tried against: (.+)$/gm;

function serverAbove(text: string): Pick<MethodTest, 'server' | 'isReal'> {
  const starts = [...text.matchAll(STARTS)].filter(([, name = '', said]) => said ?? (SERVERS[name] || isStandIn(name)));
  const [, name = '', said] = starts.at(-1) ?? [];
  const server = SERVERS[name];
  if (server !== undefined) return { server, isReal: true };
  if (isStandIn(name)) return { server: 'stand-in, defined by its configuration', isReal: false };
  return { server: said ?? 'rows of an export', isReal: said !== undefined };
}

const isStandIn = (name: string): boolean => name.endsWith('StandIn');

export function findMethodTests(): ReadonlyMap<string, readonly MethodTest[]> {
  // A face of old systems before parts of it.
  const files = ['test/legacy', 'src'].flatMap((folder) =>
    globSync(`${folder}/**/*.test.ts`, { cwd: ROOT }).toSorted(),
  );
  const all = files.flatMap((file) => testsIn(file, readFileSync(join(ROOT, file), 'utf8')));
  const ids = [...new Set(all.flatMap((test) => test.ids))];
  return new Map(ids.map((id) => [id, all.filter((test) => test.ids.includes(id)).toSorted(byWorth)]));
}

/** One in which somebody signs in, against a real server, before the others. */
const byWorth = (a: MethodTest, b: MethodTest): number => worth(b) - worth(a);
const worth = ({ title, isReal }: MethodTest): number =>
  (isReal ? 2 : 0) +
  (/\b(?:anna|signs? in|brings?|bring|shared|agent)\b/i.test(title) ? 4 : 0) -
  (title.includes('%') ? 3 : 0);

export const METHOD_IDS: readonly string[] = Array.from(
  { length: 44 },
  (_none, index) => `M${String(index + 1).padStart(2, '0')}`,
);

/** `docs/sign-in-methods.md`. */
export function describeSignInMethods(methods: readonly DemoMethod[]): string {
  const tests = findMethodTests();
  const rows = METHOD_IDS.map((id) =>
    rowOf(
      id,
      methods.find((method) => method.id === id),
      tests.get(id) ?? [],
    ),
  );
  return `${HEAD}\n${rows.join('\n')}\n`;
}

const HEAD = `# Sign-in methods

Generated from the tests by \`node scripts/generate-sign-in-methods-doc.ts\`; do not edit. Each of the 44 methods has tests
whose names begin with its id, and one of them signs somebody in through the guard that every old system is behind. The
server is what that test was tried against: a real one wherever a protocol can be got wrong, a stand-in or an export where
configuration says all there is. \`npm start\` has an old system of every method, to be tried in a browser.

Level: the most that a sign-in of today is worth. \`none\` finds a record and needs another proof beside it.

| Id | Method | Family | Level | Signs in with | Tried against |
| --- | --- | --- | --- | --- | --- |`;

function rowOf(id: string, method: DemoMethod | undefined, tests: readonly MethodTest[]): string {
  const [first] = tests;
  const test = first ? `${first.title} (\`${first.file}\`)` : '–';
  const cells = [id, method?.method ?? '–', method?.family ?? '–', method?.level ?? '–', test, first?.server ?? '–'];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}
