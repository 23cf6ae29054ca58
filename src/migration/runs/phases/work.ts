import { setTimeout as sleep } from 'node:timers/promises';
import { LatchkeyError } from '../../../platform/failure/latchkey-error.ts';
import { readRun } from '../desk/run-rows.ts';
import { WORK, type WorkingState } from '../desk/run-states.ts';
import type { WorkOptions } from '../desk/runs.ts';
import { HaltedError, type Lease, takeLease } from './lease.ts';
import { createPace } from './pace.ts';
import { type PartOfRun, readPart } from './part-of-run.ts';
import { RefusedError } from './read-file.ts';
import { rehearsePart } from './rehearse-part.ts';
import { runPart } from './run-part.ts';
import { reconcile, refuseRun, settleRun } from './settle-run.ts';
import { stagePart } from './stage-part.ts';
import { undoPart } from './undo-part.ts';
import { unstageEnded } from './unstage-ended.ts';
import { validatePart } from './validate-part.ts';
import type { WorkDependencies } from './work-deps.ts';
import { wrapNextBatch } from './wrap-batch.ts';

const PHASES = {
  validating: validatePart,
  rehearsing: rehearsePart,
  staging: stagePart,
  running: runPart,
  undoing: undoPart,
} as const satisfies Record<WorkingState, (deps: WorkDependencies, part: PartOfRun, lease: Lease) => Promise<void>>;

const IDLE_MS = 300;
const SHOW_MS = 250;

/** Takes one part after the other of runs that want work, and does its phase, until there is nothing left to do. */
export async function work(deps: WorkDependencies, options: WorkOptions): Promise<void> {
  const showing = show(deps, options);
  const patience = createPatience();
  try {
    while (!options.signal?.aborted) {
      const isDone = await patience.with(() => oneTurn(deps, options));
      if (isDone) return;
    }
  } finally {
    await showing.end();
  }
}

/** True: there is nothing left to do. */
async function oneTurn(deps: WorkDependencies, options: WorkOptions): Promise<boolean> {
  const did = options.wrapOnly ? await wrapSome(deps, options) : await workOnce(deps, options);
  if (did) return false;
  if (options.untilIdle && !(await isWanted(deps, options))) return true;
  await sleep(IDLE_MS, undefined, { signal: options.signal }).catch(() => {});
  return false;
}

const MAX_OUTAGES = 60;
const OUTAGE_MS = 1000;

/** An outage of Postgres is waited out: the work goes on where it was. One of more than a minute is somebody's to look at. */
function createPatience() {
  let outages = 0;
  return {
    async with(turn: () => Promise<boolean>): Promise<boolean> {
      try {
        const result = await turn();
        outages = 0;
        return result;
      } catch (error) {
        outages += 1;
        if (!(error instanceof LatchkeyError) || error.code !== 'unavailable' || outages > MAX_OUTAGES) throw error;
        await sleep(OUTAGE_MS);
        return false;
      }
    },
  };
}

interface Wanted extends Record<string, unknown> {
  run_id: string;
  state: WorkingState | 'ran';
}

function wantedRuns({ db }: WorkDependencies, { runId }: WorkOptions): Promise<Wanted[]> {
  return db.query<Wanted>({
    text: `SELECT run_id, state FROM runs
           WHERE (state = ANY($1) OR (state = 'ran' AND balance IS NULL)) AND paused_at IS NULL
             AND ($2::uuid IS NULL OR run_id = $2) ORDER BY run_id`,
    values: [Object.keys(WORK), runId ?? null],
  });
}

const isWanted = async (deps: WorkDependencies, options: WorkOptions): Promise<boolean> =>
  (await wantedRuns(deps, options)).length > 0;

async function workOnce(deps: WorkDependencies, options: WorkOptions): Promise<boolean> {
  for (const { run_id: runId, state } of await wantedRuns(deps, options)) {
    if (state === 'ran') {
      await reconcile(deps, runId);
      return true;
    }
    const taken = await takePart(deps, runId, state);
    if (taken) {
      await doPhase(deps, taken.part, endedBy(taken.lease, options));
      return true;
    }
    if (await settleRun(deps, runId, state)) return true;
    if (state === 'running' && (await wrapOnce(deps, runId, options))) return true;
  }
  await unstageEnded(deps.db);
  return false;
}

async function takePart(deps: WorkDependencies, runId: string, state: WorkingState) {
  const { done } = WORK[state];
  const parts = await deps.db.query<{ part: number }>({
    text: `SELECT part FROM run_parts WHERE run_id = $1 AND done <> $2 AND (lease_until IS NULL OR lease_until < now())
           ORDER BY file_bytes DESC, part`,
    values: [runId, done],
  });
  for (const { part: number } of parts) {
    const lease = await takeLease(deps.db, { runId, part: number, state, done });
    const part = lease && (await readPart(deps.db, runId, number));
    if (part) return { part, lease };
  }
  return undefined;
}

async function doPhase(deps: WorkDependencies, part: PartOfRun, lease: Lease): Promise<void> {
  try {
    await PHASES[lease.state](deps, part, lease);
  } catch (error) {
    await lease.release().catch(() => {});
    if (error instanceof HaltedError) return;
    if (error instanceof RefusedError) return refuseRun(deps, part, error.problems);
    throw error;
  }
}

async function wrapSome(deps: WorkDependencies, options: WorkOptions): Promise<boolean> {
  for (const { run_id: runId, state } of await wantedRuns(deps, options))
    if (state === 'running' && (await wrapOnce(deps, runId, options))) return true;
  return false;
}

async function wrapOnce(deps: WorkDependencies, runId: string, options: WorkOptions): Promise<boolean> {
  try {
    return await wrapNextBatch(deps, { runId }, haltWhenAborted(options));
  } catch (error) {
    // Ended in the middle, or another worker has the batch by now: either way there is nothing to mend.
    if (error instanceof HaltedError) return true;
    throw error;
  }
}

/** A worker that is told to end does so between two batches, not at the end of the file; and there it rests. */
function endedBy(lease: Lease, options: WorkOptions): Lease {
  const needGoOn = haltWhenAborted(options);
  const rest = createPace(options.pace ?? 100, options.signal);
  return {
    ...lease,
    async check() {
      await rest();
      needGoOn();
      await lease.check();
    },
  };
}

const haltWhenAborted =
  ({ signal }: WorkOptions) =>
  (): void => {
    if (signal?.aborted) throw new HaltedError();
  };

/** Tells whoever watches one run how far it is. */
function show({ db }: WorkDependencies, { runId, onProgress }: WorkOptions): { end(): Promise<void> } {
  if (runId === undefined || !onProgress) return { end: () => Promise.resolve() };
  let reading: Promise<void> = Promise.resolve();
  const tell = async (): Promise<void> => {
    const run = await readRun(db, runId);
    if (run) onProgress(run);
  };
  const timer = setInterval(() => void (reading = tell().catch(() => {})), SHOW_MS);
  return {
    async end() {
      clearInterval(timer);
      await reading;
    },
  };
}
