import { mkdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bcryptOf, rentCsv } from '../../../test/support/legacy-estate.ts';
import { type CommandDesk, commandDesk } from '../../../test/support/run-by-command.ts';

let desk: CommandDesk;
beforeAll(async () => {
  desk = await commandDesk();
});
afterAll(() => desk.drop());

const people = (prefix: string, n: number, changes: Record<number, object> = {}) =>
  Array.from({ length: n }, (_, at) => ({ id: `${prefix}${at}`, name: `Ann ${at}`, ...changes[at] }));

async function ledger(source: string): Promise<number> {
  const [row] = await desk.database.db.query<{ n: number }>({
    text: 'SELECT count(*)::int AS n FROM legacy_accounts WHERE source = $1',
    values: [source],
  });
  return row?.n ?? 0;
}

describe('latchkey runs', () => {
  it(
    'E7: goes from a folder of files to the balance sheet and back, each step by its command',
    { timeout: 60_000 },
    async () => {
      const [homes, farms] = [await desk.newSource('homes'), await desk.newSource('farms')];
      const folder = join(desk.folder, 'exports');
      await mkdir(folder);
      await writeFile(join(folder, 'homes.csv'), rentCsv(people('H', 300, { 7: { status: 'gone' } })));
      await writeFile(join(folder, 'farms.csv'), rentCsv(people('F', 200)));
      await writeFile(join(folder, 'readme.txt'), 'what is this');

      const looked = await desk.runs('plan', folder);
      expect(looked.code).toBe(5);
      expect(looked.out).toMatch(
        /farms +csv, utf-8 +id, login, hash, email, name, status +bcrypt \d+ % +as defined\nhomes/,
      );
      expect(looked.err).toMatch(/Not taken.*readme\.txt[^]*Nothing is on record yet.*--confirm/);
      expect((await desk.latchkey('runs', 'list')).out).toContain('There is no run yet');

      const planned = await desk.runs('plan', folder, '--title', 'Two departments', '--confirm');
      expect(planned).toMatchObject({
        code: 0,
        out: expect.stringContaining('Two departments is planned for everybody.'),
      });
      const id = /[0-9a-f]{8}-[0-9a-f-]{27}/.exec(planned.out)?.[0] ?? '';
      const short = id.slice(0, 13);
      expect((await desk.latchkey('runs', 'list')).out).toMatch(
        new RegExp(`${short} +planned .*farms, homes +Two departments`),
      );

      const validated = await desk.runs('validate', short);
      expect(validated.code).toBe(3);
      expect(validated.out).toMatch(
        /rows +500\n +good +499\n +rejected +1\n\nCODE[^]*status_unknown +1 +The status is not/,
      );
      const rehearsed = await desk.runs('rehearse', short);
      expect(rehearsed).toMatchObject({ code: 3, out: expect.stringMatching(/new +499[^]*runs approve/) });
      expect(await ledger(homes)).toBe(0);
      const would = await desk.latchkey('runs', 'rows', short, '--outcome', 'rejected');
      expect(would.out).toMatch(/^SOURCE .*\nhomes +9 +rejected +status_unknown\n$/);

      expect((await desk.latchkey('runs', 'approve', short, '--as', 'bryn')).out).toContain('is approved');
      const staged = await desk.runs('stage', short, '--json');
      expect(staged.code).toBe(0);
      expect(JSON.parse(staged.out)).toMatchObject({ state: 'staged' });
      expect(await ledger(homes)).toBe(0);
      const ran = await desk.runs('start', short);
      expect(ran).toMatchObject({ code: 3, out: expect.stringContaining('is reconciled') });
      expect([await ledger(homes), await ledger(farms)]).toEqual([299, 200]);

      const shown = await desk.latchkey('runs', 'show', short);
      expect(shown.out).toMatch(
        /\[x\] reconciled[^]*approved +\S+ by operator:bryn[^]*together +500 +499[^]*status_unknown/,
      );
      const balance = await desk.latchkey('runs', 'balance', short);
      expect(balance).toMatchObject({
        code: 0,
        out: expect.stringMatching(/farms +200[^]*together +500[^]*Balanced:/),
      });

      const undone = await desk.runs('undo', short, '--why', 'the wrong export');
      expect(undone).toMatchObject({ code: 0, out: expect.stringMatching(/restored +499/) });
      expect([await ledger(homes), await ledger(farms)]).toEqual([0, 0]);
      expect((await desk.latchkey('runs', 'rows', short, '--undone', 'touched')).out).toBe('There is no such row.\n');
    },
  );

  it('takes a mended file up again: rejects, correct, plan the folder', async () => {
    await desk.newSource('mended');
    const csv = await desk.file('mended.csv', rentCsv(people('M', 50, { 3: { status: 'gone' }, 9: { id: '' } })));
    const id = await desk.planned(`mended=${csv}`);
    await desk.runs('rehearse', id);
    await desk.latchkey('runs', 'approve', id, '--as', 'bryn');
    await desk.runs('start', id);
    const out = join(desk.folder, 'to-mend');
    const given = await desk.latchkey('runs', 'rejects', id, '--out', out);
    expect(given).toMatchObject({ code: 0, out: expect.stringContaining('mended: 2 rejected, in ') });
    expect(await readFile(join(out, 'mended.rejects.csv'), 'utf8')).toMatch(
      /^line,code,message.*\r\n5,status_unknown,/,
    );
    const mend = join(out, 'mended.mend.csv');
    for (const path of [join(out, 'mended.rejects.csv'), mend]) expect((await stat(path)).mode & 0o777).toBe(0o600);
    await writeFile(mend, (await readFile(mend, 'utf8')).replace('gone', 'live').replace(/^"","",/m, '"M9","M9",'));
    const again = await desk.planned(out);
    expect(await desk.runs('rehearse', again)).toMatchObject({ code: 0, out: expect.stringMatching(/new +2\n/) });
    expect((await desk.latchkey('runs', 'rejects', again)).out).toContain('No row is rejected');
    expect(await desk.latchkey('runs', 'rejects', id, '--source', 'nobody')).toMatchObject({ code: 2 });
    await rm(csv);
    expect(await desk.latchkey('runs', 'rejects', id, '--out', out)).toMatchObject({
      code: 5,
      err: expect.stringMatching(/mended\.csv cannot be read here any more/),
    });
  });

  it('signs the balance, verifies it, and sees that a byte was altered', async () => {
    await desk.newSource('signed');
    const id = await desk.planned(`signed=${await desk.file('signed.csv', rentCsv(people('S', 10)))}`);
    const early = await desk.latchkey('runs', 'balance', id);
    expect(early).toMatchObject({ code: 5, err: expect.stringContaining('There is nothing to balance yet') });
    await desk.runs('rehearse', id);
    await desk.latchkey('runs', 'approve', id, '--as', 'bryn');
    await desk.runs('start', id);
    const { out: jws } = await desk.latchkey('runs', 'balance', id, '--jws');
    const whole = await desk.file('whole.jws', jws);
    const verify = (path: string, ...more: string[]) => desk.latchkey('runs', 'balance', id, '--verify', path, ...more);
    expect(await verify(whole)).toMatchObject({
      code: 0,
      out: expect.stringMatching(/verifies: .* 10 rows, it balances/),
    });
    const key = await desk.file('key.json', (await desk.latchkey('runs', 'balance-key')).out);
    expect(await verify(whole, '--key', key)).toMatchObject({ code: 0 });

    const [head, payload = '', signature] = jws.trim().split('.');
    const sheet = Buffer.from(payload, 'base64url').toString().replace('"read":10', '"read":11');
    const altered = [head, Buffer.from(sheet).toString('base64url'), signature].join('.');
    expect(altered).not.toBe(jws.trim());
    const refused = await verify(await desk.file('altered.jws', altered));
    expect(refused).toMatchObject({ code: 5, out: '', err: expect.stringContaining('does not verify') });
    expect(await verify(await desk.file('nothing.jws', 'nothing'))).toMatchObject({ code: 5 });

    const other = await desk.planned(`signed=${await desk.file('other.csv', rentCsv(people('S', 11)))}`);
    const ofOther = await desk.latchkey('runs', 'balance', other, '--verify', whole);
    expect(ofOther).toMatchObject({ code: 5, err: expect.stringContaining('the sheet of another run') });
    await desk.database.db.query({
      text: `UPDATE runs SET balance = jsonb_set(balance, '{balanced}', 'false') WHERE run_id = $1`,
      values: [id],
    });
    expect(await desk.latchkey('runs', 'balance', id)).toMatchObject({
      code: 6,
      out: expect.stringContaining('NOT BALANCED'),
    });
  });

  it('streams the outcomes of 20,000 rows, as CSV, JSON and a table', async () => {
    await desk.newSource('many');
    const id = await desk.planned(`many=${await desk.file('many.csv', rentCsv(people('R', 1)))}`);
    await desk.database.db.query({
      text: `INSERT INTO run_rehearsals (run_id, part, batch, outcomes)
             SELECT $1, 0, n, jsonb_build_array(jsonb_build_object('outcome', 'new', 'effect', 'insert',
                      'lines', jsonb_build_array(jsonb_build_array(2 + n * 1000, 1001 + n * 1000))))
             FROM generate_series(0, 19) AS n`,
      values: [id],
    });
    const csv = (await desk.latchkey('runs', 'rows', id, '--csv')).out.trimEnd().split('\r\n');
    expect(csv.slice(0, 2)).toEqual(['part,source,line,outcome,code,undone', '0,many,2,new,,']);
    expect(new Set(csv).size).toBe(20_001);
    const rows: unknown = JSON.parse((await desk.latchkey('runs', 'rows', id, '--json')).out);
    expect(rows).toHaveLength(20_000);
    expect((await desk.latchkey('runs', 'rows', id)).out.split('\n')).toHaveLength(20_002);
    expect(JSON.parse((await desk.latchkey('runs', 'rows', id, '--json', '--outcome', 'linked')).out)).toEqual([]);
    expect(await desk.latchkey('runs', 'rows', id, '--undone', 'touched')).toMatchObject({ code: 2 });
  });
});

describe('latchkey runs plan', () => {
  it('takes manifests that lie beside files, known pairs, a cohort, and a plan that was written down', async () => {
    await desk.newSource('beside', { knownPairs: 'required' });
    const csv = await desk.file('beside.csv', rentCsv([{ id: '1', login: 'ann', hash: bcryptOf('Llanelli 1999') }]));
    const from = (plan: object) => desk.file('plan.json', plan);
    const file = { source: 'beside', file: 'beside.csv' };
    const without = await desk.runs('plan', '--from', await from({ files: [file] }));
    expect(without).toMatchObject({ code: 5, err: expect.stringContaining('[known_pairs_missing]') });
    await desk.file('pairs.csv', 'login,password\nann,Llanelli 1998\n');
    const wrong = await desk.runs('plan', `beside=${csv}`, '--known-pairs', `beside=${join(desk.folder, 'pairs.csv')}`);
    expect(wrong).toMatchObject({ code: 5, err: expect.stringContaining('[known_pairs_fail]') });
    expect(wrong.err + wrong.out).not.toContain('Llanelli');
    await desk.file('pairs.csv', 'login,password\nann,Llanelli 1999\n');
    const plan = await from({ title: 'Written', cohort: '5%', files: [{ ...file, knownPairs: 'pairs.csv' }] });
    const written = await desk.runs('plan', '--from', plan, '--confirm', '--json');
    expect(JSON.parse(written.out)).toMatchObject({
      run: { title: 'Written', cohort: 500, parts: [{ manifest: 'none' }] },
    });

    const lying = { source: 'beside', fileName: 'beside.csv', sha256: '0'.repeat(64), rows: 1, asOf: '2026-01-01' };
    await desk.file('beside.csv.manifest.json', lying);
    const manifest = await desk.runs('plan', '--from', plan);
    expect(manifest).toMatchObject({ code: 5, err: expect.stringContaining('[manifest_checksum]') });
  });

  it.each([
    [['plan'], 'Give files as'],
    [['plan', 'here.csv'], '"here.csv" is not <source>=<file>, or a folder'],
    [['plan', 'a=b.csv', '--cohort', '500'], '--cohort is a share'],
    [['plan', 'a=b.csv', '--cohort', '0%'], '--cohort is a share'],
    [['plan', 'a=b.csv', '--manifest', 'c=d.json'], 'no file of "c"'],
    [['plan', 'a=b.csv', '--from', 'plan.json'], 'and not both'],
    [['validate', '0199d1'], 'latchkey runs list'],
    [['validate', '0199'], 'latchkey runs list'],
    [['show', 'x; DROP TABLE runs'], 'latchkey runs list'],
    [['validate', '0199d1c2', '--workers', 'many'], '--workers is a whole number'],
    [['work', '--workers', '0'], '--workers is a whole number'],
    [['work', '--pace', '200'], '--pace is a whole number from 1 to 100'],
    [['list', '--limit', '-1'], '--limit'],
    [['rows', '0199d1c2', '--outcome', 'odd'], 'Allowed choices are new'],
    [['rows', '0199d1c2', '--csv', '--json'], 'cannot be used with'],
    [['disputed'], '--reason'],
    [['valdate'], 'validate'],
  ])('%j is a usage error that says how to mend it, without a stack', async (args, hint) => {
    const { code, err, out } = await desk.latchkey('runs', ...args);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(hint);
    expect(err).not.toMatch(/\n +at /);
  });

  it('tells all problems of all files at once', async () => {
    await desk.newSource('real');
    const refused = await desk.runs('plan', 'nobody=x.csv', 'real=gone.csv', '--confirm');
    expect(refused).toMatchObject({ code: 5, out: '' });
    expect(refused.err).toMatch(/nobody: source: .*\[source_unknown\]\n.*real: file: .*\[file_missing\]/);
    const bad = await desk.runs('plan', '--from', await desk.file('bad.json', { files: [{ source: 'real' }] }));
    expect(bad).toMatchObject({ code: 2, err: expect.stringContaining('is no plan (/files/0') });
  });
});

describe('latchkey runs refuses in words', () => {
  it('what is not now, who may not, what is older, busy, changed, and not said why', async () => {
    await desk.newSource('refusing');
    const file = await desk.file('refusing.csv', rentCsv(people('X', 20)));
    const first = await desk.planned(`refusing=${file}`);
    const act = (...args: string[]) => desk.latchkey('runs', ...args);
    const refused = async (words: RegExp, ...args: string[]) => {
      const answer = await act(...args);
      expect({ code: answer.code, out: answer.out }).toEqual({ code: 5, out: '' });
      expect(answer.err).toMatch(words);
    };
    await refused(
      /It is planned\. What can be done: latchkey runs validate .*\[not-now\]/,
      'approve',
      first,
      '--as',
      'bryn',
    );
    await refused(/\[not-now\]/, 'pause', first);
    await refused(/\[not-now\]/, 'undo', first, '--why', 'for no reason');
    await refused(/--why.*\[reason-missing\]/, 'stop', first);
    await refused(/\[reason-personal\]/, 'stop', first, '--why', 'for gwen@example.org');
    await desk.runs('rehearse', first);
    await refused(/a second person must.*\[same-operator\]/, 'approve', first, '--as', 'olwen');
    await act('approve', first, '--as', 'bryn');

    const second = await desk.planned(`refusing=${file}`);
    await desk.runs('rehearse', second);
    await act('approve', second, '--as', 'bryn');
    expect((await desk.runs('start', first, '--no-work')).out).toMatch(/a worker does it\.\n +latchkey runs watch/);
    await refused(/Another run of one of its sources.*\[source-busy\]/, 'start', second);
    expect((await act('pause', first)).out).toContain('is staging, paused');
    await refused(/staging, paused.*runs resume.*\[not-now\]/, 'start', first);
    expect(await desk.runs('resume', first)).toMatchObject({ code: 0, out: expect.stringContaining('is reconciled') });
    expect((await act('stop', second, '--why', 'not needed')).out).toContain('is stopped');

    await utimes(file, new Date('2020-01-01'), new Date('2020-01-01'));
    const older = await desk.runs('plan', `refusing=${file}`, '--confirm');
    expect(older.out).toContain('Whoever approves must say so: --older-file');
    const third = /[0-9a-f]{8}-[0-9a-f-]{27}/.exec(older.out)?.[0] ?? '';
    await desk.runs('rehearse', third);
    await refused(/older than the last one.*\[older-file\]/, 'approve', third, '--as', 'bryn');
    await desk.newSource('refusing', { name: { en: 'Renamed', cy: 'Newydd' } });
    await refused(
      /changed after this was planned.*\[changed-since\]/,
      'approve',
      third,
      '--older-file',
      '--as',
      'bryn',
    );
  });

  it('a file that changed after the plan ends the run, and says so', async () => {
    await desk.newSource('altered');
    const path = await desk.file('altered.csv', rentCsv(people('A', 5)));
    const id = await desk.planned(`altered=${path}`);
    await writeFile(path, rentCsv(people('A', 6)));
    const refused = await desk.runs('validate', id);
    expect(refused).toMatchObject({ code: 5, err: expect.stringMatching(/plan anew[^]*\[file_changed\]/) });
    expect((await desk.latchkey('runs', 'show', id)).out).toMatch(/state +refused[^]*file_changed/);
  });

  it('shows rows that wait for proof masked, and only to who says why', async () => {
    await desk.newSource('waiting');
    const shared = { email: 'gwen.parry@example.org', name: 'Gwen Parry' };
    const id = await desk.planned(
      `waiting=${await desk.file('waiting.csv', rentCsv(people('W', 5, { 1: shared, 2: shared })))}`,
    );
    await desk.runs('rehearse', id);
    await desk.latchkey('runs', 'approve', id, '--as', 'bryn');
    await desk.runs('start', id);
    const look = (...more: string[]) => desk.latchkey('runs', 'disputed', '--source', 'waiting', ...more);
    expect(await look('--reason', 'x')).toMatchObject({ code: 5, err: expect.stringContaining('[reason-missing]') });
    expect(await look('--reason', 'gwen.parry@example.org rang')).toMatchObject({
      code: 5,
      err: expect.stringContaining('[reason-personal]'),
    });
    const seen = await look('--reason', 'case 12');
    expect(seen.out).toMatch(/waiting +3 .*email_shared\nwaiting +4 .*email_shared\n\nemail_shared +Several rows/);
    expect(seen.out).not.toMatch(/gwen|parry/i);
    expect(JSON.parse((await look('--reason', 'case 12', '--json')).out)).toHaveLength(2);
  });
});

describe('latchkey runs --help', () => {
  const COMMANDS =
    `plan list show validate rehearse stage start approve pause stop resume undo watch work rows rejects balance
    balance-key disputed`.split(/\s+/);
  it.each(COMMANDS)('%s says what it does, with an example, and is in the list', async (command) => {
    const { code, out } = await desk.latchkey('runs', command, '--help');
    expect(code).toBe(0);
    expect(out).toMatch(new RegExp(`Examples?:\\n( +latchkey .*\\n)*? +latchkey runs ${command} ?`));
    expect((await desk.latchkey('runs', '--help')).out).toMatch(new RegExp(`^ +${command} `, 'm'));
  });

  it('import points to it', async () => {
    expect((await desk.latchkey('import', '--help')).out).toContain('latchkey runs --help');
  });
});
