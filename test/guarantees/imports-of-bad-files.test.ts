import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ImportOutcome, ImportRequest } from '../../src/migration/index.ts';
import { encodeText } from '../../src/migration/runs/reading/encodings.ts';
import { type LegacyEstate, SLOW_HASH, legacyEstate, rentCsv, rentPortal } from '../support/legacy-estate.ts';
import { type TestDatabase, testDatabase } from '../support/postgres.ts';

let database: TestDatabase;
let estate: LegacyEstate;
let folder: string;
let sources = 0;

beforeAll(async () => {
  database = await testDatabase();
  estate = legacyEstate(database.db);
  folder = await mkdtemp(join(tmpdir(), 'bad-files-'));
});
afterAll(async () => {
  await database.drop();
  await rm(folder, { recursive: true });
});

const columns = { id: 'id', login: 'login', hash: 'hash', email: 'email', name: 'name', status: 'status' };
const statuses = { live: 'active', closed: 'disabled' };

async function newSource(file: Record<string, unknown> = {}): Promise<string> {
  const source = `bad-files-${(sources += 1)}`;
  const definition = rentPortal({ source, file: { format: 'csv', columns, statuses, ...file } });
  const added = await estate.migration.sources.add(definition, { actor: 'operator:test' });
  expect(added).toMatchObject({ outcome: 'added' });
  return source;
}

async function stored(source: string): Promise<{ rows: number; names: number; imports: number }> {
  const [row] = await database.db.query<{ rows: number; names: number; imports: number }>({
    text: `SELECT (SELECT count(*)::int FROM legacy_accounts WHERE source = $1) AS rows,
                  (SELECT count(*)::int FROM legacy_login_names WHERE source = $1) AS names,
                  (SELECT count(*)::int FROM imports WHERE source = $1) AS imports`,
    values: [source],
  });
  return row!;
}

const paths = (name: string) => ({
  rejectsPath: join(folder, `${name}.rejects`),
  mendPath: join(folder, `${name}.mend`),
});
const codesOf = (outcome: { outcome: string; problems?: unknown }): unknown =>
  outcome.outcome === 'refused' && Array.isArray(outcome.problems)
    ? outcome.problems.map(({ code }: { code: string }) => code)
    : outcome.outcome;

describe('what is rejected comes back, and goes in when it is mended', () => {
  const text = [
    `1;ann;${SLOW_HASH};;Zoë, "the" O’Hara;live`,
    `2;bob;${SLOW_HASH};;'Café; €5';asleep`,
    `;;;;;`,
    `1;other;${SLOW_HASH};;;live`,
    `5;eve;${SLOW_HASH};;a\x81b;live`,
    `6;ragged;${SLOW_HASH}`,
  ];

  it.each([
    ['windows-1252', { delimiter: ';', quote: "'", encoding: 'windows-1252' }, '\r\n'],
    ['utf-16le', { delimiter: ';', quote: "'" }, '\r\n'],
    ['utf-8', { delimiter: ';', quote: "'" }, '\n'],
  ] as const)('E7, K11: in the dialect and encoding it came in: %s', async (encoding, layout, lineEnd) => {
    const source = await newSource(layout);
    const name = `mend-${encoding}`;
    const head = encoding === 'utf-16le' ? '\ufeff' : '';
    const lines = ['id;login;hash;email;name;status', ...text, ''].join(lineEnd);
    // The byte that Windows-1252 does not have; elsewhere it is a control character, and no better.
    const file =
      encoding === 'windows-1252'
        ? Buffer.concat(
            lines
              .split('\x81')
              .flatMap((part, at) => [...(at > 0 ? [Buffer.of(0x81)] : []), encodeText(part, encoding)]),
          )
        : encodeText(head + lines, encoding);
    const outcome = await estate.importText(file, { source, ...paths(name) });
    expect(outcome).toMatchObject({ read: 6, created: 1, rejected: 5, mendPath: paths(name).mendPath });

    const mend = await readFile(paths(name).mendPath);
    expect((await stat(paths(name).mendPath)).mode & 0o777).toBe(0o600);
    const kept = [0, 2, 3, 5, 6]
      .map((line) => [lines.split(lineEnd)[line], lineEnd])
      .flat()
      .join('');
    const expected =
      encoding === 'windows-1252'
        ? Buffer.concat(
            kept
              .split('\x81')
              .flatMap((part, at) => [...(at > 0 ? [Buffer.of(0x81)] : []), encodeText(part, encoding)]),
          )
        : encodeText(head + kept, encoding);
    expect(mend.toString('latin1')).toBe(expected.toString('latin1'));
    const report = await readFile(paths(name).rejectsPath, 'utf8');
    expect(
      report
        .split('\r\n')
        .slice(1, -1)
        .map((line) =>
          line
            .replace(/,".*",/, ' ')
            .split(/[, ]+/)
            .join(' ')
            .trim(),
        ),
    ).toEqual([
      '3 status_unknown 2',
      '4 id_missing status_unknown login_missing hash_missing 3',
      '5 duplicate_id',
      `6 ${encoding === 'windows-1252' ? 'bad_utf8' : 'control_character'} 4`,
      '7 column_count 5',
    ]);
    expect(report).not.toContain(SLOW_HASH.slice(7));

    const mended = mend
      .toString('latin1')
      .replaceAll(
        Buffer.from(encodeText('asleep', encoding)).toString('latin1'),
        encodeText('live', encoding).toString('latin1'),
      );
    const again = await estate.importText(Buffer.from(mended, 'latin1'), { source });
    expect(again).toMatchObject({ read: 4, created: 1, rejected: 3 });
    expect(await stored(source)).toMatchObject({ rows: 2, names: 2 });
  });

  it('E7: of LDIF, with what is wanted of an entry and nothing else', async () => {
    const ldif = {
      format: 'ldif',
      columns: { id: 'entryUUID', login: 'uid', hash: 'userPassword' },
      statuses: undefined,
    };
    const source = await newSource(ldif);
    const hash = Buffer.from(SLOW_HASH).toString('base64');
    const file = `dn: a\nentryUUID: 1\nuid: ann\nuserPassword:: ${hash}\njpegPhoto:: ${'A'.repeat(90_000)}\n\ndn: b\nuid: bob\nuserPassword:: ${hash.slice(0, 20)}\n ${hash.slice(20)}\ndescription: not ours\n`;
    const { mendPath } = paths('ldif');
    expect(await estate.importText(file, { source, mendPath })).toMatchObject({
      created: 1,
      rejections: { id_missing: 1 },
    });
    const mend = await readFile(mendPath, 'utf8');
    expect(mend).toBe(`version: 1\n\ndn: b\nuid: bob\nuserPassword:: ${hash.slice(0, 20)}\n ${hash.slice(20)}\n\n`);
    expect(await estate.importText(mend.replace('dn: b', 'dn: b\nentryUUID: 2'), { source })).toMatchObject({
      created: 1,
      rejected: 0,
    });
  });
});

describe('a check', () => {
  it('LA31, K11: tells every problem of every row with its lines, and writes nothing to the database', async () => {
    const source = await newSource({ columns: { ...columns, birthDate: 'born', created: 'made' } });
    const row = (id: string, changes: Partial<Record<string, string>> = {}): string => {
      const cells = {
        id,
        login: `l${id}`,
        hash: SLOW_HASH,
        email: '',
        name: '',
        status: 'live',
        born: '',
        made: '',
        ...changes,
      };
      return Object.values(cells).join(',');
    };
    const file = [
      'id,login,hash,email,name,status,born,made',
      row('1'),
      row('2', { login: 'pаul', born: '2031-02-03' }),
      row('3', { login: 'ann\u200b', email: 'ｊo@example.org', made: '01/12/2026' }),
      row('4', { login: 'асе', name: '+1-1|cmd', born: 'unknown' }),
      row('', { login: '', hash: '{ROT13}x', status: '?', name: 'n'.repeat(201), email: 'e'.repeat(255) }),
      row('1', { login: 'x\u0000', hash: '' }),
      row('1'),
      row('9', { login: 'L1' }),
    ].join('\n');
    const found = await estate.migration.checkFile({
      source,
      stream: Readable.from([Buffer.from(file)]),
      fileName: 'poisoned.csv',
      actor: 'operator:test',
      ...paths('checked'),
    });
    const at = (...lines: number[]) => ({ rows: lines.length, lines });
    expect(found).toMatchObject({ outcome: 'checked', read: 8, good: 4, rejected: 4 });
    expect(found).toHaveProperty('problems', {
      id_missing: at(6),
      login_missing: at(6),
      hash_unknown: at(6),
      status_unknown: at(6),
      name_too_long: at(6),
      email_too_long: at(6),
      control_character: at(7),
      hash_missing: at(7),
      duplicate_id: at(7, 8),
      duplicate_login: at(9),
    });
    expect(found).toHaveProperty('notes', {
      login_mixed_scripts: at(3, 4, 5),
      date_in_future: at(3, 4),
      email_mixed_scripts: at(4),
      formula_like: at(5),
      date_unreadable: at(5),
    });
    expect(await stored(source)).toEqual({ rows: 0, names: 0, imports: 0 });
    const report = await readFile(paths('checked').rejectsPath, 'utf8');
    expect(report).toContain('email_too_long name_too_long status_unknown login_missing hash_unknown');
    const mend = await readFile(paths('checked').mendPath, 'utf8');
    expect(mend.split('\n')).toHaveLength(4);
  });
});

describe('whose file it is, and of when', () => {
  const csv = Buffer.from(rentCsv([{ id: '1' }, { id: '2' }]));
  const newer = Buffer.from(rentCsv([{ id: '1', name: 'Newer' }]));
  const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
  const manifestOf = (source: string, bytes: Buffer, changes: Record<string, unknown> = {}) => ({
    source,
    fileName: 'export.csv',
    sha256: sha256(bytes),
    rows: bytes === csv ? 2 : 1,
    asOf: '2026-03-01',
    ...changes,
  });
  const send = (
    source: string,
    bytes: Buffer,
    provenance: Partial<ImportRequest['provenance']>,
    actor = 'operator:ann',
  ): Promise<ImportOutcome> =>
    estate.importText(bytes, { source, actor, provenance: { reread: () => Readable.from([bytes]), ...provenance } });

  it.each([
    ['another checksum', { sha256: '0'.repeat(64) }, 'manifest_checksum'],
    ['another number of rows', { rows: 3 }, 'manifest_rows'],
    ['another source', { source: 'other' }, 'manifest_source'],
    ['another name', { fileName: 'other.csv' }, 'manifest_file'],
    ['a day to come', { asOf: '2027-01-01' }, 'manifest_as_of'],
    ['no day', { asOf: '2026-02-31T99:00Z' }, 'manifest_as_of'],
    ['a signature that nobody can verify', { signature: 'A'.repeat(86) }, 'signature_unknown'],
    ['more than a manifest says', { colour: 'red' }, 'manifest_invalid'],
  ])('LA31, LA32: a manifest of %s refuses the file before a row is written', async (_what, changes, code) => {
    const source = await newSource();
    const outcome = await send(source, csv, { manifest: manifestOf(source, csv, changes) });
    expect(codesOf(outcome)).toEqual([code]);
    expect(await stored(source)).toEqual({ rows: 0, names: 0, imports: 0 });
    expect(await send(source, csv, { manifest: manifestOf(source, csv) })).toMatchObject({ created: 2 });
  });

  it('LA31: where files must be signed, one that is not, or by another key, is refused', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    const source = await newSource({ manifestKey: publicKey.export({ format: 'jwk' }).x });
    const manifest = manifestOf(source, csv);
    const signed = (key: typeof privateKey, said = manifest) => {
      const text = JSON.stringify([said.source, said.fileName, said.sha256, said.rows, said.asOf]);
      return { ...said, signature: sign(null, Buffer.from(text), key).toString('base64url') };
    };
    expect(codesOf(await estate.importText(csv, { source }))).toEqual(['manifest_missing']);
    expect(codesOf(await send(source, csv, { manifest }))).toEqual(['signature_missing']);
    const other = generateKeyPairSync('ed25519').privateKey;
    expect(codesOf(await send(source, csv, { manifest: signed(other) }))).toEqual(['signature_wrong']);
    expect(codesOf(await send(source, csv, { manifest: { ...signed(privateKey), asOf: '2026-04-01' } }))).toEqual([
      'signature_wrong',
    ]);
    expect(await stored(source)).toEqual({ rows: 0, names: 0, imports: 0 });
    expect(await send(source, csv, { manifest: signed(privateKey) })).toMatchObject({ created: 2 });
  });

  it('LA32: a file older than the last one needs two people, for just these bytes', async () => {
    const source = await newSource();
    const old = { manifest: manifestOf(source, csv, { asOf: '2025-03-01' }) };
    expect(await send(source, newer, { manifest: manifestOf(source, newer) })).toMatchObject({ created: 1 });
    const before = await stored(source);

    // Nobody can approve before somebody has asked, nor approve what they asked for themselves.
    expect(codesOf(await send(source, csv, { ...old, approvedBy: 'operator:bob' }))).toEqual(['older_file']);
    expect(codesOf(await send(source, csv, old))).toEqual(['older_file']);
    expect(codesOf(await send(source, csv, { ...old, approvedBy: 'operator:ann' }))).toEqual(['same_operator']);
    expect(codesOf(await send(source, csv, { ...old, approvedBy: 'citizen' }))).toEqual(['same_operator']);
    const other = Buffer.from(rentCsv([{ id: '1', name: 'Forged' }]));
    const forged = { manifest: manifestOf(source, other, { asOf: '2025-03-01' }), approvedBy: 'operator:bob' };
    expect(codesOf(await send(source, other, forged))).toEqual(['older_file']);
    expect(await stored(source)).toMatchObject({ rows: before.rows, names: before.names });

    // A rehearsal shows both of them what it would do.
    expect(
      await estate.importText(csv, {
        source,
        rehearse: true,
        provenance: { reread: () => Readable.from([csv]), ...old },
      }),
    ).toMatchObject({ outcome: 'rehearsed', created: 1, changed: 1 });
    const approved = await send(source, csv, { ...old, approvedBy: 'operator:bob' });
    expect(approved).toMatchObject({ outcome: 'imported', created: 1, changed: 1 });
    const events = await database.db.query<{ type: string; actor: string }>({
      text: `SELECT type, body->>'actor' AS actor FROM audit_events WHERE chain_id = $1 AND type LIKE 'legacy.request-%' ORDER BY seq`,
      values: [`source:${source}`],
    });
    expect(events.map(({ type, actor }) => `${type} ${actor}`)).toEqual([
      'legacy.request-made operator:ann',
      'legacy.request-refused operator:ann',
      'legacy.request-refused citizen',
      'legacy.request-made operator:ann',
      'legacy.request-approved operator:bob',
    ]);
  });

  it('LA32: an approval ends with the next file, and after seven days', async () => {
    const source = await newSource();
    const old = { manifest: manifestOf(source, csv, { asOf: '2025-03-01' }) };
    await send(source, newer, { manifest: manifestOf(source, newer) });
    await send(source, csv, old);
    estate.clock.now = new Date(estate.clock.now.getTime() + 60_000);
    const newest = Buffer.from(rentCsv([{ id: '1', name: 'Newest' }]));
    expect(await send(source, newest, { manifest: manifestOf(source, newest, { asOf: '2026-04-01' }) })).toMatchObject({
      changed: 1,
    });
    expect(codesOf(await send(source, csv, { ...old, approvedBy: 'operator:bob' }))).toEqual(['older_file']);
    estate.clock.now = new Date(estate.clock.now.getTime() + 8 * 24 * 3600 * 1000);
    expect(codesOf(await send(source, csv, { ...old, approvedBy: 'operator:bob' }))).toEqual(['older_file']);
  });

  it('LA32: without a manifest the day of the file counts, and only the day', async () => {
    const source = await newSource();
    const on = (day: string) => ({ fileDate: new Date(day) });
    expect(await send(source, csv, on('2026-03-02T15:00:00Z'))).toMatchObject({ created: 2 });
    expect(await send(source, csv, on('2026-03-02T01:00:00Z'))).toMatchObject({ unchanged: 2 });
    expect(codesOf(await send(source, csv, on('2026-03-01T23:00:00Z')))).toEqual(['older_file']);
    expect(await send(source, csv, { ...on('2026-03-01T23:00:00Z'), approvedBy: 'operator:bob' })).toMatchObject({
      unchanged: 2,
    });
  });

  it('a file that is exchanged after it was judged ends as refused', async () => {
    const source = await newSource();
    const provenance = { reread: () => Readable.from([csv]), manifest: manifestOf(source, csv) };
    expect(codesOf(await estate.importText(newer, { source, provenance }))).toEqual(['file_changed']);
  });
});

describe('F22: garbage', () => {
  const sum = (outcome: ImportOutcome): [number, number] => {
    if (outcome.outcome === 'refused') return [0, 0];
    const { read, created, unchanged, changed, kept, rejected } = outcome;
    return [created + unchanged + changed + kept + rejected, read];
  };
  const good = (n: number): string => `G${n},g${n},${SLOW_HASH},,Ann,live`;
  const header = 'id,login,hash,email,name,status';

  it('F22, K11: NULs, fields of ten megabytes, a hundred thousand columns: each is one row, and its neighbours go in', async () => {
    const source = await newSource();
    const file = [
      header,
      good(1),
      '\0'.repeat(1000),
      good(2),
      `x,x,${'h'.repeat(10 << 20)},,,live`,
      good(3),
      ','.repeat(100_000),
      ','.repeat(60_000),
      good(4),
      `"${'"'.repeat(50_001)}`,
      good(5),
      '"'.repeat(3),
      good(6),
    ].join('\n');
    const outcome = await estate.importText(file, { source, ...paths('garbage') });
    expect(outcome).toMatchObject({ read: 12, created: 6, rejections: { line_too_long: 2, column_count: 3 } });
    expect(await stored(source)).toMatchObject({ rows: 6, names: 6 });
    const wide = await estate.importText(`${','.repeat(100_000)}\n${good(7)}\n`, { source });
    expect(codesOf(wide)).toEqual(['header_unreadable']);
  });

  it('F22: whatever the bytes, the format, the encoding and where they are cut, outcomes sum to rows and no row is half in', async () => {
    const layouts = [
      {},
      { delimiter: ';', quote: "'", escape: 'backslash' },
      { encoding: 'windows-1252', trailingDelimiter: true },
      { encoding: 'utf-16le' },
      { format: 'ndjson' },
      { format: 'ldif', columns: { id: 'id', hash: 'hash' }, statuses: undefined },
    ];
    const keys = await Promise.all(layouts.map(newSource));
    const piece = fc.oneof(
      fc.constantFrom(
        '"',
        "'",
        '\\',
        ',',
        ';',
        '\n',
        '\r\n',
        '\0',
        '\ufeff',
        'dn: a\n',
        'id: 1\n',
        '\n\n',
        'hash:: AA==\n',
        ' ',
        '#',
        '{',
        '}',
        '"id":"1"',
        good(1),
        SLOW_HASH,
        'changetype: add\n',
      ),
      fc.string({ unit: 'binary', maxLength: 8 }),
    );
    const text = fc.array(piece, { maxLength: 50 }).map((pieces) => Buffer.from(`${header}\n${pieces.join('')}`));
    const utf16 = fc
      .array(piece, { maxLength: 30 })
      .map((pieces) => Buffer.from(`${header}\n${pieces.join('')}`, 'utf16le'));
    const noise = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array));
    const bytes = fc.oneof(
      text,
      utf16,
      noise,
      text.map((buffer) => gzipSync(buffer)),
    );
    const cut = fc.record({
      bytes,
      keep: fc.integer({ min: 50, max: 100 }),
      chunk: fc.integer({ min: 1, max: 64 }),
      source: fc.constantFrom(...keys),
    });
    await fc.assert(
      fc.asyncProperty(cut, async ({ bytes: whole, keep, chunk, source }) => {
        const kept = whole.subarray(0, Math.ceil((whole.length * keep) / 100));
        const chunks = Array.from({ length: Math.ceil(kept.length / chunk) }, (_none, n) =>
          kept.subarray(n * chunk, (n + 1) * chunk),
        );
        const [outcomes, read] = sum(
          await estate.importText('', { source, stream: Readable.from(chunks), ...paths('fuzz') }),
        );
        expect(outcomes).toBe(read);
        const { rows, names } = await stored(source);
        expect(rows).toBe(names);
      }),
      { numRuns: 200 },
    );
  });
});
