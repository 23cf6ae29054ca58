import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { detectLayout } from './detect-layout.ts';
import { encodeText } from './encodings.ts';
import { openRows } from './open-rows.ts';

const bcrypt = `$2y$10$${'a'.repeat(53)}`;
const found = (bytes: Uint8Array | string) => detectLayout(Readable.from([Buffer.from(bytes)]));
const people = ['Ann', 'Zoë', 'Łukasz', 'Siân', 'Bob', 'Cy'];

describe('what a file looks like', () => {
  it.each<[string, string, Record<string, unknown>]>([
    [
      'plain',
      `id,login,pw\n${people.map((name, n) => `${n},${name},${bcrypt}`).join('\n')}`,
      { format: 'csv', columns: { id: 'id', login: 'login', hash: 'pw' } },
    ],
    [
      'semicolons',
      `id;name;mail\n${people.map((name, n) => `${n};${name}, ${n};a@b.example`).join('\n')}`,
      { format: 'csv', delimiter: ';', columns: { id: 'id', name: 'name', email: 'mail' } },
    ],
    [
      'bars and no header',
      people.map((name, n) => `${n}|${name}|${bcrypt}`).join('\n'),
      { format: 'csv', delimiter: '|', header: false, columns: {} },
    ],
    [
      'single quotes',
      `'id','name'\n${people.map((name, n) => `'${n}','O''${name}, "x"'`).join('\n')}`,
      { format: 'csv', quote: "'", columns: { id: 'id', name: 'name' } },
    ],
    [
      'backslashes',
      `id,name\n${people.map((name, n) => `"${n}","\\"${name}\\", \\\\ x"`).join('\n')}`,
      { format: 'csv', escape: 'backslash', columns: { id: 'id', name: 'name' } },
    ],
    [
      'a domain before the login',
      `id,login\n${people.map((_name, n) => `${n},DOM\\ann${n}`).join('\n')}`,
      { format: 'csv', columns: { id: 'id', login: 'login' } },
    ],
    [
      'a table of MySQL',
      people.map((name, n) => `${n}\t${name}\t\\N\t${bcrypt}`).join('\n'),
      { format: 'csv', delimiter: '\t', escape: 'backslash', header: false, columns: {} },
    ],
    [
      'no quotes',
      `id;size\n${people.map((_name, n) => `${n};${n}" pipe`).join('\n')}`,
      { format: 'csv', delimiter: ';', quote: 'none', columns: { id: 'id' } },
    ],
    [
      'a trailing delimiter',
      `id;name\n${people.map((name, n) => `${n};${name};`).join('\n')}`,
      { format: 'csv', delimiter: ';', trailingDelimiter: true, columns: { id: 'id', name: 'name' } },
    ],
    [
      'NDJSON',
      people.map((name) => JSON.stringify({ uid: 1, displayName: name })).join('\n'),
      { format: 'ndjson', columns: { login: 'uid', name: 'displayName' } },
    ],
    [
      'LDIF',
      `# all\nversion: 1\n\ndn: a\nuid: ann\ncn: Ann\nuserPassword:: AA==\nmail: a@b.example\nentryUUID: 1\n`,
      { format: 'ldif', columns: { id: 'entryUUID', login: 'uid', name: 'cn', email: 'mail', hash: 'userPassword' } },
    ],
  ])('%s', async (_name, text, file) => {
    const detected = await found(text);
    expect(detected.file).toEqual(file);
    for (const sure of Object.values(detected.confidence)) expect(sure).toBeGreaterThan(0.6);
    const { columns, ...layout } = detected.file;
    // What it proposes reads the file without one rejected row.
    const id = columns.id ?? detected.columns[0] ?? 1;
    for await (const block of openRows(Readable.from([Buffer.from(text)]), { ...layout, columns: { id } }).blocks)
      expect(block.filter((row) => 'reject' in row)).toEqual([]);
  });

  const csv = `id,name\r\n${people.map((name, n) => `${n},${name}`).join('\r\n')}\r\n`;
  it.each([
    ['utf-8', csv, undefined],
    ['utf-16le', csv, 'utf-16le'],
    ['utf-16be', csv, 'utf-16be'],
    ['windows-1252', csv.replace('Łukasz', '€uro'), 'windows-1252'],
    ['latin-1', csv.replace('Łukasz', 'Lukasz'), 'windows-1252'],
  ] as const)('%s, packed', async (encoding, text, expected) => {
    const detected = await found(gzipSync(encodeText(text, encoding)));
    expect(detected).toMatchObject({ isGzip: true, columns: ['id', 'name'] });
    expect(detected.file.encoding).toBe(expected);
    const marked = await found(encodeText(`\ufeff${csv}`, encoding === 'utf-16be' ? encoding : 'utf-16le'));
    expect(marked.confidence['encoding']).toBe(1);
    expect(marked.columns).toEqual(['id', 'name']);
  });

  it.each(['', '\0\0\0', '\n\n\n', '"', 'x'])('%j is something, too', async (text) => {
    expect(await found(text)).toHaveProperty('confidence');
  });
});
