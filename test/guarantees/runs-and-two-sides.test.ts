import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bcryptOf, rentCsv } from '../support/legacy-estate.ts';
import { done } from '../support/run-desk.ts';
import { CHANGED, type TwoSides, twoSides } from '../support/two-sides.ts';

let world: TwoSides;
let folder: string;
beforeAll(async () => {
  world = await twoSides();
  folder = await mkdtemp(join(tmpdir(), 'runs-'));
});
afterAll(async () => {
  await world.drop();
  await rm(folder, { recursive: true });
});

const OLWEN = { actor: 'operator:olwen' };
const BRYN = { actor: 'operator:bryn' };
const HASH = bcryptOf('as it was exported');

/** A run of a file that was made on this day. */
async function planOf(csv: string, day: string) {
  const place = join(folder, `${day}-${Math.abs(csv.length)}.csv`);
  await writeFile(place, csv);
  await utimes(place, new Date(day), new Date(day));
  const files = [{ source: 'rent-portal', fileName: 'rent.csv', place }];
  return world.migration.runs.plan({ title: 'Two sides', files, confirmed: true, meta: OLWEN });
}

async function runOf(csv: string, day: string) {
  const { runs } = world.migration;
  const planned = await planOf(csv, day);
  if (planned.outcome !== 'planned') throw new Error(JSON.stringify(planned));
  const { runId } = planned.run;
  const to = async (target: 'rehearsed' | 'reconciled') => {
    done(await runs.advance(runId, target, OLWEN));
    await runs.work({ runId, untilIdle: true });
  };
  await to('rehearsed');
  done(await runs.approve(runId, BRYN, { olderFile: true }));
  await to('reconciled');
  return runId;
}

const outcomesOf = async (runId: string) =>
  (await world.migration.runs.outcomes({ runId, pass: 'run', limit: 10 })).rows.map(({ outcome, code }) => [
    outcome,
    code,
  ]);

describe('a run of a source that still runs', () => {
  it('F21: a file that is older than a password that was followed changes nothing of it; a newer one does', async () => {
    const login = await world.person();
    const person = world.old.people.get(login);
    if (person) person.password = CHANGED;
    expect(await world.signIn(login, CHANGED)).toMatchObject({ outcome: 'match' });
    const followed = await world.row(login);
    expect(followed['followed_at']).not.toBeNull();
    const changed = rentCsv([{ id: login.toUpperCase(), login, hash: HASH, name: 'Ann Changed' }]);
    expect(await outcomesOf(await runOf(changed, '2026-11-01'))).toEqual([['unchanged', 'followed_since']]);
    expect(await world.row(login)).toEqual(followed);
    expect(await outcomesOf(await runOf(changed, '2026-11-23'))).toEqual([['changed', undefined]]);
  });

  it('F23: undo leaves a row whose password was followed since, and lists it', async () => {
    const login = 'fresh-1';
    world.old.people.set(login, { id: 'FRESH-1', password: CHANGED });
    const csv = rentCsv([{ id: 'FRESH-1', login, hash: HASH }]);
    const runId = await runOf(csv, '2026-11-24');
    expect(await outcomesOf(runId)).toEqual([['new', undefined]]);
    expect(await world.signIn(login, CHANGED)).toMatchObject({ outcome: 'match' });
    // What was proved a moment ago keeps the row too; only what was followed is looked at here.
    world.tick(24 * 3600 * 1000);
    done(await world.migration.runs.undo(runId, BRYN, 'the wrong file'));
    await world.migration.runs.work({ runId, untilIdle: true });
    const run = await world.migration.runs.find(runId);
    expect(run?.parts[0]?.counts.undo).toEqual({ restored: 0, touched: 1, superseded: 0 });
    expect(await world.row(login)).toMatchObject({ state: 'waiting' });
  });

  it('LA32: nothing comes in from an old system that is finalised, by a run or by an import', async () => {
    const login = await world.person();
    for (const actor of ['operator:olwen', 'operator:bryn'])
      await world.sides.finalise('rent-portal', { meta: { actor }, evidence: 'the old system was switched off' });
    const refused = { outcome: 'refused', problems: [{ code: 'source_finalised' }] };
    expect(await planOf(world.exportOf(login), '2026-11-29')).toMatchObject(refused);
    expect(await world.importText(world.exportOf(login))).toMatchObject(refused);
  });
});
