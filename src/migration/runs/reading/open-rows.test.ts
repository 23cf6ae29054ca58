import { createHash, randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Encoding } from '../../sources/encodings.ts';
import { decodeSingleByte, encodeText, fromWtf8, toWtf8 } from './encodings.ts';
import { openRows } from './open-rows.ts';
import type { FileLayout, ReadRow } from './row-reader.ts';

const columns = { id: 'id', name: 'name' };

async function* cut(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.subarray(at, at + size));
}

async function rowsOf(
  bytes: Uint8Array | string,
  layout: Partial<FileLayout> = {},
  size = 1 << 16,
): Promise<ReadRow[]> {
  const opened = openRows(cut(Buffer.from(bytes), size), { format: 'csv', columns, ...layout });
  const rows: ReadRow[] = [];
  for await (const block of opened.blocks) rows.push(...block);
  const refusal = opened.refusal();
  if (refusal) throw new Error(refusal.map(({ code }) => code).join());
  return rows;
}

const brief = (rows: readonly ReadRow[]): string[] =>
  rows.map((row) => ('reject' in row ? `${row.line} ${row.reject}` : `${row.fields.id}|${row.fields.name ?? ''}`));

describe('dialects of CSV', () => {
  const numbered = { header: false, columns: { id: 1, name: 2 } } as const;
  it.each<[string, Partial<FileLayout>, string, string[]]>([
    ['semicolons', { delimiter: ';' }, 'id;name\n1;Ann, B\n', ['1|Ann, B']],
    ['tabs', { delimiter: '\t' }, 'id\tname\n1\tAnn\n', ['1|Ann']],
    ['bars', { delimiter: '|' }, 'id|name\n1|Ann\n', ['1|Ann']],
    ['single quotes', { quote: "'" }, "id,name\n'1','O''Hara, \"Jo\"'\n", [`1|O'Hara, "Jo"`]],
    ['no quotes', { quote: 'none' }, 'id,name\n1,5" pipe\n', ['1|5" pipe']],
    ['backslashes', { escape: 'backslash' }, 'id,name\n1,"a\\"b\\\\"\n2,"a""b"\n', ['1|a"b\\', '2|a"b']],
    [
      'MySQL',
      { quote: 'none', escape: 'backslash', delimiter: '\t', ...numbered },
      '1\tAnn\\tB\n2\t\\N\n3\ta\\\nb\n4\ta\\xb\n5\tlast\n',
      ['1|Ann\tB', '2|', '3|a\nb', '5 bad_escape', '5|last'],
    ],
    [
      'line ends within quotes',
      {},
      'id,name\r\n1,"a\r\nb"\r\n2,"c\nd"\r\n3,"e\rf"\r\n',
      ['1|a\nb', '2|c\nd', '3|e\rf'],
    ],
    ['no header', numbered, '1,Ann,x\n2,Bob,y\n3,short\n', ['1|Ann', '2|Bob', '3 column_count']],
    [
      'a trailing delimiter',
      { trailingDelimiter: true },
      'id,name\n1,Ann,\n2,B,\n3,C\n4,D,E\n',
      ['1|Ann', '2|B', '4 column_count', '5 column_count'],
    ],
    ['a trailing delimiter that the header has too', {}, 'id,name,\n1,Ann,\n2,B\n', ['1|Ann', '3 column_count']],
    ['ragged rows', {}, 'id,name\n1,Ann\n2\n3,C,D\n4,E\n', ['1|Ann', '3 column_count', '4 column_count', '4|E']],
    ['a quote that is never closed', {}, 'id,name\n1,"Ann\n2,Bob\n3,Cy\n', ['2 unclosed_quote', '2|Bob', '3|Cy']],
  ])('%s', async (_name, layout, text, expected) => {
    for (const size of [1, 7, 1 << 16]) expect(brief(await rowsOf(text, layout, size))).toEqual(expected);
  });

  it('a column that the first row does not have refuses the file', async () => {
    await expect(rowsOf('1\n2\n', { header: false, columns: { id: 1, name: 3 } })).rejects.toThrow('column_missing');
    await expect(rowsOf('"id,name\n', {})).rejects.toThrow('header_unreadable');
  });
});

describe('encodings', () => {
  const csv = 'id,name\r\n1,Zoë ŵ\r\n2,"a\r\nb"\r\n';
  it.each<[Encoding, boolean]>([
    ['utf-8', true],
    ['utf-16le', true],
    ['utf-16le', false],
    ['utf-16be', true],
    ['utf-16be', false],
  ])('%s, with a mark: %s', async (encoding, hasMark) => {
    const bytes = encodeText(`${hasMark ? '\ufeff' : ''}${csv}`, encoding);
    const stated = hasMark ? {} : { encoding };
    for (const size of [1, 3, 1 << 16]) expect(brief(await rowsOf(bytes, stated, size))).toEqual(['1|Zoë ŵ', '2|a\nb']);
    expect(brief(await rowsOf(gzipSync(bytes), stated, 5))).toEqual(['1|Zoë ŵ', '2|a\nb']);
  });

  it.each([
    ['windows-1252', (bytes: Buffer) => new TextDecoder('windows-1252').decode(bytes)],
    ['latin-1', (bytes: Buffer) => bytes.toString('latin1')],
  ] as const)('%s is what others make of every byte that it has', (encoding, theirs) => {
    const lacks =
      encoding === 'latin-1'
        ? (byte: number) => byte >= 0x80 && byte < 0xa0
        : (byte: number) => [0x81, 0x8d, 0x8f, 0x90, 0x9d].includes(byte);
    const bytes = Buffer.from(Array.from({ length: 256 }, (_none, byte) => byte).filter((byte) => !lacks(byte)));
    expect(decodeSingleByte(bytes, encoding)).toBe(theirs(bytes));
    expect(encodeText(theirs(bytes), encoding)).toEqual(bytes);
  });

  it('a row that is not valid in its encoding is rejected by itself', async () => {
    const windows = Buffer.from('id,name\n1,Zo\xeb \x80\n2,a\x81b\n3,c\n', 'latin1');
    expect(brief(await rowsOf(windows, { encoding: 'windows-1252' }))).toEqual(['1|Zoë €', '3 bad_utf8', '3|c']);
    expect(brief(await rowsOf(windows, { encoding: 'latin-1' }))).toEqual(['2 bad_utf8', '3 bad_utf8', '3|c']);
    const utf16 = Buffer.from('id,name\n1,a\ud800b\n2,c\n3,😀\n4,d', 'utf16le');
    expect(brief(await rowsOf(utf16, { encoding: 'utf-16le' }, 3))).toEqual(['2 bad_utf8', '2|c', '3|😀', '4|d']);
    expect(brief(await rowsOf(utf16.subarray(0, -1), { encoding: 'utf-16le' }))).toContain('5 bad_utf8');
    expect(brief(await rowsOf(Buffer.from('id,name\n1,\xff\n2,ok\n', 'latin1')))).toEqual(['2 bad_utf8', '2|ok']);
  });

  it('whatever is read of any encoding can be written back byte for byte', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.constantFrom('windows-1252', 'latin-1'), (list, encoding) => {
        const bytes = Buffer.from(list);
        expect(encodeText(fromWtf8(toWtf8(decodeSingleByte(bytes, encoding))), encoding)).toEqual(bytes);
      }),
    );
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 30 }), (units) => {
        const text = String.fromCharCode(...units);
        expect(fromWtf8(toWtf8(text))).toBe(text);
      }),
    );
  });

  it('a mark of another encoding than the definition says refuses the file', async () => {
    await expect(rowsOf(encodeText('\ufeffid,name\n', 'utf-16le'), { encoding: 'utf-8' })).rejects.toThrow(
      'encoding_mismatch',
    );
  });
});

describe('gzip', () => {
  const many = `id,name\n${Array.from({ length: 5000 }, (_none, n) => `${n},${randomBytes(8).toString('hex')}`).join('\n')}\n`;

  it('is seen by its first bytes, members and all', async () => {
    const two = Buffer.concat([gzipSync(many.slice(0, 5000)), gzipSync(many.slice(5000))]);
    for (const size of [1, 1000]) expect(await rowsOf(two, {}, size)).toEqual(await rowsOf(many));
  });

  it('cut or damaged, every row before it is read and one says where it ends', async () => {
    const whole = gzipSync(many);
    for (const bytes of [whole.subarray(0, -4), whole.subarray(0, whole.length >> 1)]) {
      const rows = brief(await rowsOf(bytes));
      expect(rows.at(-1)).toMatch(/^\d+ file_damaged$/);
      expect(rows.length).toBeGreaterThan(2000);
      // However it comes, the same.
      expect(brief(await rowsOf(bytes, {}, 777))).toEqual(rows);
    }
    await expect(rowsOf(whole.subarray(0, 3))).rejects.toThrow('header_unreadable');
    const wrong = Buffer.from(whole);
    wrong[wrong.length - 6]! ^= 0xff;
    expect(brief(await rowsOf(wrong)).slice(-2)[1]).toMatch(/file_damaged/);
  });

  it('K11: a bomb ends at the limit of its source, in one row', async () => {
    const bomb = gzipSync(Buffer.concat([Buffer.from('id,name\n1,Ann\n'), Buffer.alloc(50 << 20, 0x61)]));
    expect(bomb.length).toBeLessThan(100_000);
    expect(brief(await rowsOf(bomb, { maxBytes: 1 << 20 }))).toEqual(['1|Ann', '3 file_too_large']);
    expect(brief(await rowsOf(bomb))).toEqual(['1|Ann', '3 line_too_long']);
  });
});

describe('LDIF', () => {
  const ldif = (text: string, more: Partial<FileLayout> = {}): Promise<ReadRow[]> =>
    rowsOf(text, {
      format: 'ldif',
      columns: { id: 'entryUUID', login: 'uid', hash: 'userPassword', name: 'cn' },
      ...more,
    });
  const b64 = (value: string): string => Buffer.from(value).toString('base64');
  const hash = `{SSHA}${createHash('sha1').update('x').digest('base64')}`;

  it('reads entries as RFC 2849 has them: folded, base64, comments, options, any case', async () => {
    const text = [
      'version: 1',
      '# a comment that goes',
      '  on',
      'dn: uid=ann,dc=example',
      'objectClass: person',
      'objectClass: top',
      'entryuuid: 1',
      'UID:  ann',
      `userPassword:: ${b64(hash).slice(0, 10)}`,
      ` ${b64(hash).slice(10)}`,
      `cn:: ${b64('Änne')}`,
      'cn;lang-cy: Anwen',
      `jpegPhoto:: ${'A'.repeat(100_000)}`,
      '',
      '',
      'dn:: ZGM9eA==',
      'entryUUID: 2',
      'uid: b',
      'ob',
      ' server: folded name',
      'cn:',
    ].join('\r\n');
    expect(brief(await ldif(text))).toEqual(['1|Änne', '2|']);
    const [first] = await ldif(text);
    expect(first).toMatchObject({ line: 4, fields: { login: 'ann', hash } });
  });

  it('rejects what is no content record, entry by entry', async () => {
    const text = [
      'dn: a\nchangetype: delete',
      'dn: b\nentryUUID: 2\nuid: x\nuid: y',
      'dn: c\nentryUUID: 3\ncn: first\ncn: second',
      'dn: d\ncn:< file:///etc/passwd',
      'uid: no dn',
      'dn: e\nno colon',
      'dn: f\nuid:: not base64!',
      'dn: g\nentryUUID: 7\ndn: h\nentryUUID: 8',
      `dn: i\ncn: ${'x'.repeat(70_000)}`,
      ' a fold of nothing',
      'dn: j\nentryUUID: 9',
    ].join('\n\n');
    const rows = await ldif(text);
    expect(brief(rows)).toEqual([
      '1 ldif_change',
      '4 several_values',
      '3|first',
      '14 ldif_url',
      '17 bad_ldif',
      '19 bad_ldif',
      '22 bad_ldif',
      '25 bad_ldif',
      '30 line_too_long',
      '33 bad_ldif',
      '9|',
    ]);
    expect(rows[2]).toMatchObject({ fields: { hadSeveral: true } });
  });
});

it('NDJSON may begin with a mark', async () => {
  expect(brief(await rowsOf('\ufeff{"id":1,"name":"Ann"}\n', { format: 'ndjson' }))).toEqual(['1|Ann']);
});

it('an error of the stream itself is no row', async () => {
  async function* failing() {
    yield await Promise.resolve(Buffer.from('id,name\n1,A\n'));
    throw new Error('disk');
  }
  const opened = openRows(failing(), { format: 'csv', columns });
  const readAll = async (): Promise<void> => {
    for await (const block of opened.blocks) expect(block.length).toBeLessThan(2);
  };
  await expect(readAll()).rejects.toThrow('disk');
});
