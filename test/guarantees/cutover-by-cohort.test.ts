import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { bucketOf } from '../../src/migration/cutover/route-of.ts';
import { by, CHANGED, PASSWORD, type TwoSides, twoSides } from '../support/two-sides.ts';

const act = { meta: by, evidence: 'Agreed with the department on 20 November.' };
const bob = { ...act, meta: { actor: 'operator:bob' } };

describe('a cut-over by cohort', () => {
  let world: TwoSides;
  beforeEach(async () => {
    world = await twoSides();
    await world.sides.setAuthority('rent-portal', { authority: { password: 'new' } }, by);
    const planned = await world.sides.cutover.plan('rent-portal', { steps: [50, 100], minSamples: 10 }, by);
    if (planned.outcome !== 'changed') throw new Error(JSON.stringify(planned));
  });
  afterEach(() => world.drop());

  const cutover = () => world.sides.cutover;
  const next = (more: object = {}) => cutover().next('rent-portal', { ...act, ...more });
  const stage = async () => {
    const { sides, percent } = await cutover().status('rent-portal');
    return { stage: sides.stage, percent, stopped: sides.stopped?.by };
  };
  /** To its second step, which is everybody. */
  const toTheEnd = async (): Promise<void> => {
    await next();
    await next({ anyway: true });
    await next({ anyway: true, ...bob });
  };
  /** Somebody on either side of half of all people. */
  const somebody = async (moved: boolean): Promise<string> => {
    for (;;) {
      const login = await world.person();
      if (bucketOf(world.keyRing, 'rent-portal', login) < 5000 === moved) return login;
    }
  };
  const came = (...args: Parameters<TwoSides['came']>) => world.came(...args);

  it('serves those it has reached by what was imported, and everybody else by the old system', async () => {
    const [reached, other] = [await somebody(true), await somebody(false)];
    for (const login of [reached, other]) world.old.people.get(login)!.password = CHANGED;
    expect(await next()).toMatchObject({ outcome: 'changed', sides: { step: 1 } });
    for (const way of ['old-system', 'old-password'] as const) {
      world.old.asked.length = 0;
      expect(await world.signIn(reached, PASSWORD, way)).toMatchObject({ outcome: 'match', kind: 'old-password' });
      expect(await world.signIn(reached, CHANGED, way)).toMatchObject({ outcome: 'mismatch' });
      expect(world.old.asked).toEqual([]);
      expect(await world.signIn(other, CHANGED, way)).toMatchObject({ outcome: 'match' });
      expect(await world.signIn(other, PASSWORD, way)).toMatchObject({ outcome: 'mismatch' });
      expect(world.old.asked).toEqual([other, other]);
    }
    // A capital letter or a blank makes nobody another person.
    world.old.asked.length = 0;
    const capital = reached.toUpperCase();
    for (const spelt of [
      capital,
      ` ${reached}`,
      `${reached} `,
      ` ${reached} `,
      ` ${capital}`,
      `${capital} `,
      `  ${reached}`,
    ])
      expect(await world.signIn(spelt, PASSWORD, 'old-system')).toMatchObject({ outcome: 'match' });
    expect(world.old.asked).toEqual([]);
  });

  it('asks the old system again of those it has reached while its passwords are believed', async () => {
    const reached = await somebody(true);
    world.old.people.get(reached)!.password = CHANGED;
    await world.sides.setAuthority('rent-portal', { authority: { password: 'old' } }, by);
    await next();
    expect(await world.signIn(reached, PASSWORD, 'old-system')).toMatchObject({ outcome: 'mismatch' });
    expect(await world.signIn(reached, CHANGED, 'old-system')).toMatchObject({ outcome: 'match' });
    expect(await world.trail()).toContain('legacy.password-followed');
  });

  it('switches back at once, by one person', async () => {
    const reached = await somebody(true);
    await next();
    expect(await cutover().back('rent-portal', { meta: by })).toMatchObject({ outcome: 'changed', sides: { step: 0 } });
    world.old.asked.length = 0;
    expect(await world.signIn(reached, PASSWORD, 'old-system')).toMatchObject({
      outcome: 'match',
      kind: 'old-sign-in',
    });
    expect(world.old.asked).toEqual([reached]);
    expect(await cutover().back('rent-portal', { meta: by })).toMatchObject({ reason: 'at-the-beginning' });
  });

  it.each(['old-password', 'old-system'] as const)(
    'serves everybody by the old system before its first step, and when it has gone all the way back, by %s',
    async (way) => {
      const [reached, other] = [await somebody(true), await somebody(false)];
      const servedByOld = async (): Promise<void> => {
        world.old.asked.length = 0;
        for (const login of [reached, other])
          expect(await world.signIn(login, PASSWORD, way)).toMatchObject({ outcome: 'match' });
        expect(world.old.asked).toEqual([reached, other]);
      };
      await servedByOld();
      await next();
      await cutover().back('rent-portal', { meta: by, toStart: true });
      await servedByOld();
    },
  );

  it('goes on only when enough people were served, and went well; or by two people', async () => {
    await next();
    expect(await next()).toEqual({ outcome: 'refused', reason: 'too-few-answers' });
    world.tick(10_000);
    await came('failed', 10);
    expect(await next()).toEqual({ outcome: 'refused', reason: 'not-quiet' });
    expect(await next({ anyway: true })).toMatchObject({ outcome: 'requested' });
    expect(await next({ anyway: true })).toMatchObject({ reason: 'same-operator' });
    expect(await next({ anyway: true, ...bob, only: 'ask' })).toMatchObject({ reason: 'asked-already' });
    expect(await next({ anyway: true, ...bob })).toMatchObject({ outcome: 'changed', sides: { step: 2 } });
    expect(await next()).toMatchObject({ reason: 'at-the-end' });
    await cutover().back('rent-portal', { meta: by });
    world.tick(10_000);
    await came('good', 10);
    expect(await next()).toMatchObject({ outcome: 'changed', sides: { step: 2 } });
  });

  it('L17: what was asked of one step is approved of no other, and nothing is approved that nobody asks for', async () => {
    const approve = () => next({ ...bob, anyway: true, only: 'approve' });
    expect(await approve(), 'the first step needs one person, who may drive').toMatchObject({
      reason: 'nothing-asked',
    });
    await next();
    expect(await next({ anyway: true, only: 'ask' })).toMatchObject({ outcome: 'requested' });
    expect(await world.sides.requests('rent-portal')).toMatchObject({
      anyway: { askedBy: 'operator:amy', evidence: act.evidence },
      finalise: undefined,
    });
    await cutover().back('rent-portal', { meta: by });
    world.tick(10_000);
    await next();
    expect(await approve(), 'it was asked of the step before').toMatchObject({ reason: 'nothing-asked' });
    expect(await world.sides.requests('rent-portal')).toMatchObject({ anyway: undefined });
    world.tick(10_000);
    await came('good', 10);
    expect(await approve(), 'although the step goes well').toMatchObject({ reason: 'nothing-asked' });
    expect(await stage()).toMatchObject({ percent: 50 });
  });

  it('counts real sign-ins on both sides, and no names', async () => {
    const [reached, other] = [await somebody(true), await somebody(false)];
    await next();
    world.tick(10_000);
    await world.signIn(reached, PASSWORD, 'old-system');
    await world.signIn(reached, 'wrong', 'old-password');
    await world.signIn(other, PASSWORD, 'old-system');
    world.old.isAway = true;
    await world.signIn(other, PASSWORD, 'old-password');
    const rows = await world.db.query({
      text: "SELECT side, what, n FROM cutover_counts WHERE what IN ('good', 'failed', 'away') ORDER BY side, what",
    });
    expect(rows).toEqual([
      { side: 'new', what: 'failed', n: 1 },
      { side: 'new', what: 'good', n: 1 },
      { side: 'old', what: 'away', n: 1 },
      { side: 'old', what: 'good', n: 1 },
    ]);
  });

  it.each([
    ['failure-rate', () => came('failed', 20)],
    ['failure-rate', () => came('away', 20)],
    ['latency', () => came('good', 20, { ms: 4500 })],
    ['complaints', () => complain(5)],
  ] as const)(
    'stops by itself for %s in less than a minute, once, whichever of two nodes sees it',
    async (reason, go) => {
      const other = world.anotherNode();
      await toTheEnd();
      world.tick(10_000);
      await came('good', 10);
      const began = world.clock.now.getTime();
      await go();
      const nodes = [world.migration, other.migration];
      const stops = [];
      while (stops.length === 0 && world.clock.now.getTime() - began < 60_000) {
        world.tick(5000);
        const seen = await Promise.all(nodes.map((node) => node.sideBySide.cutover.evaluate()));
        stops.push(...seen.flat());
      }
      expect(stops).toEqual([{ source: 'rent-portal', by: reason, toPercent: 50 }]);
      for (const node of nodes) expect(await node.sideBySide.cutover.evaluate()).toEqual([]);
      expect(await stage()).toEqual({ stage: 'cutting-over', percent: 50, stopped: reason });
      const trail = await world.trail();
      expect(trail.filter((type) => type === 'source.cutover-stopped')).toHaveLength(1);
    },
  );

  const complain = async (times: number): Promise<void> => {
    for (let time = 0; time < times; time += 1) await cutover().complain('rent-portal', by);
  };

  it('goes back once when two nodes have seen the same trouble before either did anything', async () => {
    const nodes = [world.migration, world.anotherNode().migration];
    await toTheEnd();
    world.tick(10_000);
    await came('failed', 20);
    const stops = await world.db.transaction(async (tx) => {
      await tx.query({ text: 'SELECT 1 FROM source_sides FOR UPDATE' });
      const evaluating = nodes.map((node) => node.sideBySide.cutover.evaluate());
      // Both have decided, and wait to write.
      await vi.waitFor(async () => {
        const waiting = {
          text: "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
        };
        if ((await world.db.query(waiting)).length < nodes.length) throw new Error('not yet');
      }, 5000);
      return { evaluating };
    });
    expect((await Promise.all(stops.evaluating)).flat()).toMatchObject([{ by: 'failure-rate', toPercent: 50 }]);
    expect(await stage()).toMatchObject({ percent: 50 });
  });

  it('goes back one step at a time, each judged by what came since', async () => {
    await toTheEnd();
    world.tick(10_000);
    await came('failed', 30);
    world.tick(10_000);
    expect(await cutover().evaluate()).toMatchObject([{ toPercent: 50 }]);
    expect(await cutover().evaluate()).toEqual([]);
    world.tick(10_000);
    await came('good', 20);
    expect(await cutover().evaluate()).toEqual([]);
    expect(await stage()).toEqual({ stage: 'cutting-over', percent: 50, stopped: 'failure-rate' });
    // Whoever has read why may go on.
    expect(await next()).toMatchObject({ outcome: 'changed', sides: { step: 2, stopped: undefined } });
  });

  it('a move by hand meanwhile is not taken for the step that failed', async () => {
    await next();
    world.tick(10_000);
    await came('failed', 30);
    const [, stops] = await Promise.all([cutover().back('rent-portal', { meta: by }), cutover().evaluate()]);
    const { sides } = await cutover().status('rent-portal');
    expect(sides.step).toBe(0);
    expect(stops.length + (sides.stopped ? 0 : 1)).toBe(1);
  });

  it('is planned only where both sides could serve people, and not anew while it is under way', async () => {
    const { definition } = (await world.migration.sources.find('rent-portal'))!;
    const policy = { version: 1, proofs: ['old-sign-in'], assurance: 'Cl' };
    await world.migration.sources.add({ ...definition, source: 'an-export', adapter: undefined }, by);
    await world.migration.sources.add({ ...definition, source: 'live-only', policy }, by);
    const plan = (source: string, draft = {}) => cutover().plan(source, draft, by);
    expect(await plan('an-export')).toMatchObject({ reason: 'nobody-to-ask' });
    expect(await plan('live-only')).toMatchObject({ reason: 'nothing-imported' });
    expect(await cutover().next('live-only', act)).toMatchObject({ reason: 'no-plan' });
    expect(await plan('rent-portal', { steps: [50, 25] })).toMatchObject({ outcome: 'invalid' });
    expect(await cutover().complain('rent-portal', by)).toEqual({ outcome: 'nobody-moved' });
    await next();
    expect(await plan('rent-portal')).toMatchObject({ reason: 'under-way' });
  });

  it('A11: the same for whoever is asked for, moved or not', async () => {
    const known = [await somebody(true), await somebody(false)];
    const unknown = [true, false].map((isReached) => {
      for (let n = 0; ; n += 1)
        if (bucketOf(world.keyRing, 'rent-portal', `nobody-${n}`) < 5000 === isReached) return `nobody-${n}`;
    });
    await next();
    const seen = [];
    for (const login of [...known, ...unknown]) {
      world.old.asked.length = 0;
      world.work.oldHashes = 0;
      const result = await world.signIn(login, 'something else altogether');
      const mayComplain = 'refusal' in result && result.refusal !== undefined;
      const { outcome } = result;
      seen.push({ outcome, mayComplain, asked: world.old.asked.length, hashes: world.work.oldHashes });
    }
    expect(seen.slice(0, 2)).toEqual(seen.slice(2));
    expect(seen[0]).toEqual({ outcome: 'mismatch', mayComplain: true, asked: 0, hashes: 1 });
    expect(seen.every(({ mayComplain }) => mayComplain)).toBe(true);
    expect(seen[1]).toMatchObject({ asked: 1 });
  });
});
