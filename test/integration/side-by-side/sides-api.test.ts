import { Value } from 'typebox/value';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ChangeAnswer, SidesAnswer } from '../../../src/operators/side-by-side/api/sides-schemas.ts';
import { type Cockpit, cockpit } from '../../support/cockpit.ts';
import { type SidesDesk, sidesDesk } from '../../support/sides-desk.ts';

let desk: Cockpit;
let world: SidesDesk;
beforeAll(async () => {
  desk = await cockpit();
  world = await sidesDesk(() => desk.app.house);
});
afterAll(async () => {
  await desk.close();
  await world.old.stop();
});

const WHY = 'Agreed with the department on 20 November.';

describe('old and new side by side, by the API', () => {
  it('goes all the way with tokens, each answer of the shape that is promised', async () => {
    const source = await desk.newSource('by-api', world.changes);
    const read = async (who: 'olwen' | 'bryn' | 'viewer') => {
      const answer = await desk.api(who, 'GET', `/systems/${source}/sides`);
      expect([answer.statusCode, Value.Check(SidesAnswer, answer.json())]).toEqual([200, true]);
      return answer.json();
    };
    const ask = async (who: 'olwen' | 'bryn', move: string, body: object = {}) => {
      const answer = await desk.api(who, 'POST', `/systems/${source}/sides/${move}`, body);
      expect([move, Value.Check(ChangeAnswer, answer.json())]).toEqual([move, true]);
      const { outcome, reason } = answer.json();
      return [answer.statusCode, reason ?? outcome];
    };
    expect(await read('viewer')).toMatchObject({ stage: 'before', plan: null, watched: null, moves: [] });
    expect(await ask('olwen', 'authority', { authority: { password: 'new' } })).toEqual([200, 'changed']);
    expect(await ask('olwen', 'next')).toEqual([409, 'no-plan']);
    expect(await ask('olwen', 'plan', { steps: [50, 5] })).toEqual([400, 'invalid']);
    expect(await ask('olwen', 'plan', { steps: [5, 100], minSamples: 5 })).toEqual([200, 'changed']);
    expect(await ask('olwen', 'next')).toEqual([200, 'changed']);
    expect(await ask('olwen', 'next')).toEqual([409, 'too-few-answers']);
    expect(await ask('olwen', 'complain')).toEqual([200, 'changed']);
    await world.came(source, 'good', 3);
    expect(await read('viewer')).toMatchObject({
      stage: 'cutting-over',
      percent: 5,
      complaints: 1,
      watched: { answers: 3, new: null, old: null, broken: null },
    });
    expect(await ask('olwen', 'ask-anyway')).toEqual([409, 'evidence-missing']);
    expect(await ask('olwen', 'ask-anyway', { evidence: WHY })).toEqual([202, 'requested']);
    const waiting = await read('bryn');
    expect(waiting).toMatchObject({ requests: { anyway: { askedBy: 'operator:olwen' }, finalise: null } });
    expect(waiting.moves).toContain('approve-anyway');
    expect(JSON.stringify(waiting)).not.toContain(WHY);
    expect(await ask('bryn', 'approve-anyway')).toEqual([200, 'changed']);
    expect(await ask('olwen', 'next')).toEqual([409, 'at-the-end']);
    expect(await ask('olwen', 'shadow-on')).toEqual([200, 'changed']);
    expect(await ask('olwen', 'to-start')).toEqual([200, 'changed']);
    expect(await ask('olwen', 'ask-finalise', { evidence: WHY })).toEqual([202, 'requested']);
    expect(await ask('olwen', 'ask-finalise', { evidence: WHY })).toEqual([409, 'asked-already']);
    expect(await ask('bryn', 'approve-finalise')).toEqual([200, 'changed']);
    expect(await read('olwen')).toMatchObject({ stage: 'finalised', finalisedAt: expect.any(String), moves: [] });
  });

  it('gives the numbers of the figure as CSV, to a browser too', async () => {
    const source = await desk.newSource('as-csv', world.changes);
    const csv = async (): Promise<string> =>
      (await desk.get('viewer', `/operators/api/systems/${source}/sides.csv`, { accept: 'text/csv' })).body;
    expect(await csv()).toBe('measure,new,old,goes_back_at\r\n');
    await desk.api('olwen', 'POST', `/systems/${source}/sides/plan`, { minSamples: 5 });
    await desk.api('olwen', 'POST', `/systems/${source}/sides/next`, {});
    await world.came(source, 'good', 8);
    await world.came(source, 'failed', 2);
    expect(await csv()).toBe(
      'measure,new,old,goes_back_at\r\nanswers,10,,\r\nfailures,0.2,,0.5\r\np95,300,,3000\r\ncomplaints,0,,5\r\n',
    );
  });

  it('G16: refuses what is not asked for, with a stable code', async () => {
    const source = await desk.newSource('api-wrong', world.changes);
    const to = (move: string, body: object) => desk.api('olwen', 'POST', `/systems/${source}/sides/${move}`, body);
    const bad = [
      await to('next', { anyway: true }),
      await to('plan', { steps: 'all' }),
      await to('plan', { further: 1 }),
      await to('authority', { authority: { password: 'both' } }),
    ];
    expect(bad.map((answer) => [answer.statusCode, answer.json().code])).toEqual(bad.map(() => [400, 'input_invalid']));
    const unknown = await desk.api('olwen', 'POST', '/systems/nothing-like-it/sides/next', {});
    expect([unknown.statusCode, unknown.json().code]).toEqual([404, 'not_found']);
  });

  it('is described as the others are', async () => {
    const { paths } = (await desk.api('viewer', 'GET', '/openapi.json')).json();
    const path = '/operators/api/systems/{source}/sides';
    expect(Object.keys(paths)).toEqual(
      expect.arrayContaining([path, `${path}.csv`, `${path}/plan`, `${path}/authority`, `${path}/approve-finalise`]),
    );
    expect(paths[`${path}/plan`].post.requestBody.content['application/json'].schema.properties).toHaveProperty(
      'steps',
    );
  });
});
