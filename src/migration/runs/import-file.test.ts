import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type LegacyEstate,
  bcryptOf,
  legacyEstate,
  rentCsv,
  rentPortal,
  ssha512Of,
} from '../../../test/support/legacy-estate.ts';
import { type TestDatabase, testDatabase } from '../../../test/support/postgres.ts';

let database: TestDatabase;
let estate: LegacyEstate;
let folder: string;
const meta = { actor: 'operator:test' };

beforeAll(async () => {
  database = await testDatabase();
  estate = legacyEstate(database.db);
  folder = await mkdtemp(join(tmpdir(), 'import-'));
  await estate.migration.sources.add(rentPortal(), meta);
});
afterAll(async () => {
  await database.drop();
  await rm(folder, { recursive: true });
});

async function newSource(key: string, changes: Record<string, unknown> = {}): Promise<string> {
  const added = await estate.migration.sources.add(rentPortal({ source: key, ...changes }), meta);
  expect(added).toMatchObject({ outcome: 'added' });
  return key;
}

async function counts(source: string): Promise<{ rows: number; names: number }> {
  const [row] = await database.db.query<{ rows: number; names: number }>({
    text: `SELECT (SELECT count(*)::int FROM legacy_accounts WHERE source = $1) AS rows,
                  (SELECT count(*)::int FROM legacy_login_names WHERE source = $1) AS names`,
    values: [source],
  });
  return row!;
}

const balance = (outcome: Awaited<ReturnType<LegacyEstate['importText']>>) => {
  if (outcome.outcome === 'refused') throw new Error(JSON.stringify(outcome.problems));
  const { read, created, unchanged, changed, kept, rejected } = outcome;
  return { read, created, unchanged, changed, kept, rejected };
};

describe('import of an export', () => {
  it('E7: the same file twice changes nothing, a corrected file only what was corrected', async () => {
    const source = await newSource('repeat');
    const people = Array.from({ length: 2500 }, (_, n) => ({ id: `P${n}`, name: `Ann ${n}` }));
    const none = { read: 2500, created: 0, unchanged: 0, changed: 0, kept: 0, rejected: 0 };
    expect(balance(await estate.importText(rentCsv(people), { source }))).toEqual({ ...none, created: 2500 });
    expect(await counts(source)).toEqual({ rows: 2500, names: 2500 });
    const before = await database.db.query({
      text: 'SELECT * FROM legacy_accounts WHERE source = $1 ORDER BY legacy_key',
      values: [source],
    });
    expect(balance(await estate.importText(rentCsv(people), { source }))).toEqual({ ...none, unchanged: 2500 });
    const after = await database.db.query({
      text: 'SELECT * FROM legacy_accounts WHERE source = $1 ORDER BY legacy_key',
      values: [source],
    });
    expect(after).toEqual(before);

    const corrected = people.map((person, n) => (n === 1700 ? { ...person, login: 'renamed', name: 'Änne' } : person));
    expect(balance(await estate.importText(rentCsv(corrected), { source }))).toEqual({
      ...none,
      unchanged: 2499,
      changed: 1,
    });
    expect(await counts(source)).toEqual({ rows: 2500, names: 2500 });
  });

  it('E7: a definition that is read in another way changes the rows it reads differently', async () => {
    const source = await newSource('reread');
    const csv = rentCsv([{ id: 'A B', login: 'A B' }]);
    await estate.importText(csv, { source });
    const identifier = { label: { en: 'Number' }, normalise: ['drop-spaces'] };
    await estate.migration.sources.add(rentPortal({ source, identifier }), meta);
    expect(balance(await estate.importText(csv, { source }))).toMatchObject({ changed: 1 });
    expect(await counts(source)).toEqual({ rows: 1, names: 1 });
  });

  it('K11: each bad row is reported by line and code, and never drops its batch', async () => {
    const source = await newSource('hostile');
    const good = ssha512Of('secret');
    const lines = [
      'id,login,hash,email,name,status',
      `ok1,ok1,${good},a@b.example,Ann,live`,
      `,nobody,${good},,,live`,
      `x2,x2,notahash,,,live`,
      `x3,x3,$2y$31$${'a'.repeat(53)},,,live`,
      `x4,x4,${good},,,asleep`,
      `${'y'.repeat(300)},x5,${good},,,live`,
      `x6,x6,${good},,${'n'.repeat(201)},live`,
      `x7,x7,${good},,Nul\u0000l,live`,
      `x8,x8,${good},,live`,
      `ok1,other,${good},,,live`,
      `x10,OK1 ,${good},,,live`,
      `x11,x1"1,${good},,,live`,
      `=cmd|'/c calc'!A0,@sum,notahash,,,live`,
      `x13,x13,${good},,"open quote`,
      `ok2,ok2,${good},not an address,=1+1,live`,
      `ok3,ok3,${good},аnn@b.example,"O""Hara, Jo",closed`,
      `x16,x16,,,,live`,
      `x17,x17,${good},${'e'.repeat(250)}@b.example,,live`,
      `x18,x18,${good},,${'z'.repeat(70_000)},live`,
      `ok4,ok4,${good},,,live`,
    ];
    const bytes = Buffer.concat([
      Buffer.from(`\ufeff${lines.join('\r\n')}\r\n`),
      Buffer.from(`x20,x20,${good},,Caf\xe9,live\n`, 'latin1'),
      Buffer.from(`ok5,ok5,${good},,Zoë,live`),
    ]);
    const rejectsPath = join(folder, 'hostile.rejects.csv');
    const outcome = await estate.importText(bytes, { source, rejectsPath });
    const rejects = (await readFile(rejectsPath, 'utf8')).split('\r\n').slice(1, -1);
    expect(
      rejects.map((line) => line.split(',').slice(0, 2).join(' ')).toSorted((a, b) => parseInt(a) - parseInt(b)),
    ).toEqual([
      '3 id_missing',
      '4 hash_unknown',
      '5 hash_too_costly',
      '6 status_unknown',
      '7 id_too_long',
      '8 name_too_long',
      '9 control_character',
      '10 column_count',
      '11 duplicate_id',
      '12 duplicate_login',
      '13 bad_quote',
      '14 hash_unknown',
      '15 unclosed_quote',
      '18 hash_missing',
      '19 email_too_long',
      '20 line_too_long',
      '22 bad_utf8',
    ]);
    expect(outcome).toMatchObject({
      read: 22,
      created: 5,
      rejected: 17,
      notes: { email_unusable: 1, email_mixed_scripts: 1, formula_like: 1 },
      rejectsPath,
    });
    expect((await stat(rejectsPath)).mode & 0o777).toBe(0o600);
    // A spreadsheet that opens the rejects must not run them, and nobody may find hashes there.
    expect(rejects.find((line) => line.startsWith('14,'))).toContain(`"'=cmd`);
    expect(rejects.join('')).not.toContain(good.slice(9, 40));
    expect(await counts(source)).toEqual({ rows: 5, names: 5 });
  });

  it('K11: NDJSON with duplicate keys, nesting, lone surrogates and __proto__ ends in outcomes', async () => {
    const source = await newSource('json', {
      file: { format: 'ndjson', columns: { id: 'id', hash: 'hash', name: 'name' } },
    });
    const hash = ssha512Of('secret');
    const lines = [
      JSON.stringify({ id: 'a', hash, name: 'A "quoted": name' }),
      `{"id":"b","id":"c","hash":"${hash}"}`,
      `{"id":["d"],"hash":"${hash}"}`,
      `{"id":"\\ud800","hash":"${hash}"}`,
      `{"__proto__":"x","id":"e","hash":"${hash}"}`,
      `{"id":7,"hash":"${hash}","name":null}`,
      '[1]',
      '{"id":',
      '',
      'null',
    ];
    const outcome = await estate.importText(lines.join('\n'), { source });
    expect(outcome).toMatchObject({
      read: 9,
      created: 3,
      rejected: 6,
      rejections: { duplicate_key: 1, nested_value: 1, bad_utf8: 1, bad_json: 3 },
    });
  });

  it('refuses a file without the columns it needs, and says which', async () => {
    const outcome = await estate.importText('id;hash\n1;2\n');
    expect(outcome).toMatchObject({ outcome: 'refused' });
    expect(outcome.outcome === 'refused' && outcome.problems.map(({ field }) => field)).toContain('file.columns.hash');
    expect(await estate.importText('')).toMatchObject({ outcome: 'refused' });
  });

  it('a rehearsal says the same as the run and leaves nothing', async () => {
    const source = await newSource('rehearsed');
    const csv = rentCsv([{ id: '1' }, { id: '2' }, { id: '2' }, { id: '' }]);
    const rehearsal = await estate.importText(csv, { source, rehearse: true });
    expect(rehearsal).toMatchObject({ outcome: 'rehearsed', created: 2, rejected: 2 });
    expect(await counts(source)).toEqual({ rows: 0, names: 0 });
    expect(balance(await estate.importText(csv, { source }))).toEqual(balance(rehearsal));
  });

  it('a user name that another row has is rejected, also across files', async () => {
    const source = await newSource('names');
    await estate.importText(rentCsv([{ id: '1', login: 'jo' }]), { source });
    const outcome = await estate.importText(rentCsv([{ id: '2', login: ' JO' }, { id: '3' }]), { source });
    expect(outcome).toMatchObject({ created: 1, rejected: 1, rejections: { login_taken: 1 } });
    expect(await counts(source)).toEqual({ rows: 2, names: 2 });
  });

  it('E8, E12: an import makes no account, no address, no password and no subject', async () => {
    const source = await newSource('dormant');
    await estate.importText(rentCsv([{ id: '1', email: 'ann@example.org', hash: bcryptOf('secret') }]), { source });
    const [row] = await database.db.query<{ total: number }>({
      text: `SELECT ((SELECT count(*) FROM accounts) + (SELECT count(*) FROM identities) + (SELECT count(*) FROM credentials)
                   + (SELECT count(*) FROM identity_claims) + (SELECT count(*) FROM subjects))::int AS total`,
    });
    expect(row!.total).toBe(0);
  });

  it('K12: a copy of the tables shows no name, address, id or hash', async () => {
    const source = await newSource('sealed');
    const hash = bcryptOf('secret');
    await estate.importText(rentCsv([{ id: 'PLANTED-ID', email: 'planted@example.org', name: 'Planted Name', hash }]), {
      source,
    });
    const rows = await database.db.query({ text: 'SELECT l::text AS whole FROM legacy_accounts l' });
    const dump = JSON.stringify(rows);
    for (const planted of ['PLANTED-ID', 'planted@example.org', 'Planted Name', hash]) {
      expect(dump).not.toContain(planted);
      expect(dump).not.toContain(Buffer.from(planted).toString('hex'));
    }
  });

  it('I6: killed between batches and run again, the end is that of an undisturbed run', async () => {
    const source = await newSource('killed');
    const csv = rentCsv(Array.from({ length: 3300 }, (_, n) => ({ id: `K${n}` })));
    const bytes = Buffer.from(csv);
    async function* dying() {
      yield bytes.subarray(0, Math.floor(bytes.length * 0.7));
      await Promise.resolve();
      throw new Error('killed');
    }
    await expect(estate.importText('', { source, stream: dying() })).rejects.toThrow('killed');
    const half = await counts(source);
    expect(half.rows).toBe(half.names);
    expect(half.rows).toBeGreaterThan(0);
    expect(half.rows).toBeLessThan(3300);
    expect(balance(await estate.importText(csv, { source }))).toMatchObject({ read: 3300, rejected: 0 });
    expect(await counts(source)).toEqual({ rows: 3300, names: 3300 });
  });

  it('two imports of one file at once end as one', async () => {
    const source = await newSource('twice');
    const csv = rentCsv(Array.from({ length: 1500 }, (_, n) => ({ id: `T${n}` })));
    const both = await Promise.all([estate.importText(csv, { source }), estate.importText(csv, { source })]);
    expect(both.map((outcome) => balance(outcome).created).reduce((a, b) => a + b)).toBe(1500);
    expect(both.map((outcome) => balance(outcome).unchanged).reduce((a, b) => a + b)).toBe(1500);
    expect(await counts(source)).toEqual({ rows: 1500, names: 1500 });
  });

  it('F22: whatever the bytes, every row has one outcome and nothing throws', async () => {
    const source = await newSource('fuzzed');
    const piece = fc.oneof(
      fc.constantFrom(
        '"',
        '""',
        ',',
        '\n',
        '\r\n',
        '\r',
        '\0',
        ';',
        '=',
        '\ufeff',
        ssha512Of('x'),
        'live',
        'closed',
        'a',
      ),
      fc.string({ unit: 'binary', maxLength: 12 }),
    );
    const text = fc.array(piece, { maxLength: 60 }).map((pieces) => Buffer.from(pieces.join('')));
    const bytes = fc.oneof(
      text,
      fc.uint8Array({ maxLength: 400 }).map((array) => Buffer.from(array)),
    );
    await fc.assert(
      fc.asyncProperty(bytes, fc.integer({ min: 1, max: 50 }), async (body, chunk) => {
        const whole = Buffer.concat([Buffer.from('id,login,hash,email,name,status\n'), body]);
        const chunks = Array.from({ length: Math.ceil(whole.length / chunk) }, (_, n) =>
          whole.subarray(n * chunk, (n + 1) * chunk),
        );
        const outcome = balance(await estate.importText('', { source, stream: Readable.from(chunks) }));
        expect(outcome.created + outcome.unchanged + outcome.changed + outcome.kept + outcome.rejected).toBe(
          outcome.read,
        );
      }),
      { numRuns: 60 },
    );
  });
});
