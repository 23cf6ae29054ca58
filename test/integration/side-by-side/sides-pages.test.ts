import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Cockpit, cockpit } from '../../support/cockpit.ts';
import { SLOW_HASH } from '../../support/legacy-estate.ts';
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
const PLAN = {
  steps: '5, 50, 100',
  windowSeconds: '60',
  minSamples: '10',
  failureRate: '50',
  failureRateOver: '15',
  p95Ms: '3000',
  p95OverMs: '1000',
  complaints: '2',
};
const AUTHORITY = { password: 'new', email: 'old', phone: 'old', name: 'old', status: 'old', whenAway: 'imported' };

const sides = () => desk.app.house.migration.sideBySide;
const pathOf = (source: string): string => `/operators/systems/${source}/sides`;
const page = async (who: Parameters<Cockpit['get']>[0], source: string, query = ''): Promise<string> =>
  (await desk.get(who, pathOf(source) + query)).body;
const press = (who: Parameters<Cockpit['post']>[0], source: string, move: string, fields = {}) =>
  desk.post(who, `${pathOf(source)}/${move}`, fields);
/** What the buttons on a page would do. */
const buttonsOf = (body: string): string[] =>
  [...body.matchAll(/<form method="post" action="\/operators\/systems\/[^"]+\/sides\/([\w-]+)"/g)].map(
    ([, move = '']) => move,
  );

async function planned(source: string): Promise<string> {
  await desk.newSource(source, world.changes);
  const done = await press('olwen', source, 'plan', PLAN);
  if (done.statusCode !== 303) throw new Error(done.body);
  return source;
}

async function started(source: string): Promise<string> {
  await planned(source);
  await press('olwen', source, 'next');
  return source;
}

describe('old and new side by side, in the pages', () => {
  it('is planned from what is usual, moved on when a step has gone well, and taken back at once', async () => {
    const source = await planned('plain');
    expect(buttonsOf(await page('olwen', source))).toEqual(['next', 'shadow-on', 'ask-finalise']);
    expect((await press('olwen', source, 'next')).statusCode).toBe(303);
    const body = await page('olwen', source);
    expect(body).toContain('The new side serves 5% of the people: step 1 of 3.');
    expect(body).toContain('It cannot go on yet: 0 of 10 answers are there.');
    expect(buttonsOf(body)).toEqual(['back', 'complain', 'shadow-on', 'ask-anyway', 'ask-finalise']);
    await world.came(source, 'good', 9);
    await world.came(source, 'failed', 1);
    await world.came(source, 'good', 30, { side: 'old', ms: 90 });
    const well = await page('olwen', source);
    expect(well).toContain('It goes well.');
    expect(well).toMatch(/Let nobody in.*?10%.*?0%.*?above 15%/s);
    expect(buttonsOf(well)).toContain('next');
    expect((await press('olwen', source, 'next')).statusCode).toBe(303);
    expect(await page('viewer', source)).toContain('The new side serves 50% of the people: step 2 of 3.');
    expect((await press('olwen', source, 'to-start')).statusCode).toBe(303);
    expect(await sides().cutover.status(source)).toMatchObject({ percent: 0, sides: { changedBy: 'operator:olwen' } });
  });

  it('shows why it went back by itself, until somebody goes on', async () => {
    const source = await started('stopping');
    await world.came(source, 'failed', 10);
    expect(await page('olwen', source)).toContain('It breaks a limit: too many answers of the new side let nobody in.');
    await sides().cutover.evaluate();
    const stopped = await page('viewer', source);
    expect(stopped).toMatch(/It went one step back by itself on .*: too many answers of the new side let nobody in\./);
    expect(await page('viewer', source, '?lng=cy')).toMatch(/Aeth un cam yn ôl ohono’i hun ar /);
    await press('olwen', source, 'next');
    expect(await page('viewer', source)).not.toContain('by itself on');
  });

  it('takes no plan that cannot be one, and says at which box', async () => {
    const source = await desk.newSource('no-plan', world.changes);
    const wrong = await press('olwen', source, 'plan', {
      ...PLAN,
      steps: '50, 5',
      windowSeconds: '600',
      complaints: 'few',
    });
    expect(wrong.statusCode).toBe(400);
    expect(wrong.body).toContain('Enter 1 to 100,000 complaints');
    const other = await press('olwen', source, 'plan', { ...PLAN, steps: '50, 5' });
    expect([other.statusCode, other.body.includes('each more than the one before')]).toEqual([400, true]);
    expect(other.body).toContain('value="50, 5"');
    expect((await sides().cutover.status(source)).sides.plan).toBeUndefined();
  });

  it('compares and stops comparing, and shows where both agree', async () => {
    const source = await desk.newSource('compared', world.changes);
    expect((await press('olwen', source, 'shadow-on')).statusCode).toBe(303);
    await desk.app.house.db.query({
      text: `INSERT INTO shadow_counts (source, hour, what, n)
             SELECT $1, now(), what, n FROM (VALUES ('both-yes', 90), ('old-only', 10), ('differs:password', 8),
                                                    ('differs:missing', 2), ('differs:email', 45)) AS t (what, n)`,
      values: [source],
    });
    const body = await page('viewer', source);
    expect(body).toContain('Both sides let in 90% of those whom either lets in.');
    expect(body).toMatch(/E-mail address<\/th>.*?50%.*?45/s);
    expect(body).toMatch(/Password<\/th>.*?92%.*?8/s);
    expect((await press('olwen', source, 'shadow-off')).statusCode).toBe(303);
    expect(await page('viewer', source)).toContain('Nothing is compared at the moment.');
  });

  it('changes who is believed, and only what was said otherwise', async () => {
    const source = await desk.newSource('believed', world.changes);
    expect((await press('olwen', source, 'authority', AUTHORITY)).statusCode).toBe(303);
    expect(await sides().authorityOf(source)).toMatchObject({
      version: 1,
      authority: { password: 'new', email: 'old' },
      whenAway: 'imported',
    });
    await press('olwen', source, 'authority', AUTHORITY);
    expect(await sides().authorityOf(source)).toMatchObject({ version: 1 });
    const exported = await desk.newSource('exported');
    const refused = await press('olwen', exported, 'authority', AUTHORITY);
    expect([refused.statusCode, refused.body.includes('no old system that takes what people type')]).toEqual([
      409,
      true,
    ]);
    expect(buttonsOf(await page('olwen', exported))).toEqual(['ask-finalise']);
  });

  it('counts complaints that people told staff, where somebody has moved', async () => {
    const source = await planned('rung');
    const early = await press('support', source, 'complain');
    expect([early.statusCode, early.body.includes('Nobody has moved')]).toEqual([409, true]);
    await press('olwen', source, 'next');
    expect((await press('support', source, 'complain')).statusCode).toBe(303);
    expect(await page('viewer', source)).toMatch(/Complaints at this step<\/th>.*?1.*?at 2/s);
  });

  it('says each refusal in plain words, in both languages', async () => {
    const source = await planned('refusals');
    await press('olwen', source, 'next');
    for (const [move, en, cy] of [
      ['next', 'Too few people were served', 'Gwasanaethwyd rhy ychydig'],
      ['plan', 'It is under way already', 'Mae ar waith eisoes'],
      ['shadow-off', 'It has not begun', 'Nid yw wedi dechrau'],
      ['ask-anyway', 'in at least ten characters', 'mewn deg nod o leiaf'],
      ['ask-finalise', 'in at least ten characters', 'mewn deg nod o leiaf'],
    ] as const) {
      const fields = move === 'plan' ? PLAN : {};
      for (const [language, words] of [
        ['en', en],
        ['cy', cy],
      ] as const) {
        const answer = await desk.post('olwen', `${pathOf(source)}/${move}?lng=${language}`, fields);
        expect([move, answer.statusCode, answer.body.includes(words)]).toEqual([move, 409, true]);
        expect(answer.body).toMatch(/href="#(?:moves|ask-\w+-evidence)"/);
        expect(answer.body).not.toMatch(/operators\.sideBySide\.|undefined|NaN|\[object/);
      }
    }
  });
});

describe('L17: two people', () => {
  it('pass over a step: one who drives asks and says why, another who approves reads it and does it', async () => {
    const source = await started('anyway');
    expect((await press('olwen', source, 'ask-anyway', { evidence: WHY })).statusCode).toBe(303);
    const own = await page('olwen', source);
    expect(own).toContain('You asked for this: an approver other than you must confirm it');
    expect(buttonsOf(own)).not.toContain('approve-anyway');
    const others = await page('bryn', source);
    expect(others).toContain('olwen asks to go one step further anyway');
    expect(others).toContain(WHY);
    expect(buttonsOf(others)).toContain('approve-anyway');
    expect(await page('viewer', source), 'it may name people').not.toContain(WHY);
    const again = await press('bryn', source, 'ask-anyway', { evidence: WHY });
    expect([again.statusCode, again.body.includes('Somebody has asked for this already')]).toEqual([409, true]);
    expect((await sides().cutover.status(source)).sides.step).toBe(1);
    expect((await press('bryn', source, 'approve-anyway')).statusCode).toBe(303);
    expect((await sides().cutover.status(source)).sides.step).toBe(2);
  });

  it('are two, whatever roles one of them has', async () => {
    const source = await started('one-person');
    await press('bryn', source, 'ask-anyway', { evidence: WHY });
    const alone = await press('bryn', source, 'approve-anyway');
    expect([alone.statusCode, alone.body.includes('somebody else must approve it')]).toEqual([409, true]);
    expect((await press('olwen', source, 'approve-anyway')).statusCode, 'olwen drives and does not approve').toBe(403);
    expect((await sides().cutover.status(source)).sides.step).toBe(1);
    await press('olwen', source, 'back');
    await press('olwen', source, 'next');
    expect(await page('bryn', source), 'it was asked of the step before').not.toContain('asks to go one step further');
    const nothing = await press('bryn', source, 'approve-anyway');
    expect([nothing.statusCode, nothing.body.includes('Nobody asks for this any more')]).toEqual([409, true]);
  });

  it('finalise, for good', async () => {
    const source = await started('for-good');
    const early = await press('bryn', source, 'approve-finalise', { evidence: WHY });
    expect([early.statusCode, early.body.includes('Nobody asks for this any more')]).toEqual([409, true]);
    expect((await press('olwen', source, 'ask-finalise', { evidence: WHY })).statusCode).toBe(303);
    expect((await press('bryn', source, 'ask-finalise', { evidence: WHY })).statusCode).toBe(409);
    expect(buttonsOf(await page('bryn', source))).toContain('approve-finalise');
    expect((await sides().authorityOf(source)).stage).toBe('cutting-over');
    expect((await press('bryn', source, 'approve-finalise')).statusCode).toBe(303);
    expect(await sides().authorityOf(source)).toMatchObject({ stage: 'finalised', step: 0 });
    const after = await page('olwen', source);
    expect(after).toContain('The old system is never asked again.');
    expect(buttonsOf(after)).toEqual([]);
    const late = await press('olwen', source, 'next');
    expect([late.statusCode, late.body.includes('that is for good')]).toEqual([409, true]);
  });
});

describe('G7: who may', () => {
  it.each([
    ['plan', ['olwen', 'bryn']],
    ['authority', ['olwen', 'bryn']],
    ['next', ['olwen', 'bryn']],
    ['back', ['olwen', 'bryn']],
    ['to-start', ['olwen', 'bryn']],
    ['shadow-on', ['olwen', 'bryn']],
    ['shadow-off', ['olwen', 'bryn']],
    ['ask-anyway', ['olwen', 'bryn']],
    ['ask-finalise', ['olwen', 'bryn']],
    ['approve-anyway', ['bryn']],
    ['approve-finalise', ['bryn']],
    ['complain', ['olwen', 'bryn', 'support']],
  ])('%s is for its roles, by page and by API', async (move, who) => {
    const source = `roles-of-${move}`;
    await desk.newSource(source, world.changes);
    for (const person of ['olwen', 'bryn', 'viewer', 'support'] as const) {
      const answers = [
        await press(person, source, move),
        await desk.api(person, 'POST', `/systems/${source}/sides/${move}`, {}),
      ];
      for (const { statusCode } of answers)
        expect([person, statusCode === 403]).toEqual([person, !who.includes(person)]);
    }
  });

  it('everybody but administrators sees it; there is nothing to see of what is no system', async () => {
    const source = await desk.newSource('seen', world.changes);
    for (const person of ['olwen', 'bryn', 'viewer', 'support', 'administrator'] as const)
      expect([person, (await desk.get(person, pathOf(source))).statusCode]).toEqual([
        person,
        person === 'administrator' ? 403 : 200,
      ]);
    expect((await desk.get('viewer', pathOf('nothing-like-it'))).statusCode).toBe(404);
    expect((await press('olwen', 'nothing-like-it', 'next')).statusCode).toBe(404);
    await desk.finished(source, [{ id: 'P1', hash: SLOW_HASH }]);
    await desk.app.house.migration.progress.count();
    expect((await desk.get('viewer', `/operators/systems/${source}`)).body).toContain(`href="${pathOf(source)}"`);
  });
});
