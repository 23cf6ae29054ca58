import { afterAll, beforeAll, expect, it } from 'vitest';
import { type OldWorld, oldWorld } from '../../../test/support/old-world.ts';
import { countProgress } from './count-progress.ts';

let world: OldWorld;
beforeAll(async () => {
  world = await oldWorld();
});
afterAll(() => world.drop());

const DAY_MS = 24 * 3600 * 1000;

it('counts who waits and who has moved, once for all nodes, a row a day', async () => {
  const { progress } = world.migration;
  expect(await progress.systems()).toMatchObject([
    { source: 'rent-portal', department: 'Department for Housing', state: 'waiting', countedAt: undefined },
  ]);
  const [one] = [await world.oldPerson(), await world.oldPerson(), await world.oldPerson()];
  const now = (): Date => world.clock.now;
  const nodes = await Promise.all(Array.from({ length: 8 }, () => countProgress({ db: world.db, now })));
  expect(nodes.filter(Boolean)).toHaveLength(1);
  expect(await progress.systems()).toMatchObject([{ state: 'moving', waiting: 3, adopted: 0, other: 0 }]);

  await world.adopt(one);
  await progress.count();
  expect(await progress.systems(), 'the count is fresh still').toMatchObject([{ waiting: 3 }]);

  const first = world.clock.now.toISOString().slice(0, 10);
  world.tick(DAY_MS);
  await progress.count();
  expect(await progress.systems()).toMatchObject([{ state: 'moving', waiting: 2, adopted: 1 }]);
  expect(await progress.history('rent-portal')).toMatchObject([
    { day: first, waiting: 3, adopted: 0 },
    { waiting: 2, adopted: 1 },
  ]);
});

it('is done when its source is finalised, whoever waits', async () => {
  await world.db.query({
    text: `INSERT INTO source_sides (source, version, authority, when_away, step, finalised_at, changed_by, changed_at)
           VALUES ('rent-portal', 1, '{}', 'refuse', 0, $1, 'operator:test', $1)`,
    values: [world.clock.now],
  });
  expect(await world.migration.progress.systems()).toMatchObject([{ state: 'done', waiting: 2 }]);
  await world.db.query({ text: 'DELETE FROM source_sides' });
});

it('is done when nobody waits, and waits again when an import was undone', async () => {
  const { progress } = world.migration;
  await world.db.query({ text: "UPDATE legacy_accounts SET state = 'retired' WHERE state = 'waiting'" });
  world.tick(DAY_MS);
  await progress.count();
  expect(await progress.systems()).toMatchObject([{ state: 'done', waiting: 0, adopted: 1, other: 2 }]);
  await world.db.query({ text: 'DELETE FROM legacy_accounts' });
  world.tick(DAY_MS);
  await progress.count();
  expect(await progress.systems()).toMatchObject([{ state: 'waiting', waiting: 0, adopted: 0, other: 0 }]);
});

it('is counted by somebody else when who had the turn died', async () => {
  const now = (): Date => world.clock.now;
  const dies = {
    ...world.db,
    transaction: () => Promise.reject(new Error('killed')),
  };
  world.tick(DAY_MS);
  await expect(countProgress({ db: dies, now })).rejects.toThrow('killed');
  expect(await countProgress({ db: world.db, now })).toBe(false);
  world.tick(31 * 60_000);
  expect(await countProgress({ db: world.db, now })).toBe(true);
});
