import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { LatchkeyError } from '../../src/platform/failure/latchkey-error.ts';
import { by, CHANGED, PASSWORD, type TwoSides, twoSides } from '../support/two-sides.ts';

const why = { evidence: 'The contract of the rent portal ended on 30 November.' };
const amy = { meta: { actor: 'operator:amy' }, ...why };
const bob = { meta: { actor: 'operator:bob' }, ...why };

describe('finalising a source', () => {
  let world: TwoSides;
  let unfinished = false;
  /** Came in while anything still did. */
  let waiting: string;
  beforeAll(async () => {
    world = await twoSides();
    waiting = await world.person();
  });
  afterAll(() => world.drop());
  beforeEach(() => {
    world.old.asked.length = 0;
  });

  const finalise = (act: typeof amy) => world.sides.finalise('rent-portal', act);
  const holdBy = async (): Promise<void> => {
    unfinished = !unfinished;
    await world.db.query(
      unfinished
        ? {
            text: "INSERT INTO source_runs (source, run_id, since) VALUES ('rent-portal', gen_random_uuid(), now())",
          }
        : { text: 'DELETE FROM source_runs' },
    );
  };

  it('LA32: is refused while a run of it is unfinished', async () => {
    await holdBy();
    expect(await finalise(amy)).toEqual({ outcome: 'refused', reason: 'runs-unfinished' });
    await holdBy();
  });

  it('is refused where people would have no way left', async () => {
    const definition = { adapter: world.old.adapter, firstSight: 'create', source: 'live-only' };
    const policy = { version: 1, proofs: ['old-sign-in'], assurance: 'Cl' };
    const { definition: rent } = (await world.migration.sources.find('rent-portal'))!;
    await world.migration.sources.add({ ...rent, ...definition, policy }, by);
    expect(await world.sides.finalise('live-only', amy)).toEqual({ outcome: 'refused', reason: 'no-other-way' });
  });

  it('LA32: needs two people, and each a name and a reason', async () => {
    expect(await finalise({ meta: { actor: 'citizen' }, ...why })).toMatchObject({ reason: 'not-an-operator' });
    expect(await finalise({ ...amy, evidence: 'because' })).toMatchObject({ reason: 'evidence-missing' });
    expect(await finalise(amy)).toMatchObject({ outcome: 'requested' });
    expect(await finalise(amy)).toMatchObject({ reason: 'same-operator' });
    expect(await world.migration.operatorRequests.list()).toMatchObject([
      { kind: 'finalise-source', source: 'rent-portal', askedBy: 'operator:amy', evidence: why.evidence },
    ]);
    expect(await world.sides.authorityOf('rent-portal')).toMatchObject({ stage: 'before' });
    // A run that began between the two keeps the second from it, too.
    await holdBy();
    expect(await finalise(bob)).toMatchObject({ reason: 'runs-unfinished' });
    await holdBy();
  });

  it('LA09, LA36: from then on the old system is never asked again, in no way, by nobody', async () => {
    const [login, changed] = [await world.person(), await world.person()];
    world.old.people.get(changed)!.password = CHANGED;
    await world.sides.shadow.on('rent-portal', by);
    expect(await finalise(bob)).toMatchObject({ outcome: 'changed', sides: { stage: 'finalised' } });
    expect(await world.trail()).toContain('source.finalised');

    expect(await world.migration.proving.ways('rent-portal')).toEqual(['old-password']);
    await expect(world.signIn(login, PASSWORD, 'old-system')).rejects.toThrow('unavailable');
    expect(await world.signIn(login)).toMatchObject({ outcome: 'match' });
    // Somebody who has the old system's address now may say yes to anything.
    expect(await world.signIn(changed, CHANGED)).toEqual({ outcome: 'mismatch' });
    expect(await world.signIn('nobody-at-all')).toEqual({ outcome: 'mismatch' });
    const { oldSystems, proving } = world.migration;
    await expect(oldSystems.probe('rent-portal')).rejects.toThrow(LatchkeyError);
    await expect(oldSystems.check('rent-portal', { actor: 'operator:amy' })).rejects.toThrow(/finalised/);
    const place = { journeyId: 'j', browserKey: 'b' };
    const attempt = {
      source: 'rent-portal',
      way: 'old-system',
      place,
      ip: '10.1.1.1',
      language: 'en',
      tag: 't',
    } as const;
    const begun = { ...attempt, deliver: async () => {} };
    const state = JSON.stringify({ version: 1, adapter: '' });
    const fields = { login, password: PASSWORD };
    expect(await proving.answer({ ...begun, state, fields })).toEqual({ outcome: 'unavailable' });
    expect(world.old.asked).toEqual([]);
  });

  it('LA36: nothing makes it begin again, not even a new definition', async () => {
    const { definition } = (await world.migration.sources.find('rent-portal'))!;
    await world.migration.sources.add({ ...definition, department: 'Another department' }, by);
    const refused = { outcome: 'refused', reason: 'finalised' };
    expect(await world.sides.setAuthority('rent-portal', { authority: { password: 'old' } }, by)).toEqual(refused);
    expect(await world.sides.shadow.on('rent-portal', by)).toEqual(refused);
    expect(await world.sides.cutover.plan('rent-portal', {}, by)).toEqual(refused);
    expect(await world.sides.cutover.next('rent-portal', amy)).toEqual(refused);
    expect(await finalise(amy)).toEqual(refused);
    expect(await world.signIn(waiting)).toMatchObject({ outcome: 'match' });
    expect(world.old.asked).toEqual([]);
  });
});
