import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Cockpit, cockpit } from '../../support/cockpit.ts';
import { SLOW_HASH } from '../../support/legacy-estate.ts';

const FILES = 30;
const BAD = 'X1,x1,notahash,,Bad,live\n';

let desk: Cockpit;
let here: string;
let sources: string[];
let found: string;
beforeAll(async () => {
  desk = await cockpit();
  sources = [];
  const lines: string[] = [];
  for (let at = 0; at < FILES; at += 1) {
    const source = await desk.newSource(`many-${at}`);
    sources.push(source);
    lines.push(`${source} ${await desk.file(source, [{ id: `P${at}`, hash: SLOW_HASH }], at === 17 ? BAD : '')}`);
  }
  const fields = { title: 'Many', files: lines.join('\r\n'), cohort: '100' };
  found = (await desk.post('olwen', '/operators/runs/new', fields)).body;
  const planned = await desk.post('olwen', '/operators/runs/new', { ...fields, confirmed: 'yes' });
  here = String(planned.headers.location);
  await desk.post('olwen', `${here}/rehearse`);
  await desk.work(here.slice(-36));
  await desk.post('bryn', `${here}/approve`);
  await desk.post('olwen', `${here}/start`);
  await desk.work(here.slice(-36));
});
afterAll(() => desk.close());

const filesOn = (body: string): string[] => [...body.matchAll(/\/files\/(\d+)"/g)].map(([, part]) => part ?? '');

it('what was found in files that are as they should be is one line', () => {
  expect(found).toContain(`${FILES} files as their definitions say`);
  expect(found.match(/<details/g)).toHaveLength(1);
});

describe.each(['', '/balance'])('the files of a run, on its page%s', (page) => {
  const get = async (query: string) => (await desk.get('viewer', `${here}${page}${query}`)).body;

  it('come 25 at a time, those with rejected rows first, each once', async () => {
    const [first, second] = [filesOn(await get('')), filesOn(await get('?page=2'))];
    expect(first).toHaveLength(25);
    expect(new Set([...first, ...second]).size).toBe(FILES);
    const run = await desk.app.house.migration.runs.find(here.slice(-36));
    expect(run?.parts.find(({ part }) => `${part}` === first[0])?.source).toBe(sources[17]);
  });

  it('are found by their system, and by what is wrong with them', async () => {
    expect(filesOn(await get(`?search=${sources[5]}`))).toHaveLength(1);
    expect(filesOn(await get('?show=rejected'))).toHaveLength(1);
    expect(await get('?search=nobody')).toContain('No file is like that.');
    expect(await get('?show=rejected&lng=cy')).toContain('Gyda rhesi a wrthodwyd');
  });

  it('take no harm from an odd query', async () => {
    for (const query of ['?page=0', '?page=x', '?show=odd', '?page=-5&show=%00'])
      expect(filesOn(await get(query)), `with ${query}`).toHaveLength(25);
    expect(filesOn(await get('?page=99')), 'the last page').toHaveLength(FILES - 25);
    expect(await get('?search=%3Cscript%3E')).not.toContain('<script>');
  });
});

describe('one file of a run', () => {
  it('has a page with all that is known of it', async () => {
    const [part] = filesOn((await desk.get('viewer', here)).body);
    const file = await desk.get('viewer', `${here}/files/${part}`);
    expect(file.body).toContain('The password hash is not of the scheme of this source.');
    expect(file.body).toContain('Written: 1. Found in the ledger: 1.');
    expect(file.body).toMatch(/SHA-256[^]*[0-9a-f]{64}/);
    expect(file.body).not.toContain('/mend/');
    expect((await desk.get('olwen', `${here}/files/${part}`)).body).toContain(`${here}/mend/${part}`);
    for (const none of ['99', 'x', '-1'])
      expect((await desk.get('viewer', `${here}/files/${none}`)).statusCode).toBe(404);
  });
});

describe('what a page of the files says', () => {
  const change = (set: string, ...values: string[]) =>
    desk.app.house.db.query({
      text: `UPDATE runs SET ${set} WHERE run_id = $1`,
      values: [here.slice(-36), ...values],
    });
  const hrefOf = (body: string, pattern: RegExp): string => pattern.exec(body)?.[1]?.replaceAll('&amp;', '&') ?? '';

  it('is watched from page to page, with what was looked for, until somebody has enough', async () => {
    await change(`state = 'running'`);
    const watched = (await desk.get('viewer', `${here}?live=on&search=many`)).body;
    const second = (await desk.get('viewer', here + hrefOf(watched, /href="([^"#]+)#files" rel="next"/))).body;
    expect(filesOn(second)).toHaveLength(FILES - 25);
    expect(second).toContain('http-equiv="refresh"');
    expect(second).toContain('value="many"');
    expect(second).toContain('name="live" value="on"');
    const still = (await desk.get('viewer', hrefOf(second, /href="([^"]+)">Stop reloading/))).body;
    expect(filesOn(still)).toHaveLength(FILES - 25);
    expect(still).not.toContain('http-equiv="refresh"');
  });

  it('E7: is first of the file that does not balance, and the run leads to it', async () => {
    const balance = await desk.app.house.migration.runs.balance(here.slice(-36));
    if (balance === undefined) throw new Error('no balance sheet');
    const { sheet } = balance;
    const parts = sheet.parts.map((part) => {
      if (part.source === sources[11]) return { ...part, inLedger: 0 };
      if (part.source === sources[12]) return { ...part, read: 2 };
      return part.source === sources[13] ? { ...part, read: 8, notRun: 7 } : part;
    });
    const problems = [{ field: 'balance', code: 'not_balanced', message: 'Not so.' }];
    await change(
      `state = 'ran', problems = $2::jsonb, balance = $3::jsonb`,
      JSON.stringify(problems),
      JSON.stringify({ ...sheet, parts, balanced: false, total: { ...sheet.total, notRun: 7 } }),
    );
    const run = (await desk.get('viewer', here)).body;
    expect(run).toContain('Not so.');
    expect(run).not.toContain('It was refused');
    expect(run).toContain(`${here}/balance`);
    const page = (await desk.get('viewer', `${here}/balance`)).body;
    const known = (await desk.app.house.migration.runs.find(here.slice(-36)))?.parts;
    const partOf = (at: number) => `${known?.find(({ source }) => source === sources[at])?.part}`;
    expect(filesOn(page).slice(0, 3)).toEqual([partOf(11), partOf(12), partOf(17)]);
    expect(filesOn((await desk.get('viewer', `${here}/balance?show=disagrees`)).body)).toHaveLength(2);
    expect(page, 'what a stopped run did not come to has its column').toMatch(/<thead[^]*Not come to[^]*<\/thead>/);
    expect(page).toMatch(new RegExp(`files/${partOf(13)}"[^]*?Agrees[^]*?>8<[^]*?>1<[^]*?>0<[^]*?>7<`));
    const file = (await desk.get('viewer', `${here}/files/${partOf(11)}`)).body;
    expect(file).toMatch(/Written: 1. Found in the ledger: 0.[^]*Disagrees/);
  });
});
