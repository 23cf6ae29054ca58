import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { compactVerify, importJWK } from 'jose';
import { Value } from 'typebox/value';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  BalanceAnswer,
  DisputedAnswer,
  FilesAnswer,
  MoveAnswer,
  PlanAnswer,
  RowsAnswer,
  RunAnswer,
} from '../../../src/operators/migration-desk/api/run-schemas.ts';
import { type Cockpit, cockpit } from '../../support/cockpit.ts';
import { rentCsv, SLOW_HASH } from '../../support/legacy-estate.ts';

let desk: Cockpit;
beforeAll(async () => {
  desk = await cockpit();
});
afterAll(() => desk.close());

const people = (count: number) => Array.from({ length: count }, (_, at) => ({ id: `P${at}`, hash: SLOW_HASH }));

describe('a run by the API', () => {
  it('goes all the way with a token, each answer of the shape that is promised', async () => {
    const source = await desk.newSource('by-api');
    const csv = `${rentCsv(people(12))}X1,x1,notahash,,Bad,live\n`;
    const sent = await desk.api('olwen', 'PUT', '/files/by-api.csv', Readable.from([Buffer.from(csv)]));
    expect(sent.statusCode).toBe(201);
    const sha256 = createHash('sha256').update(csv).digest('hex');
    expect(sent.json()).toEqual({ name: 'by-api.csv', bytes: Buffer.byteLength(csv), sha256 });
    expect(Value.Check(FilesAnswer, (await desk.api('olwen', 'GET', '/files')).json())).toBe(true);

    const plan = { title: 'By API', files: [{ source, name: 'by-api.csv' }] };
    const found = await desk.api('olwen', 'POST', '/runs', plan);
    expect([found.statusCode, found.json().outcome, Value.Check(PlanAnswer, found.json())]).toEqual([
      200,
      'to-confirm',
      true,
    ]);
    const planned = await desk.api('olwen', 'POST', '/runs', { ...plan, confirmed: true });
    expect([planned.statusCode, Value.Check(PlanAnswer, planned.json())]).toEqual([201, true]);
    const { runId } = planned.json().run;
    const move = async (who: 'olwen' | 'bryn', name: string, body: object = {}): Promise<unknown> => {
      const answer = await desk.api(who, 'POST', `/runs/${runId}/${name}`, body);
      expect([name, Value.Check(MoveAnswer, answer.json())]).toEqual([name, true]);
      const { outcome, reason } = answer.json();
      return outcome === 'done' ? answer.statusCode : [answer.statusCode, reason];
    };
    expect(await move('olwen', 'start')).toEqual([409, 'not-now']);
    expect(await move('olwen', 'rehearse')).toBe(200);
    expect(await move('olwen', 'pause')).toBe(200);
    expect(await move('olwen', 'resume')).toBe(200);
    expect(await desk.work(runId)).toBe('rehearsed');
    expect(await move('bryn', 'approve')).toBe(200);
    expect(await move('olwen', 'stage')).toBe(200);
    expect(await desk.work(runId)).toBe('staged');
    expect(await move('olwen', 'start')).toBe(200);
    expect(await desk.work(runId)).toBe('reconciled');

    const run = (await desk.api('viewer', 'GET', `/runs/${runId}`)).json();
    expect(Value.Check(RunAnswer, run)).toBe(true);
    expect(run).toMatchObject({
      state: 'reconciled',
      approvedBy: 'operator:bryn',
      moves: [],
      parts: [{ run: { read: 13 } }],
    });
    const rows = (await desk.api('viewer', 'GET', `/runs/${runId}/rows?outcome=rejected`)).json();
    expect(Value.Check(RowsAnswer, rows)).toBe(true);
    expect(rows).toMatchObject({ rows: [{ line: 14, outcome: 'rejected', code: 'hash_unknown' }], next: null });
    const balance = (await desk.api('viewer', 'GET', `/runs/${runId}/balance`)).json();
    expect(Value.Check(BalanceAnswer, balance)).toBe(true);
    const { payload } = await compactVerify(balance.jws, await importJWK(balance.key, 'EdDSA'));
    expect(JSON.parse(new TextDecoder().decode(payload))).toMatchObject({ runId, balanced: true });
    expect((await desk.api('viewer', 'GET', `/runs/${runId}/balance.jws`)).body).toBe(balance.jws);
    const part = run.parts[0].part;
    expect((await desk.api('olwen', 'GET', `/runs/${runId}/parts/${part}/report`)).body).toContain('hash_unknown');
    expect((await desk.api('viewer', 'GET', `/runs/${runId}/parts/${part}/report`)).statusCode).toBe(403);
    const disputed = await desk.api('support', 'POST', '/disputed', { reason: 'ticket 12' });
    expect(Value.Check(DisputedAnswer, disputed.json())).toBe(true);
  });

  it('E9: refuses a second person who is the first, and an undo without a reason', async () => {
    const source = await desk.newSource('api-eyes');
    const runId = await desk.finished(source, people(2));
    const undo = await desk.api('bryn', 'POST', `/runs/${runId}/undo`, {});
    expect([undo.statusCode, undo.json()]).toEqual([409, { outcome: 'refused', reason: 'reason-missing' }]);
    const name = await desk.file(source, people(3));
    const plan = { title: 'Mine', files: [{ source, name }], confirmed: true };
    const { run } = (await desk.api('bryn', 'POST', '/runs', plan)).json();
    await desk.api('bryn', 'POST', `/runs/${run.runId}/rehearse`, {});
    await desk.work(run.runId);
    const approval = await desk.api('bryn', 'POST', `/runs/${run.runId}/approve`, {});
    expect([approval.statusCode, approval.json()]).toEqual([409, { outcome: 'refused', reason: 'same-operator' }]);
  });

  it('G16: refuses what is not asked for, with a stable code', async () => {
    const bad = [
      await desk.api('olwen', 'POST', '/runs', { title: 'x', files: [], extra: 1 }),
      await desk.api('olwen', 'PUT', '/files/..%2Fup.csv', Readable.from([Buffer.from('x')])),
      await desk.api('viewer', 'GET', '/runs/not-an-id/rows?outcome=none'),
    ];
    expect(bad.map(({ statusCode }) => statusCode)).toEqual([400, 400, 400]);
    expect(bad.map((answer) => answer.json().code)).toEqual(['input_invalid', 'input_invalid', 'input_invalid']);
    const unknown = await desk.api('viewer', 'GET', '/runs/0190a1b2-0000-7000-8000-000000000000');
    expect([unknown.statusCode, unknown.json().code]).toEqual([404, 'not_found']);
    expect((await desk.api('viewer', 'GET', "/runs/x'--")).statusCode).toBe(404);
    const taken = await desk.api('olwen', 'PUT', '/files/api-eyes.csv', Readable.from([Buffer.from('other')]));
    expect([taken.statusCode, taken.json().code]).toEqual([409, 'conflict']);
  });

  it('describes every route of itself, from the schemas that judge', async () => {
    const document = (await desk.api('viewer', 'GET', '/openapi.json')).json();
    expect(document.openapi).toBe('3.1.0');
    expect(Object.keys(document.paths)).toEqual(
      expect.arrayContaining([
        '/operators/api/runs/{id}/approve',
        '/operators/api/files/{name}',
        '/operators/api/systems',
      ]),
    );
    expect(document.paths['/operators/api/runs'].post.requestBody.content['application/json'].schema.required).toEqual([
      'title',
      'files',
    ]);
  });
});
