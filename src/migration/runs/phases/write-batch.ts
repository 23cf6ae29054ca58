import type { Transaction } from '../../../platform/postgres/database.ts';
import { applyBatch, type Applying, StaleMatchError } from './apply-batch.ts';
import { applyFresh } from './apply-fresh.ts';
import { matchBatch, type MatchedRow, type Matching } from './match-batch.ts';
import { groupOutcomes, type OutcomeGroup } from './outcome-groups.ts';
import { readStagedKeys } from './seal-batch.ts';

export interface Writing extends Applying {
  readonly matching: Matching;
  readonly rows: number;
  /** Where the ledger knows none of the rows. */
  readonly expected: readonly OutcomeGroup[];
}

export interface Written {
  readonly outcomes: readonly OutcomeGroup[];
  /** Of a batch that had to be matched row by row. */
  readonly matched?: readonly MatchedRow[];
}

const MAX_MATCHES = 8;

export interface BatchWriter {
  /** `inTransaction` runs what it is given in one, as often as it has to, and only the last time counts. */
  write(
    writing: Writing,
    inTransaction: (work: (tx: Transaction) => Promise<Written>) => Promise<Written>,
  ): Promise<Written>;
}

/** How the batches of one part go in. It learns from them: a file whose rows the ledger knows is matched from the start. */
export function createBatchWriter(): BatchWriter {
  let isFresh = true;
  return {
    async write(writing, inTransaction) {
      if (isFresh) {
        try {
          return await inTransaction((tx) => applyFresh(tx, writing));
        } catch (error) {
          if (!(error instanceof StaleMatchError)) throw error;
          isFresh = false;
        }
      }
      for (let tries = 1; ; tries += 1) {
        try {
          return await inTransaction((tx) => matchAndApply(tx, writing));
        } catch (error) {
          if (!(error instanceof StaleMatchError) || tries === MAX_MATCHES) throw error;
        }
      }
    },
  };
}

async function matchAndApply(tx: Transaction, writing: Writing): Promise<Written> {
  const { place, matching, expected } = writing;
  const matched = await matchBatch(tx, matching, await readStagedKeys(tx, place));
  await applyBatch(tx, writing, matched);
  const decided = expected.filter(({ effect }) => effect === 'none');
  return { outcomes: [...decided, ...groupOutcomes(matched)], matched };
}
