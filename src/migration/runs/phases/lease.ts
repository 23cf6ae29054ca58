import type { Database, Queryable, Transaction } from '../../../platform/postgres/database.ts';
import type { PartDone, WorkingState } from '../desk/run-states.ts';
import type { PartProgress, RunPart } from '../desk/run-types.ts';

/** The work is somebody else's now, or the run was paused, stopped or moved on: nothing more may be written. */
export class HaltedError extends Error {}

/** Long enough for a stall of the process, short enough that whoever takes over after a kill begins within 5 s. */
const LEASE_SECONDS = 4;
const RENEW_MS = 1000;

export interface Lease {
  readonly state: WorkingState;
  /** Between two batches. @throws HaltedError once the run was halted or the lease lost. */
  check(): Promise<void>;
  report(progress: Omit<PartProgress, 'at'>): void;
  /** In a transaction that would otherwise not notice that somebody else has the part. @throws HaltedError */
  need(tx: Transaction): Promise<void>;
  /** Ends the phase of this part. @throws HaltedError */
  finish(tx: Transaction, done: PartDone, counts: Partial<RunPart['counts']>): Promise<void>;
  /** Gives the part back as it is. */
  release(): Promise<void>;
}

interface Held {
  readonly runId: string;
  readonly part: number;
  readonly leaseNo: number;
}

/** Takes a part to work on. Undefined: somebody has it, or it is through. Times are the database's: clocks differ (F19). */
export async function takeLease(
  db: Database,
  wanted: { readonly runId: string; readonly part: number; readonly state: WorkingState; readonly done: PartDone },
): Promise<Lease | undefined> {
  const { runId, part, state, done } = wanted;
  const [taken] = await db.query<{ lease_no: number }>({
    text: `UPDATE run_parts SET lease_no = lease_no + 1, lease_until = now() + make_interval(secs => $4)
           WHERE run_id = $1 AND part = $2 AND done <> $3 AND (lease_until IS NULL OR lease_until < now())
           RETURNING lease_no`,
    values: [runId, part, done, LEASE_SECONDS],
  });
  return taken && hold(db, { runId, part, leaseNo: taken.lease_no }, state);
}

function hold(db: Database, held: Held, state: WorkingState): Lease {
  let halted = false;
  let progress: PartProgress | undefined;
  let renewing: Promise<void> = Promise.resolve();
  const renew = async (): Promise<void> => {
    const isOurs = await renewLease(db, held, state, progress);
    if (!isOurs) halted = true;
  };
  // An outage of Postgres stops the batch that needs it; the lease simply runs out then.
  const timer = setInterval(() => void (renewing = renew().catch(() => {})), RENEW_MS);
  const end = async (): Promise<void> => {
    clearInterval(timer);
    await renewing;
  };
  return {
    state,
    async check() {
      if (halted) throw new HaltedError();
    },
    report: (now) => void (progress = { ...now, at: new Date().toISOString() }),
    async need(tx) {
      await needState(tx, held.runId, state);
      const ours = await tx.query({
        text: 'SELECT 1 FROM run_parts WHERE run_id = $1 AND part = $2 AND lease_no = $3 FOR SHARE',
        values: [held.runId, held.part, held.leaseNo],
      });
      if (ours.length === 0) throw new HaltedError();
    },
    async finish(tx, done, counts) {
      await end();
      await needState(tx, held.runId, state);
      const finished = await tx.query({
        text: `UPDATE run_parts SET done = $4, counts = counts || $5::jsonb, progress = NULL, lease_until = NULL
               WHERE run_id = $1 AND part = $2 AND lease_no = $3 RETURNING 1`,
        values: [held.runId, held.part, held.leaseNo, done, JSON.stringify(counts)],
      });
      if (finished.length === 0) throw new HaltedError();
    },
    async release() {
      await end();
      await db.query({
        text: `UPDATE run_parts SET lease_until = NULL, progress = NULL WHERE run_id = $1 AND part = $2 AND lease_no = $3`,
        values: [held.runId, held.part, held.leaseNo],
      });
    },
  };
}

async function renewLease(
  queryable: Queryable,
  { runId, part, leaseNo }: Held,
  state: WorkingState,
  progress: PartProgress | undefined,
): Promise<boolean> {
  const renewed = await queryable.query({
    text: `UPDATE run_parts SET lease_until = now() + make_interval(secs => $4), progress = coalesce($5::jsonb, progress)
           WHERE run_id = $1 AND part = $2 AND lease_no = $3
             AND EXISTS (SELECT 1 FROM runs WHERE run_id = $1 AND state = $6 AND paused_at IS NULL) RETURNING 1`,
    values: [runId, part, leaseNo, LEASE_SECONDS, progress ? JSON.stringify(progress) : null, state],
  });
  return renewed.length === 1;
}

/**
 * Begins the transaction of a batch: what was paused or stopped a moment ago is not written. Its commit does not wait for the
 * disk, as citizens' commits would wait behind it. Whatever is committed after it and must last (a citizen's change, the end
 * of a phase) takes it along; one that a crash of Postgres loses is missed at the end, and done again. @throws HaltedError
 */
export async function beginBatch(tx: Transaction, runId: string, state: WorkingState): Promise<void> {
  const rows = await tx.query({
    name: 'run-begin-batch',
    text: `SELECT set_config('synchronous_commit', 'off', true) FROM runs
           WHERE run_id = $1 AND state = $2 AND paused_at IS NULL FOR SHARE`,
    values: [runId, state],
  });
  if (rows.length === 0) throw new HaltedError();
}

/** What was paused or stopped a moment ago is not written. @throws HaltedError */
export async function needState(tx: Transaction, runId: string, state: WorkingState): Promise<void> {
  const rows = await tx.query({
    name: 'run-need-state',
    text: 'SELECT 1 FROM runs WHERE run_id = $1 AND state = $2 AND paused_at IS NULL FOR SHARE',
    values: [runId, state],
  });
  if (rows.length === 0) throw new HaltedError();
}
