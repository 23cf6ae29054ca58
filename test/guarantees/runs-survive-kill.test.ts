import { randomBytes, randomInt } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { approve, ask, bring, bytesOf, openedOf, openRunEstate, prepareRun } from '../support/run-estate.ts';
import { randomFrom, workThroughKills } from '../support/run-workers.ts';

const SIZES = { sources: 3, rows: 1100 };
const databases: string[] = [];
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'killed-runs-'));
});
afterAll(async () => {
  for (const name of databases) await admin(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  await rm(folder, { recursive: true });
});

async function admin(statement: string): Promise<void> {
  const client = new Client({ connectionString: inject('postgresUrl') });
  await client.connect();
  await client.query(statement);
  await client.end();
}

/** A database like that one, to which nobody may be connected. */
async function copyOf(template: string): Promise<{ name: string; url: string }> {
  const name = `killed_${randomBytes(6).toString('hex')}`;
  databases.push(name);
  await admin(`CREATE DATABASE ${name} TEMPLATE ${template} STRATEGY file_copy`);
  const url = new URL(inject('postgresUrl'));
  url.pathname = `/${name}`;
  return { name, url: url.href };
}

it(
  'F20, I6: killed at random moments of every phase, a run ends byte for byte as the one that nobody disturbed',
  { timeout: 120_000 },
  async () => {
    const seed = randomInt(2 ** 31);
    const random = randomFrom(seed);
    const kills = (url: string, runId: string, count: number, db: Parameters<typeof bytesOf>[0]) =>
      workThroughKills({ db, url, runId, kills: count, random, withinMs: 700, waits: false });

    const first = await copyOf('latchkey_template');
    const preparing = openRunEstate(first.url);
    const runId = await prepareRun(preparing, folder, SIZES);
    await preparing.close();
    const second = await copyOf(first.name);
    let killed = openRunEstate(first.url);
    let calm = openRunEstate(second.url);
    let count = 0;

    await ask(killed.runs, runId, 'rehearsed');
    count += await kills(first.url, runId, 3, killed.db);
    await bring(calm.runs, runId, 'rehearsed');
    expect(await bytesOf(killed.db), `seed ${seed}`).toEqual(await bytesOf(calm.db));

    for (const { runs } of [killed, calm]) await approve(runs, runId);
    await ask(killed.runs, runId, 'staged');
    count += await kills(first.url, runId, 2, killed.db);
    await bring(calm.runs, runId, 'staged');
    expect(await openedOf(killed), `seed ${seed}`).toEqual(await openedOf(calm));

    // Data keys are drawn when a row is staged: from here on every byte must agree.
    const start = await bytesOf(killed.db);
    for (const estate of [killed, calm]) await estate.close();
    const third = await copyOf(first.name);
    killed = openRunEstate(first.url);
    calm = openRunEstate(third.url);
    await ask(killed.runs, runId, 'reconciled');
    count += await kills(first.url, runId, 3, killed.db);
    await bring(calm.runs, runId, 'reconciled');
    const ran = await bytesOf(killed.db);
    expect(ran, `seed ${seed}`).toEqual(await bytesOf(calm.db));
    expect((await killed.runs.balance(runId))?.sheet.balanced).toBe(true);

    await ask(killed.runs, runId, 'undone');
    count += await kills(first.url, runId, 2, killed.db);
    await bring(calm.runs, runId, 'undone');
    const undone = await bytesOf(killed.db);
    expect(undone, `seed ${seed}`).toEqual(await bytesOf(calm.db));
    for (const table of ['legacy_accounts', 'legacy_login_names']) {
      expect(ran[table]).not.toEqual(start[table]);
      expect(undone[table]).toEqual(start[table]);
    }
    expect(count).toBeGreaterThanOrEqual(7);
    for (const estate of [killed, calm]) await estate.close();
  },
);
