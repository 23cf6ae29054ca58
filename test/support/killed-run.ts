import { approve, ask, bring, bytesOf, openedOf, openRunEstate, prepareRun, type Sizes } from './run-estate.ts';
import { workThroughKills } from './run-workers.ts';

const GOALS = ['rehearsed', 'staged', 'reconciled', 'undone'] as const;
export type Goal = (typeof GOALS)[number];

export interface KilledRun {
  readonly folder: string;
  readonly sizes: Sizes;
  /** A migrated database with nothing in it, and copies of one that nobody is connected to. */
  readonly empty: () => Promise<NamedDatabase>;
  readonly copyOf: (name: string) => Promise<NamedDatabase>;
  readonly kills: Readonly<Record<Goal, number>>;
  readonly random: () => number;
  readonly waits: boolean;
}

export interface NamedDatabase {
  readonly name: string;
  readonly url: string;
}

export interface KilledPhase {
  readonly goal: Goal;
  readonly killed: number;
  /** Seconds from the last kill until somebody was at work again. */
  readonly resumed: number;
  /** Byte for byte; opened until staged, where data keys were drawn. */
  readonly disturbed: unknown;
  readonly calm: unknown;
}

/** One run that is killed at random moments of every phase, beside the same one that nobody disturbs. */
export async function* killedRun(options: KilledRun): AsyncGenerator<KilledPhase> {
  const { folder, sizes, empty, copyOf, kills, ...killing } = options;
  const first = await empty();
  const preparing = openRunEstate(first.url);
  const runId = await prepareRun(preparing, folder, sizes);
  await preparing.close();
  let copy = await copyOf(first.name);
  for (const goal of GOALS) {
    // Data keys are drawn while validating; from staged on both begin with the same bytes.
    if (goal === 'reconciled') copy = await copyOf(first.name);
    const disturbed = openRunEstate(first.url);
    const calm = openRunEstate(copy.url);
    try {
      if (goal === 'staged') await Promise.all([disturbed, calm].map(({ runs }) => approve(runs, runId)));
      const started = performance.now();
      await bring(calm.runs, runId, goal);
      const calmMs = performance.now() - started;
      await ask(disturbed.runs, runId, goal);
      const { killed, resumed } = await workThroughKills({
        ...killing,
        ...first,
        db: disturbed.db,
        runId,
        kills: kills[goal],
        // However quick the machine is.
        withinMs: (1.5 * calmMs) / kills[goal],
      });
      const look = goal === 'rehearsed' || goal === 'staged' ? openedOf : ({ db }: typeof calm) => bytesOf(db);
      yield { goal, killed, resumed, disturbed: await look(disturbed), calm: await look(calm) };
    } finally {
      await disturbed.close();
      await calm.close();
    }
  }
}
