import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Cockpit, cockpit } from '../../support/cockpit.ts';
import { SLOW_HASH } from '../../support/legacy-estate.ts';
import { formTokenOf } from '../../support/operators.ts';

let desk: Cockpit;
beforeAll(async () => {
  desk = await cockpit();
});
afterAll(() => desk.close());

const people = (count: number) =>
  Array.from({ length: count }, (_, at) => ({
    id: `P${at}`,
    hash: SLOW_HASH,
    name: `Ann ${at}`,
    email: `ann${at}@example.org`,
  }));
const BAD = 'X1,x1,notahash,,Bad,live\n';

describe('a run on the pages', () => {
  it('goes from the first file to the balance sheet, and back', async () => {
    const source = await desk.newSource('whole');
    const name = await desk.file(source, people(30), BAD);
    const plan = await desk.get('olwen', '/operators/runs/new');
    expect(plan.body).toContain(`${source} ${name}`);
    const fields = { title: 'The whole way', files: `${source} ${name}`, cohort: '100' };
    const confirm = await desk.post('olwen', '/operators/runs/new', fields);
    expect(confirm.body).toContain('Put this run on record');
    expect(confirm.body).toContain('id, login, hash, email, name, status');
    expect((await desk.app.house.migration.runs.list()).length, 'nothing is on record yet').toBe(0);

    const planned = await desk.post('olwen', '/operators/runs/new', { ...fields, confirmed: 'yes' });
    const here = String(planned.headers.location);
    const runId = here.slice(-36);
    expect(planned.statusCode).toBe(303);
    const live = await desk.post('olwen', `${here}/rehearse`);
    expect(live.headers.location).toBe(`${here}?live=on`);
    const watched = await desk.get('olwen', `${here}?live=on`);
    expect(watched.body).toContain('<meta http-equiv="refresh" content="5">');
    expect((await desk.get('olwen', here)).body, 'who did not ask for it is left to read').not.toContain(
      'http-equiv="refresh"',
    );
    expect(await desk.work(runId)).toBe('rehearsed');

    const own = await desk.get('olwen', here);
    expect(own.body).toContain('somebody else must approve it');
    expect(own.body).not.toContain(`${here}/approve`);
    expect((await desk.get('bryn', '/operators/runs')).body).toContain('Wait for your approval');
    expect((await desk.post('bryn', `${here}/approve`)).statusCode).toBe(303);
    await desk.post('olwen', `${here}/start`);
    expect(await desk.work(runId)).toBe('reconciled');

    const done = await desk.get('viewer', here);
    expect(done.body).toContain('30');
    expect(done.body).toContain('The password hash is not of the scheme of this source.');
    expect(done.body).not.toContain(`${here}/mend`);
    const balance = await desk.get('viewer', `${here}/balance`);
    expect(balance.body).toContain('Balanced');
    const part = (await desk.app.house.migration.runs.find(runId))?.parts[0]?.part;
    expect((await desk.get('olwen', `${here}/rejects/${part}.csv`)).body).toMatch(/^line,code.*hash_unknown/s);
    expect((await desk.get('olwen', `${here}/mend/${part}`)).body).toContain(BAD.trim());
    expect((await desk.get('olwen', `${here}/mend/99`)).statusCode).toBe(404);
    await desk.app.house.auditBatch.flush();
    const taken = await desk.app.house.db.query({
      text: "SELECT body->'detail'->>'kind' AS kind FROM audit_events WHERE type = 'run.rows-looked-at' ORDER BY seq",
    });
    expect(taken, 'who took rows as they came is on record').toEqual([{ kind: 'report' }, { kind: 'mend' }]);
    const numbers = await desk.get('viewer', `/operators/api/runs/${runId}/numbers.csv`);
    expect(numbers.body).toContain(`${source},${name},run,31,30,0,0,0,0,1,0\r\n`);
    expect((await desk.get('viewer', '/operators/api/runs.csv')).body).toContain('The whole way');
    expect((await desk.get('viewer', '/operators/api/systems.csv')).body).toContain(source);

    const undo = await desk.post('bryn', `${here}/undo`, { reason: 'the wrong export, ticket 17' });
    expect(undo.statusCode).toBe(303);
    expect(await desk.work(runId)).toBe('undone');
    const undone = await desk.get('viewer', here);
    expect(undone.body).toContain('What was undone');
    expect(undone.body, 'the sheet of what it had done stays').toContain(`${here}/balance`);
  });

  it('L17: is not approved by who planned it, whatever is posted, and says why in words', async () => {
    const source = await desk.newSource('four-eyes');
    const name = await desk.file(source, people(2));
    const fields = { title: 'Mine', files: `${source} ${name}`, cohort: '', confirmed: 'yes' };
    const here = String((await desk.post('bryn', '/operators/runs/new', fields)).headers.location);
    await desk.post('bryn', `${here}/rehearse`);
    await desk.work(here.slice(-36));
    const refused = await desk.post('bryn', `${here}/approve`);
    expect(refused.statusCode).toBe(409);
    expect(refused.body).toContain('You planned this run: somebody else must approve it.');
    expect((await desk.post('olwen', `${here}/approve`)).statusCode, 'no approver').toBe(403);
    expect((await desk.app.house.migration.runs.find(here.slice(-36)))?.state).toBe('rehearsed');
  });

  it('says why a move is refused, in both languages', async () => {
    const source = await desk.newSource('refusals');
    const here = `/operators/runs/${await desk.finished(source, people(3))}`;
    const late = await desk.post('olwen', `${here}/start`);
    expect([late.statusCode, late.body.includes('cannot be done from where it is now')]).toEqual([409, true]);
    const short = await desk.post('bryn', `${here}/undo?lng=cy`, { reason: 'no' });
    expect([short.statusCode, short.body.includes('Rhowch reswm o bum nod o leiaf')]).toEqual([409, true]);
    expect((await desk.get('bryn', `${here}/undo?lng=en`)).headers.location, 'the language switch').toBe(
      `${here}?lng=en`,
    );
    const personal = await desk.post('bryn', `${here}/undo`, { reason: 'because of ann@example.org' });
    expect([personal.statusCode, personal.body.includes('Leave out addresses')]).toEqual([409, true]);
  });

  it('asks an approver to know of an older file', async () => {
    const source = await desk.newSource('older');
    const stated = async (at: string, rows: number): Promise<string> => {
      const name = await desk.file(source, people(rows));
      const sha256 = createHash('sha256')
        .update(await readFile(join(desk.folder, name)))
        .digest('hex');
      const manifest = { source, fileName: name, sha256, rows, asOf: at };
      await writeFile(join(desk.folder, `${name}.manifest.json`), JSON.stringify(manifest));
      return name;
    };
    await stated('2026-11-20', 3);
    await desk.finished(source, people(3));
    await stated('2026-11-10', 2);
    const here = `/operators/runs/${await desk.rehearsed(source, people(2))}`;
    const page = await desk.get('bryn', here);
    expect(page.body).toContain('I know that a file is older');
    const refused = await desk.post('bryn', `${here}/approve`);
    expect([refused.statusCode, refused.body.includes('Tick the box')]).toEqual([409, true]);
    expect((await desk.post('bryn', `${here}/approve`, { olderFile: 'known' })).statusCode).toBe(303);
  });

  it('refuses a plan with every reason at once, and keeps what was typed', async () => {
    const empty = await desk.post('olwen', '/operators/runs/new', { title: ' ', files: '', cohort: '0' });
    expect(empty.statusCode).toBe(400);
    for (const words of ['Enter a title', 'Name at least one file', 'Enter a share'])
      expect(empty.body).toContain(words);
    const fields = { title: 'Typed <b>', files: 'nowhere ../etc/passwd\nrents none.csv', cohort: '50' };
    const unknown = await desk.post('olwen', '/operators/runs/new', fields);
    expect(unknown.statusCode).toBe(400);
    expect(unknown.body).toContain('There is no file &quot;../etc/passwd&quot; in the folder.');
    expect(unknown.body).toContain('There is no file &quot;none.csv&quot; in the folder.');
    expect(unknown.body).toContain('Typed &lt;b&gt;');
  });

  it('C11: takes files by a form, of any size, and only with the form’s token', async () => {
    const page = await desk.get('olwen', '/operators/runs/new');
    const send = (token: string, text: string) =>
      desk.app.http.inject({
        method: 'POST',
        url: '/operators/runs/files',
        headers: {
          accept: 'text/html',
          host: 'localhost:3000',
          cookie: desk.people.olwen.cookie,
          'content-type': 'multipart/form-data; boundary=cut',
        },
        payload: [
          `--cut\r\ncontent-disposition: form-data; name="formToken"\r\n\r\n${token}\r\n`,
          `--cut\r\ncontent-disposition: form-data; name="upload"; filename="sent.csv"\r\ncontent-type: text/csv\r\n\r\n${text}\r\n`,
          '--cut--\r\n',
        ].join(''),
      });
    const large = `id\n${'x'.repeat(300_000)}\n`;
    expect((await send('wrong', large)).statusCode).toBe(400);
    expect((await desk.get('olwen', '/operators/runs/new')).body, 'nothing was read').not.toContain('sent.csv');
    const kept = await send(formTokenOf(page.body), large);
    expect(kept.body).toContain('sent.csv');
    expect(kept.body).toMatch(/SHA-256 [0-9a-f]{64}/);
    expect((await send(formTokenOf(page.body), 'another')).body).toContain('Another file named sent.csv is there');
  });

  it('G7: shows disputed rows only with a reason, masked, and keeps the look on record', async () => {
    const source = await desk.newSource('disputed');
    const twice = [
      { id: 'P100', hash: SLOW_HASH, name: 'Gwenllian Morgan', email: 'gwenllian@example.org' },
      { id: 'P200', hash: SLOW_HASH, name: 'Gareth Morgan', email: 'gwenllian@example.org' },
    ];
    await desk.finished(source, twice);
    expect((await desk.get('support', '/operators/rows')).body).toContain('Why do you look?');
    const missing = await desk.post('support', '/operators/rows', { source: '', reason: ' ' });
    expect([missing.statusCode, missing.body.includes('Enter a reason')]).toEqual([400, true]);
    const shown = await desk.post('support', '/operators/rows', { source, reason: 'ticket 4711' });
    expect(shown.statusCode).toBe(200);
    expect(shown.body).toContain('Several rows of the file have this e-mail address.');
    expect(shown.body).toContain('g•••@e•••.org');
    expect(shown.body).not.toMatch(/gwenllian|Gwenllian|Gareth|P100/);
    const looks = await desk.app.house.db.query({
      text: "SELECT body->'detail'->>'reason' AS reason, body->>'actor' AS actor FROM audit_events WHERE type = 'run.rows-looked-at' AND chain_id LIKE 'run:%'",
    });
    expect(looks).toEqual([{ reason: 'ticket 4711', actor: 'operator:support' }]);
  });
});
