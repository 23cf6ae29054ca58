import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Cockpit, cockpit } from '../../support/cockpit.ts';
import { SLOW_HASH } from '../../support/legacy-estate.ts';

let desk: Cockpit;
let runId: string;
let part: number;
beforeAll(async () => {
  desk = await cockpit();
  const source = await desk.newSource('rents');
  runId = await desk.finished(source, [{ id: 'P1', hash: SLOW_HASH }], 'X1,x1,notahash,,Bad,live\n');
  part = (await desk.app.house.migration.runs.find(runId))?.parts[0]?.part ?? -1;
  await desk.app.house.migration.progress.count();
});
afterAll(() => desk.close());

const ALL = ['olwen', 'bryn', 'viewer', 'support'] as const;
const PAGES: readonly {
  readonly path: string;
  readonly who: readonly string[];
  readonly words: readonly [string, string];
}[] = [
  { path: '/operators/systems', who: ALL, words: ['Old account systems', 'Hen systemau cyfrifon'] },
  { path: '/operators/systems/rents', who: ALL, words: ['Who still waits', 'Pwy sy’n dal i aros'] },
  { path: '/operators/runs', who: ALL, words: ['Runs', 'Rhediadau'] },
  { path: '/operators/runs/new', who: ['olwen', 'bryn'], words: ['Plan a run', 'Cynllunio rhediad'] },
  { path: '/operators/runs/RUN', who: ALL, words: ['What became of the rows', 'Beth ddigwyddodd i’r rhesi'] },
  { path: '/operators/runs/RUN/rows', who: ALL, words: ['Rows, one by one', 'Rhesi, fesul un'] },
  { path: '/operators/runs/RUN/balance', who: ALL, words: ['Balance sheet', 'Mantolen'] },
  { path: '/operators/runs/RUN/rejects/PART.csv', who: ['olwen', 'bryn'], words: ['hash_unknown', 'hash_unknown'] },
  { path: '/operators/runs/RUN/mend/PART', who: ['olwen', 'bryn'], words: ['notahash', 'notahash'] },
  { path: '/operators/rows', who: ['support'], words: ['Disputed rows', 'Rhesi dadleuol'] },
];

describe.each(PAGES)('$path', ({ path, who, words }) => {
  it('G7: is for its roles, in both languages, and for nobody else', async () => {
    const url = path.replace('RUN', runId).replace('PART', String(part));
    for (const person of ['olwen', 'bryn', 'viewer', 'support', 'administrator'] as const) {
      const page = await desk.get(person, url);
      expect([person, page.statusCode]).toEqual([person, who.includes(person) ? 200 : 403]);
    }
    for (const [language, word] of [
      ['en', words[0]],
      ['cy', words[1]],
    ] as const) {
      const page = await desk.get(
        who.includes('viewer') ? 'viewer' : who.includes('support') ? 'support' : 'olwen',
        `${url}?lng=${language}`,
      );
      expect(page.body).toContain(word);
      expect(page.body).not.toMatch(/operators\.(?:insight|migrationDesk)\.|undefined|NaN|\[object/);
      expect(page.body).not.toMatch(/ style=|<style|onclick/);
    }
    const nobody = await desk.app.http.inject({ url, headers: { accept: 'text/html', host: 'localhost:3000' } });
    expect(nobody.statusCode).toBe(303);
  });
});

const MOVES: readonly (readonly [string, readonly string[]])[] = [
  ['validate', ['olwen', 'bryn']],
  ['rehearse', ['olwen', 'bryn']],
  ['approve', ['bryn']],
  ['revalidate', ['olwen', 'bryn']],
  ['start', ['olwen', 'bryn']],
  ['stage', ['olwen', 'bryn']],
  ['resume', ['olwen', 'bryn']],
  ['pause', ['olwen', 'bryn']],
  ['stop', ['olwen', 'bryn']],
  ['undo', ['bryn']],
];

describe('G7: what changes something', () => {
  it.each(MOVES)('%s is for its roles, by page and by API', async (move, who) => {
    for (const person of ['olwen', 'bryn', 'viewer', 'support'] as const) {
      // The run has ended: whoever may ask is told that it cannot be done, or that a reason is missing.
      const expected = who.includes(person) ? 409 : 403;
      const page = await desk.post(person, `/operators/runs/${runId}/${move}`);
      const api = await desk.api(person, 'POST', `/runs/${runId}/${move}`, {});
      expect([person, page.statusCode, api.statusCode]).toEqual([person, expected, expected]);
    }
  });

  it('a look at disputed rows, a plan and a file too', async () => {
    const reason = { source: '', reason: 'ticket 1' };
    const plan = { title: '', files: '', cohort: '' };
    for (const person of ['viewer', 'olwen'] as const)
      expect((await desk.post(person, '/operators/rows', reason)).statusCode).toBe(403);
    expect((await desk.api('viewer', 'POST', '/disputed', { reason: 'ticket 1' })).statusCode).toBe(403);
    expect((await desk.post('viewer', '/operators/runs/new', plan)).statusCode).toBe(403);
    expect((await desk.post('viewer', '/operators/runs/files')).statusCode).toBe(403);
    expect((await desk.api('viewer', 'PUT', '/files/a.csv', 'x')).statusCode).toBe(403);
    expect(
      (await desk.api('viewer', 'POST', '/runs', { title: 'x', files: [{ source: 'a', name: 'b' }] })).statusCode,
    ).toBe(403);
  });
});

describe('without a folder for files', () => {
  it('says that nothing can be sent here', async () => {
    const { buildApp } = await import('../../../src/app.ts');
    const { runs: _folder, ...config } = desk.app.house.config;
    const bare = await buildApp({ config: { ...config, runs: {} }, logger: false });
    const headers = { accept: 'text/html', host: 'localhost:3000', cookie: desk.people.olwen.cookie };
    const page = await bare.http.inject({ url: '/operators/runs/new', headers });
    expect(page.body).toContain('No folder for files is configured');
    const api = await bare.http.inject({
      method: 'PUT',
      url: '/operators/api/files/a.csv',
      headers: { host: 'localhost:3000', authorization: desk.people.olwen.authorization },
      payload: 'x',
    });
    expect([api.statusCode, api.json().code]).toEqual([409, 'conflict']);
    await bare.close();
  });
});
