import { createReadStream } from 'node:fs';
import { balanceKey } from './balance/sign-sheet.ts';
import { makeBalance } from './balance/make-balance.ts';
import { advanceRun } from './desk/advance-run.ts';
import { approveRun } from './desk/approve-run.ts';
import { stopRun, undoRun } from './desk/end-run.ts';
import { pauseRun, resumeRun } from './desk/pause-run.ts';
import { disputedRows } from './desk/disputed-rows.ts';
import { listOutcomes } from './desk/list-outcomes.ts';
import { planRun } from './desk/plan-run.ts';
import { listRuns, readRun } from './desk/run-rows.ts';
import type { RunMoved, SignedBalance } from './desk/run-types.ts';
import type { Runs } from './desk/runs.ts';
import { writeRejects } from './desk/write-rejects.ts';
import { work } from './phases/work.ts';
import type { WorkDependencies } from './phases/work-deps.ts';
import { LatchkeyError } from '../../platform/failure/latchkey-error.ts';

const READ_AT_ONCE = 64 * 1024;

const openFile = (place: string) => createReadStream(place, { highWaterMark: READ_AT_ONCE });
const moved = async (runId: string, move: Promise<RunMoved | undefined>): Promise<RunMoved> =>
  (await move) ?? unknownRun(runId);

export function createRuns(dependencies: Omit<WorkDependencies, 'openFile'>): Runs {
  const deps: WorkDependencies = { ...dependencies, openFile };
  const { db, keyRing } = deps;
  return {
    plan: (request) => planRun(deps, request),
    list: (filter = {}) => listRuns(db, filter),
    find: (runId) => readRun(db, runId),
    advance: (runId, to, meta) => moved(runId, advanceRun(deps, runId, to, meta)),
    approve: (runId, meta, says) => moved(runId, approveRun(deps, runId, meta, says)),
    pause: (runId, meta) => moved(runId, pauseRun(deps, runId, meta)),
    resume: (runId, meta) => moved(runId, resumeRun(deps, runId, meta)),
    stop: (runId, meta, why) => moved(runId, stopRun(deps, runId, meta, why)),
    undo: (runId, meta, why) => moved(runId, undoRun(deps, runId, meta, why)),
    work: (options) => work(deps, options),
    outcomes: (asked) => listOutcomes(db, asked),
    disputed: (asked) => disputedRows(deps, asked),
    writeRejects: (runId, part, to) => writeRejects(deps, runId, part, to),
    balance: async (runId) => (await readBalance(db, runId)) ?? makeBalance(deps, runId),
    balanceKey: () => balanceKey(keyRing),
  };
}

function unknownRun(runId: string): never {
  throw new LatchkeyError('not_found', `There is no run ${runId}.`);
}

async function readBalance(db: WorkDependencies['db'], runId: string): Promise<SignedBalance | undefined> {
  const [row] = await db.query<{ balance: SignedBalance['sheet'] | null; balance_jws: string | null }>({
    text: 'SELECT balance, balance_jws FROM runs WHERE run_id = $1',
    values: [runId],
  });
  return row?.balance && row.balance_jws ? { sheet: row.balance, jws: row.balance_jws } : undefined;
}
