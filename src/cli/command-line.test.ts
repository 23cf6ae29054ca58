import { mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { testConfig } from '../../test/support/config.ts';
import { bcryptOf, rentCsv, rentPortal } from '../../test/support/legacy-estate.ts';
import { type TestDatabase, testDatabase } from '../../test/support/postgres.ts';
import type { Config } from '../platform/config/config-schema.ts';
import { LatchkeyError } from '../platform/failure/latchkey-error.ts';
import { runCommandLine } from './command-line.ts';

let database: TestDatabase;
let folder: string;
let config: Config;

beforeAll(async () => {
  database = await testDatabase();
  folder = await mkdtemp(join(tmpdir(), 'cli-'));
});
beforeEach(() => {
  config = testConfig({ postgres: { url: database.url } });
});
afterAll(async () => {
  await database.drop();
  await rm(folder, { recursive: true });
});

async function latchkey(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  let out = '';
  let err = '';
  const terminal = {
    out: (text: string) => void (out += text),
    err: (text: string) => void (err += text),
    isWatched: false,
  };
  const code = await runCommandLine(args, { terminal, readConfig: () => Promise.resolve(config) });
  return { code, out, err };
}

async function file(name: string, content: unknown): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

describe('latchkey sources and import', () => {
  it('puts a source on record, imports, reports what was rejected, and ends with 3', async () => {
    const definition = await file('rent.json', rentPortal());
    expect(await latchkey('sources', 'add', definition)).toMatchObject({
      code: 0,
      out: 'rent-portal added (version 1)\n',
    });
    expect(await latchkey('sources', 'add', definition)).toMatchObject({ out: 'rent-portal unchanged (version 1)\n' });

    const csv = await file('export.csv', rentCsv([{ id: '1' }, { id: '2' }, { id: '' }]));
    const rehearsed = await latchkey('import', csv, '--source', 'rent-portal', '--dry-run');
    expect(rehearsed).toMatchObject({ code: 3 });
    expect(rehearsed.out).toMatch(/nothing was written/);

    const rejects = join(folder, 'mend.csv');
    const imported = await latchkey('import', csv, '--source', 'rent-portal', '--rejects', rejects, '--json');
    expect(imported.code).toBe(3);
    expect(JSON.parse(imported.out)).toMatchObject({ read: 3, created: 2, rejected: 1, rejectsPath: rejects });
    expect(imported.err).toContain(rejects);
    expect(await readFile(rejects, 'utf8')).toMatch(/^line,code,message,id,other_codes,mend_line\r\n4,id_missing,/);

    const good = await file('good.csv', rentCsv([{ id: '1' }, { id: '2' }]));
    expect(await latchkey('import', good, '--source', 'rent-portal')).toMatchObject({ code: 0, err: '' });
    expect((await latchkey('sources', 'list')).out).toMatch(/rent-portal +open +1 +Rent Portal/);
    expect((await latchkey('sources', 'suspend', 'rent-portal')).out).toBe('rent-portal is suspended.\n');
    expect(JSON.parse((await latchkey('sources', 'show', 'rent-portal')).out)).toMatchObject({ status: 'suspended' });
    expect((await latchkey('sources', 'open', 'rent-portal')).code).toBe(0);
  });

  it('names the scheme of a column with what a definition would say, and shows no value', async () => {
    const md5 = '5f4dcc3b5aa765d61d8327deb882cf99';
    const csv = await file('column.csv', `id;pw\n1;${md5}\n2;!\n3;\n`);
    const detected = await latchkey('sources', 'detect', csv, '--column', 'pw', '--delimiter', ';');
    expect(detected).toMatchObject({ code: 0, err: '' });
    expect(detected.out).toMatch(/3 rows, 2 of them looked at\.\n +1 empty\n +1 of the sample switched off/);
    expect(detected.out).toMatch(
      /hex-md5 +\d+ % +1 +weak +- +known pairs[^]*"scheme": "hex-md5",\n +"knownPairs": "required"/,
    );
    expect(detected.out).not.toContain(md5);

    const bcrypt = `$2y$10$${'a'.repeat(53)}`;
    const rows = [bcrypt, '{SSHA}0c0blFTXXNuAMHECS4uxrj3ZieMoWImr'].map((pw) => JSON.stringify({ pw })).join('\n');
    const mixed = await latchkey('sources', 'detect', await file('mixed.ndjson', rows), '--column', 'pw', '--json');
    expect(JSON.parse(mixed.out)).toMatchObject({
      rows: 2,
      detection: { candidates: expect.arrayContaining([expect.objectContaining({ scheme: 'bcrypt', fits: 1 })]) },
      example: { file: { columns: { hash: 'pw' } }, scheme: 'detect' },
    });
    expect(await latchkey('sources', 'detect', csv, '--column', 'nope')).toMatchObject({ code: 5 });
    const nothing = await latchkey('sources', 'detect', await file('odd.csv', 'pw\nwhat is this\n'), '--column', 'pw');
    expect(nothing.out).toContain('No scheme fits');
    const firebase = await file('firebase.csv', `pw\n${'A'.repeat(86)}==\n`);
    expect((await latchkey('sources', 'detect', firebase, '--column', 'pw')).out).toContain('"knownPairs": "required"');
  });

  it('says how a file is written, packed or not, with what a definition would say', async () => {
    const csv = await file('layout.csv', `Nr;Kennung;pw\n1;ann;{SSHA}x\n2;bob;{SSHA}y\n`);
    const { code, out } = await latchkey('sources', 'detect', csv);
    expect(code).toBe(0);
    expect(out).toMatch(/format +csv +100 %[^]*delimiter +";" +100 %[^]*header +yes +97 %[^]*columns +Nr, Kennung, pw/);
    expect(out).not.toContain('SSHA');
    const detected: unknown = JSON.parse((await latchkey('sources', 'detect', csv, '--json')).out);
    expect(detected).toMatchObject({ isGzip: false, file: { format: 'csv', delimiter: ';', columns: { hash: 'pw' } } });
    expect(await latchkey('sources', 'detect', csv, '--column', 'pw')).toMatchObject({ code: 0 });
  });

  it('checks a file, tells lines by code, and gives rejected rows back to be mended', async () => {
    await latchkey('sources', 'add', await file('checked.json', rentPortal({ source: 'checked' })));
    const csv = await file(
      'checked.csv',
      rentCsv([{ id: '1' }, { id: '', status: 'gone' }, { id: '3', name: '=1+1' }]),
    );
    const checked = await latchkey('import', csv, '--source', 'checked', '--check');
    expect(checked.code).toBe(3);
    expect(checked.out).toMatch(
      /3 rows: 2 good, 1 would be rejected[^]*id_missing +1 +3\nstatus_unknown +1 +3\n[^]*note formula_like +1 +4/,
    );
    expect(checked.err).toContain(`${csv}.mend`);
    expect(await readFile(`${csv}.mend`, 'utf8')).toMatch(/^id,login,[^\n]+\n"","",/);
    const manifest = await file('manifest.json', {
      source: 'checked',
      fileName: 'checked.csv',
      sha256: '0'.repeat(64),
      rows: 3,
      asOf: '2026-01-01',
    });
    const refused = await latchkey('import', csv, '--source', 'checked', '--manifest', manifest);
    expect(refused).toMatchObject({ code: 5, err: expect.stringContaining('[manifest_checksum]') });
    const imported = await latchkey('import', csv, '--source', 'checked', '--json');
    expect(JSON.parse(imported.out)).toMatchObject({ created: 2, rejected: 1 });

    const old = await file('old.csv', rentCsv([{ id: '1', name: 'Old' }]));
    await utimes(old, new Date('2020-01-01'), new Date('2020-01-01'));
    const run = (...more: string[]) => latchkey('import', old, '--source', 'checked', '--as', 'ann', ...more);
    expect(await run()).toMatchObject({ code: 5, err: expect.stringContaining('--approved-by') });
    expect(await run('--approved-by', 'ann')).toMatchObject({
      code: 5,
      err: expect.stringContaining('[same_operator]'),
    });
    expect(await run('--approved-by', 'bob')).toMatchObject({ code: 0 });
  });

  it('A7: known pairs stand before an import, and are never shown', async () => {
    await latchkey(
      'sources',
      'add',
      await file('paired.json', rentPortal({ source: 'paired', knownPairs: 'required' })),
    );
    const csv = await file('paired.csv', rentCsv([{ id: '1', login: 'ann', hash: bcryptOf('Llanelli 1999') }]));
    const run = (...more: string[]) => latchkey('import', csv, '--source', 'paired', ...more);
    expect(await run()).toMatchObject({ code: 5, err: expect.stringContaining('--known-pairs') });
    const wrong = await file('wrong.csv', 'login,password\nann,llanelli 1999\n');
    const refused = await run('--known-pairs', wrong);
    expect(refused.code).toBe(5);
    expect(refused.err).toContain('1 of 1 do not verify (mismatch 1). Nothing was imported.');
    expect(refused.out + refused.err).not.toMatch(/llanelli|ann\b/i);
    const unreadable = await run('--known-pairs', await file('broken.csv', 'ann,Llanelli 1999\n'));
    expect(unreadable).toMatchObject({ code: 5, err: expect.stringContaining('login,password') });
    expect(unreadable.err).not.toContain('Llanelli');
    const right = await file('right.ndjson', JSON.stringify({ login: 'ann', password: 'Llanelli 1999' }));
    expect(await run('--known-pairs', right)).toMatchObject({ code: 0, err: '' });
  });

  it('tells every problem of a definition at once and ends with 5', async () => {
    const bad = rentPortal({ source: 'Bad Key', extra: 1, scheme: 'rot13' });
    const { code, err } = await latchkey('sources', 'add', await file('bad.json', bad));
    expect(code).toBe(5);
    for (const field of ['source:', 'extra:', 'scheme:']) expect(err).toContain(field);
    const unsafe = rentPortal({ identifier: { label: { en: 'x' }, normalise: [], pattern: '(a+)+' }, sectors: [] });
    const judged = await latchkey('sources', 'add', await file('unsafe.json', unsafe));
    expect(judged.err).toMatch(/pattern_unsafe[^]*sectors_mismatch/);
  });

  it.each([
    [['import', 'nowhere.csv', '--source', 'rent-portal'], 'nowhere.csv'],
    [['import', 'nowhere.csv'], '--source'],
    [['sources', 'show', 'none'], 'latchkey sources list'],
    [['sources', 'suspend', 'none'], 'latchkey sources list'],
    [['sources', 'ad'], 'add'],
    [['imprt'], 'import'],
  ])('%j is a usage error that says how to mend it, without a stack', async (args, hint) => {
    const { code, err } = await latchkey(...args);
    expect(code).toBe(2);
    expect(err).toContain(hint);
    expect(err).not.toMatch(/\n +at /);
  });

  it('an unknown source is a usage error before a row is read', async () => {
    const csv = await file('some.csv', rentCsv([{ id: '1' }]));
    expect(await latchkey('import', csv, '--source', 'none')).toMatchObject({ code: 2 });
  });

  it('a file whose columns are missing is refused with the columns named', async () => {
    const csv = await file('columns.csv', 'a,b\n1,2\n');
    const { code, err } = await latchkey('import', csv, '--source', 'rent-portal');
    expect(code).toBe(5);
    expect(err).toMatch(/file\.columns\.id[^]*file\.columns\.hash/);
  });
});

describe('latchkey when something is away', () => {
  it('Postgres away ends with 4 and one line', async () => {
    config = testConfig({ postgres: { url: 'postgres://x@127.0.0.1:1/x', connectTimeoutMs: 500 } });
    const { code, err } = await latchkey('sources', 'list');
    expect(code).toBe(4);
    expect(err).toMatch(/^latchkey: No answer from postgres[^\n]*\n$/);
  });

  it('a wrong configuration ends with 2 and names what is wrong', async () => {
    let err = '';
    const terminal = { out: () => {}, err: (text: string) => void (err += text), isWatched: false };
    const readConfig = () =>
      Promise.reject(new LatchkeyError('config_invalid', 'The configuration is not valid:\n- issuer'));
    expect(await runCommandLine(['keys', 'list'], { terminal, readConfig })).toBe(2);
    expect(err).toContain('- issuer');
  });
});

describe('latchkey doctor', () => {
  it('finds a fresh database well, and says what it looked at', async () => {
    const { code, out } = await latchkey('doctor', '--json');
    const findings: unknown = JSON.parse(out);
    expect(findings).toMatchObject(
      ['configuration', 'postgres', 'migrations', 'redis', 'signing keys', 'clock', 'mail sender', 'audit chains'].map(
        (name) => ({ name, ok: true }),
      ),
    );
    expect(code).toBe(0);
  });

  it('names an altered audit event and ends with 6', async () => {
    await latchkey('sources', 'add', await file('doctored.json', rentPortal({ source: 'doctored' })));
    await database.db.query({
      text: `UPDATE audit_events SET body = body || '{"x":1}' WHERE chain_id = 'source:doctored'`,
    });
    const { code, out } = await latchkey('doctor');
    expect(out).toMatch(/MEND +audit chains +.*source:doctored/);
    expect(code).toBe(6);
  });

  it('with Postgres away looks at the rest all the same', async () => {
    config = testConfig({ postgres: { url: 'postgres://x@127.0.0.1:1/x', connectTimeoutMs: 500 } });
    const { code, out } = await latchkey('doctor');
    expect(code).toBe(6);
    expect(out).toMatch(/MEND +postgres[^]*ok +mail sender/);
  });
});

describe('latchkey keys and services', () => {
  it('rotates the signing keys, and lists them', async () => {
    const { code, out } = await latchkey('keys', 'rotate', '--force', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ promoted: [expect.any(String), expect.any(String)] });
    expect((await latchkey('keys', 'list')).out).toMatch(/active +ES256/);
    expect(await latchkey('keys', 'rotate')).toMatchObject({ code: 5 });
  });

  it('adds a service, shows its secret once, suspends and resumes it', async () => {
    const service = {
      clientId: 'rent-web',
      department: { departmentId: 'homes', name: { en: 'Department for Homes' } },
      metadata: {
        name: { en: 'Rent' },
        redirectUris: ['https://rent.example/callback'],
        authMethod: 'client_secret_post',
        scopes: ['openid'],
      },
    };
    const added = await latchkey('services', 'add', await file('service.json', service));
    expect(added).toMatchObject({ code: 0, err: '' });
    expect(added.out).toMatch(/secret, shown this once: \S+/);
    expect((await latchkey('services', 'suspend', 'rent-web')).out).toBe('rent-web is suspended.\n');
    expect((await latchkey('services', 'list')).out).toMatch(/rent-web +suspended/);
    expect((await latchkey('services', 'resume', 'rent-web')).code).toBe(0);
    expect((await latchkey('services', 'new-secret', 'rent-web')).out).toMatch(/^\S{20,}\n$/);
    expect((await latchkey('services', 'show', 'rent-web')).out).not.toMatch(/shown this once/);
    const refused = await latchkey('services', 'add', await file('worse.json', { ...service, metadata: { name: {} } }));
    expect(refused.code).toBe(5);
    expect((await latchkey('services', 'add', await file('no.json', {}))).code).toBe(2);
  });
});

it('--help lists the commands and the exit codes, and needs no configuration', async () => {
  const terminal = { out: (text: string) => void (help += text), err: () => {}, isWatched: false };
  let help = '';
  const readConfig = () => Promise.reject(new Error('must not be read'));
  expect(await runCommandLine(['--help'], { terminal, readConfig })).toBe(0);
  for (const word of [
    'serve',
    'migrate',
    'keys',
    'sources',
    'import',
    'services',
    'links',
    'policy',
    'doctor',
    'Exit codes',
  ])
    expect(help).toContain(word);
});
