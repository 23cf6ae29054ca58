import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase } from '../../src/platform/postgres/database.ts';
import { migrate, pendingMigrations } from '../../src/platform/postgres/migrate.ts';
import { emptyDatabase, testDatabase } from '../support/postgres.ts';

describe('the migrations of this repository', () => {
  it('apply on an empty database, and a second run applies nothing', async () => {
    const { url, drop } = await emptyDatabase();
    const first = await migrate(url);
    const second = await migrate(url);
    await drop();
    expect(first.applied[0]).toBe('0001_ground.sql');
    expect(second.applied).toEqual([]);
  });

  it('are applied once when four processes start at the same moment', async () => {
    const { url, drop } = await emptyDatabase();
    const outcomes = await Promise.all([migrate(url), migrate(url), migrate(url), migrate(url)]);
    await drop();
    const applied = outcomes.flatMap((outcome) => outcome.applied);
    expect(applied).toEqual([...new Set(applied)]);
    expect(applied).toContain('0001_ground.sql');
  });

  it('are pending on an empty database and not on a migrated one', async () => {
    const { url, drop } = await emptyDatabase();
    const db = openDatabase({ url, poolSize: 1, statementTimeoutMs: 5_000, connectTimeoutMs: 5_000 }, () => {});
    expect(await pendingMigrations(db)).toContain('0001_ground.sql');
    await db.close();
    await drop();
    const migrated = await testDatabase();
    expect(await pendingMigrations(migrated.db)).toEqual([]);
    await migrated.drop();
  });
});

describe('a migration that goes wrong', () => {
  let folder = '';
  let database = { url: '', drop: async (): Promise<void> => {} };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'latchkey-migrations-'));
    database = await emptyDatabase();
  });
  afterAll(async () => {
    await database.drop();
    await rm(folder, { recursive: true, force: true });
  });

  const run = (): Promise<{ applied: string[] }> => migrate(database.url, () => {}, pathToFileURL(`${folder}/`));

  it('leaves nothing of itself, keeps what went before, and can be repaired and run again', async () => {
    await writeFile(join(folder, '0001_good.sql'), 'CREATE TABLE good (id int PRIMARY KEY);');
    await writeFile(join(folder, '0002_half.sql'), 'CREATE TABLE half (id int PRIMARY KEY); SELECT 1 / 0;');
    await expect(run()).rejects.toThrow('migration 0002_half.sql failed');
    await writeFile(join(folder, '0002_half.sql'), 'CREATE TABLE half (id int PRIMARY KEY);');
    expect(await run()).toEqual({ applied: ['0002_half.sql'] });
  });

  it('is refused when its file was changed after it was applied', async () => {
    await writeFile(join(folder, '0001_good.sql'), 'CREATE TABLE good (id bigint PRIMARY KEY);');
    await expect(run()).rejects.toMatchObject({ cause: { message: 'the file was changed after it was applied' } });
  });
});
