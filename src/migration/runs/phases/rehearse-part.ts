import type { Transaction } from '../../../platform/postgres/database.ts';
import { createRowKeys } from '../plan-batch.ts';
import type { SortedBatch } from '../sort-rows.ts';
import { applyBatch, isRenamed, untilFresh } from './apply-batch.ts';
import type { Lease } from './lease.ts';
import { matchBatch, type MatchedRow } from './match-batch.ts';
import { addCounts, copyOutcomes, type Counted, countOutcomes } from './outcome-rows.ts';
import type { PartOfRun } from './part-of-run.ts';
import { readFileOf } from './read-file.ts';
import { sortForRun } from './sort-for-run.ts';
import { copyStaged, sealForStaging } from './staged-rows.ts';
import { readSharedEmails } from './validate-part.ts';
import type { WorkDependencies } from './work-deps.ts';

class RollBack extends Error {
  readonly matched: readonly MatchedRow[];
  constructor(matched: readonly MatchedRow[]) {
    super('rehearsal');
    this.matched = matched;
  }
}

/** Stages, matches and applies every batch as a run does, and rolls it back; what would become of each row stays. */
export async function rehearsePart(deps: WorkDependencies, part: PartOfRun, lease: Lease): Promise<void> {
  const started = performance.now();
  await forgetRehearsal(deps, part);
  const rehearse = await createRehearsal(deps, part);
  const counted: Counted[] = [];
  const tally = await readFileOf(deps, part, lease, async (sorted, batch) => {
    const outcomes = await rehearse(sorted, batch);
    counted.push(countOutcomes(outcomes));
    const place = { runId: part.runId, part: part.part, batch };
    await deps.db.transaction((tx) => copyOutcomes(tx, place, 'rehearsal', outcomes));
  });
  const seconds = (performance.now() - started) / 1000;
  const rehearsed = { read: tally.counts.read, ...addCounts(counted), seconds };
  await deps.db.transaction((tx) => lease.finish(tx, 'rehearsed', { rehearse: rehearsed }));
}

async function createRehearsal(deps: WorkDependencies, part: PartOfRun) {
  const { db, keyRing, accounts } = deps;
  const { runId, source, importId } = part;
  const sealing = { keyRing, keys: createRowKeys(keyRing, part.definition), emailKeyOf: accounts.emailKeyOf };
  const givenUp = new Set<string>();
  const matching = { keyRing, accounts, source, sharedEmails: await readSharedEmails(deps, part), givenUp };
  return async (sorted: SortedBatch, batch: number) => {
    const place = { runId, part: part.part, batch };
    const { rows, decided } = sortForRun(sorted, part.cohort);
    const staged = sealForStaging(sealing, rows);
    const matched = await untilFresh(() =>
      rolledBack(db, async (tx) => {
        await copyStaged(tx, place, staged);
        const all = await matchBatch(tx, matching, staged);
        const free = all.map((row) => (givenUp.has(row.loginKey.toString('hex')) ? { ...row, claims: false } : row));
        await applyBatch(tx, { place, source, importId, at: deps.now() }, free);
        return all;
      }),
    );
    for (const row of matched) if (isRenamed(row) && row.seen) givenUp.add(row.seen.loginKey.toString('hex'));
    return [...decided, ...matched];
  };
}

async function rolledBack(
  db: WorkDependencies['db'],
  work: (tx: Transaction) => Promise<readonly MatchedRow[]>,
): Promise<readonly MatchedRow[]> {
  try {
    return await db.transaction(async (tx) => {
      throw new RollBack(await work(tx));
    });
  } catch (error) {
    if (error instanceof RollBack) return error.matched;
    throw error;
  }
}

async function forgetRehearsal({ db }: WorkDependencies, { runId, part }: PartOfRun): Promise<void> {
  await db.query({
    text: `DELETE FROM run_outcomes WHERE run_id = $1 AND pass = 'rehearsal' AND part = $2`,
    values: [runId, part],
  });
}
