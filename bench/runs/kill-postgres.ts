import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { migrate } from '../../src/platform/postgres/migrate.ts';
import { crashedRun, crashingPostgres } from '../../test/support/crashing-postgres.ts';
import { approve, bring, openRunEstate, prepareRun } from '../../test/support/run-estate.ts';
import { randomFrom } from '../../test/support/run-workers.ts';

// Postgres killed (SIGKILL) at random moments while a run runs and while it is undone, again and again, under a worker that
// goes on by itself; and each time the end compared, byte for byte, with the same run undisturbed. Workers are killed by
// bench/runs/kill.ts; the short form is test/guarantees/runs-survive-postgres.test.ts. Usage: node bench/runs/kill-postgres.ts [kills] [seed]

const wanted = Number(process.argv[2] ?? 100);
const random = randomFrom(Number(process.argv[3] ?? 1));
const KILLS_A_PHASE = 5;

const folder = await mkdtemp(join(tmpdir(), 'latchkey-crash-'));
const postgres = await crashingPostgres(folder);
let [kills, compared, differed] = [0, 0, 0];
try {
  for (let round = 0; kills < wanted; round += 1) {
    const names = { killed: `killed_${round}`, calm: `calm_${round}` };
    await postgres.admin(`CREATE DATABASE ${names.killed}`);
    await migrate(postgres.urlOf(names.killed));
    const preparing = openRunEstate(postgres.urlOf(names.killed));
    const runId = await prepareRun(preparing, join(folder, `${round}`), { sources: 3, rows: 4000 });
    await bring(preparing.runs, runId, 'rehearsed');
    await approve(preparing.runs, runId);
    await bring(preparing.runs, runId, 'staged');
    await preparing.close();
    await postgres.admin(`CREATE DATABASE ${names.calm} TEMPLATE ${names.killed}`);
    const [killed, calm] = [names.killed, names.calm].map((name) => openRunEstate(postgres.urlOf(name)));
    if (!killed || !calm) throw new Error('two databases are two');
    for await (const phase of crashedRun({ postgres, runId, kills: KILLS_A_PHASE, random }, { killed, calm })) {
      kills += phase.killed;
      compared += 1;
      differed += isDeepStrictEqual(phase.disturbed, phase.calm) ? 0 : 1;
    }
    await killed.close();
    await calm.close();
    process.stdout.write(`${kills} kills, ${compared} compared, ${differed} differed\n`);
  }
} finally {
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
}
process.exitCode = differed === 0 ? 0 : 1;
