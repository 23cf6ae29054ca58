import { isDeepStrictEqual } from 'node:util';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { type RunningPostgres, startPostgres } from '../../scripts/postgres/embedded-postgres.ts';
import { migrate } from '../../src/platform/postgres/migrate.ts';
import { type Goal, type KilledPhase, killedRun, type NamedDatabase } from '../../test/support/killed-run.ts';
import { randomFrom } from '../../test/support/run-workers.ts';

// A worker of a run killed (SIGKILL) at random moments of every phase, again and again, and each time the end compared with
// the same run undisturbed: byte for byte from `staged` on, opened before. Leases run out by themselves here. The short form
// is test/guarantees/runs-survive-kill.test.ts. Usage: node bench/runs/kill.ts [kills] [seed]

const wanted = Number(process.argv[2] ?? 200);
const seed = Number(process.argv[3] ?? 1);
const RESUME_SECONDS = 5;

const print = (line: string): boolean => process.stdout.write(`${line}\n`);

function databases(postgres: RunningPostgres) {
  let count = 0;
  const make = async (how: string): Promise<NamedDatabase> => {
    const name = `killed_${(count += 1)}`;
    const client = new Client({ connectionString: postgres.url });
    await client.connect();
    await client.query(`CREATE DATABASE ${name} ${how}`);
    await client.end();
    const url = new URL(postgres.url);
    url.pathname = `/${name}`;
    return { name, url: url.href };
  };
  return {
    copyOf: (template: string) => make(`TEMPLATE ${template}`),
    async empty() {
      const made = await make('');
      await migrate(made.url);
      return made;
    },
  };
}

interface Line {
  killed: number;
  checked: number;
  differed: number;
  slowest: number;
}

function note(table: Map<Goal, Line>, { goal, killed, resumed, disturbed, calm }: KilledPhase): void {
  const line = table.get(goal) ?? { killed: 0, checked: 0, differed: 0, slowest: 0 };
  line.killed += killed;
  line.checked += 1;
  if (!isDeepStrictEqual(disturbed, calm)) line.differed += 1;
  line.slowest = Math.max(line.slowest, resumed);
  table.set(goal, line);
}

const folder = await mkdtemp(join(tmpdir(), 'latchkey-kill-'));
await chmod(folder, 0o755);
const postgres = await startPostgres({ dataDir: join(folder, 'pg'), durable: true });
const table = new Map<Goal, Line>();
const killedSoFar = (): number => table.values().reduce((sum, { killed }) => sum + killed, 0);
try {
  const random = randomFrom(seed);
  const kills = { rehearsed: 6, staged: 4, reconciled: 6, undone: 4 };
  const sizes = { sources: 8, rows: 1500 };
  const made = databases(postgres);
  while (killedSoFar() < wanted) {
    const round = {
      folder: join(folder, `${killedSoFar()}`),
      sizes,
      ...made,
      kills,
      random,
      waits: true,
    };
    for await (const phase of killedRun(round)) note(table, phase);
    print(`${killedSoFar()} kills`);
  }
} finally {
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
}
print(`seed ${seed}\nbrought to    kills  compared  differed  slowest resume`);
for (const [goal, { killed, checked, differed, slowest }] of table)
  print(
    `${goal.padEnd(12)} ${`${killed}`.padStart(6)} ${`${checked}`.padStart(9)} ${`${differed}`.padStart(9)} ${slowest.toFixed(1).padStart(13)} s`,
  );
const isGood = table.values().every(({ differed, slowest }) => differed === 0 && slowest < RESUME_SECONDS);
process.exitCode = isGood ? 0 : 1;
