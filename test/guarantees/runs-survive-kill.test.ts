import { randomBytes, randomInt } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { type KilledPhase, killedRun } from '../support/killed-run.ts';
import { randomFrom } from '../support/run-workers.ts';

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
    const phases = killedRun({
      folder,
      sizes: { sources: 3, rows: 1100 },
      empty: () => copyOf('latchkey_template'),
      copyOf,
      kills: { rehearsed: 3, staged: 2, reconciled: 3, undone: 2 },
      random: randomFrom(seed),
      waits: false,
    });
    const seen = new Map<string, KilledPhase>();
    for await (const phase of phases) {
      expect(phase.disturbed, `${phase.goal}, seed ${seed}`).toEqual(phase.calm);
      expect(phase.killed, `${phase.goal}, seed ${seed}`).toBeGreaterThanOrEqual(1);
      seen.set(phase.goal, phase);
    }
    // It was there, and all of it is gone again.
    expect(seen.get('reconciled')?.calm).toMatchObject({ legacy_accounts: { rows: 6300 } });
    const { rest: before } = seen.get('rehearsed')!.calm as { rest: Record<string, unknown> };
    const undone = seen.get('undone')!.calm as Record<string, unknown>;
    for (const table of ['legacy_accounts', 'legacy_login_names']) expect(undone[table]).toEqual(before[table]);
  },
);
