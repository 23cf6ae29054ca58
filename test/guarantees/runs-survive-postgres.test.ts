import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { migrate } from '../../src/platform/postgres/migrate.ts';
import { type CrashingPostgres, crashedRun, crashingPostgres } from '../support/crashing-postgres.ts';
import { done, OLWEN } from '../support/run-desk.ts';
import { approve, ask, bring, bytesOf, openRunEstate, prepareRun } from '../support/run-estate.ts';
import { randomFrom } from '../support/run-workers.ts';

let folder: string;
let postgres: CrashingPostgres;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'killed-postgres-'));
  postgres = await crashingPostgres(folder);
});
afterAll(async () => {
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
});

it(
  'F20, F5, I6: Postgres killed under a worker and started again, the run ends byte for byte as undisturbed',
  { timeout: 180_000 },
  async () => {
    await postgres.admin('CREATE DATABASE killed');
    await migrate(postgres.urlOf('killed'));
    const preparing = openRunEstate(postgres.urlOf('killed'));
    const runId = await prepareRun(preparing, folder, { sources: 2, rows: 1100 });
    await bring(preparing.runs, runId, 'rehearsed');
    await approve(preparing.runs, runId);
    await bring(preparing.runs, runId, 'staged');
    await preparing.close();
    await postgres.admin('CREATE DATABASE calm TEMPLATE killed');
    const [killed, calm] = [openRunEstate(postgres.urlOf('killed')), openRunEstate(postgres.urlOf('calm'))];
    for await (const phase of crashedRun({ postgres, runId, kills: 1, random: randomFrom(7) }, { killed, calm })) {
      expect(phase).toMatchObject({ killed: 1, disturbed: phase.calm });
    }
    await killed.close();
    await calm.close();
  },
);

it(
  'F20, F5: a batch that a crash of Postgres loses while its worker rests is missed, and done again',
  { timeout: 180_000 },
  async () => {
    await postgres.admin('CREATE DATABASE lost');
    await migrate(postgres.urlOf('lost'));
    const estate = openRunEstate(postgres.urlOf('lost'));
    const { runs, db } = estate;
    const runId = await prepareRun(estate, join(folder, 'lost'), { sources: 1, rows: 600 });
    const before = (await bytesOf(db))['legacy_accounts'];
    const loseABatch = async (isDone: string): Promise<void> => {
      const countDone = async (): Promise<number> => {
        const text = `SELECT count(*)::int AS n FROM run_batches WHERE run_id = $1 AND ${isDone}`;
        const [row] = await db.query<{ n: number }>({ text, values: [runId] });
        return row?.n ?? 0;
      };
      const working = runs.work({ runId, untilIdle: true, pace: 2 });
      await expect.poll(countDone, { interval: 2, timeout: 30_000 }).toBe(1);
      await postgres.crash();
      expect(await countDone(), 'it is lost').toBe(0);
      await working;
    };
    done(await runs.advance(runId, 'validated', OLWEN));
    await loseABatch('true');
    expect((await runs.find(runId))?.state).toBe('validated');
    await bring(runs, runId, 'rehearsed');
    await approve(runs, runId);
    await bring(runs, runId, 'staged');
    await ask(runs, runId, 'reconciled');
    await loseABatch('applied_at IS NOT NULL');
    // In balance, or it would be `ran`.
    expect((await runs.find(runId))?.state).toBe('reconciled');
    await ask(runs, runId, 'undone');
    await loseABatch('undone_at IS NOT NULL');
    expect((await runs.find(runId))?.state).toBe('undone');
    expect((await bytesOf(db))['legacy_accounts']).toEqual(before);
    await estate.close();
  },
);
