import type { Transaction } from '../../../platform/postgres/database.ts';
import { applyBatch, type Applying } from './apply-batch.ts';
import type { RowKeysOf } from './batch-keys.ts';
import type { MatchCode } from './decide-row.ts';
import { type ClaimLogins, createClaimLogins, insertStaged, StaleMatchError } from './insert-rows.ts';
import { matchBatch, type MatchedRow, type Matching } from './match-batch.ts';
import { groupOutcomes, linesOf, type OutcomeGroup } from './outcome-groups.ts';
import { fieldOf, rowsOfStaged } from './staged-rows.ts';

export interface Writing extends Omit<Applying, 'claimLogins' | 'asOf'> {
  readonly matching: Matching;
  readonly keys: readonly RowKeysOf[];
  readonly staged: Buffer;
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
  const claimLogins = createClaimLogins();
  let isFresh = true;
  return {
    async write(writing, inTransaction) {
      if (isFresh) {
        try {
          return await inTransaction((tx) => applyFresh(tx, claimLogins, writing));
        } catch (error) {
          if (!(error instanceof StaleMatchError)) throw error;
          isFresh = false;
        }
      }
      for (let tries = 1; ; tries += 1) {
        try {
          return await inTransaction((tx) => matchAndApply(tx, claimLogins, writing));
        } catch (error) {
          if (!(error instanceof StaleMatchError) || tries === MAX_MATCHES) throw error;
        }
      }
    },
  };
}

/** Without looking first: where the ledger knows no row and no user name of the batch, every row goes in. */
async function applyFresh(
  tx: Transaction,
  claimLogins: ClaimLogins,
  { source, keys, staged, expected }: Writing,
): Promise<Written> {
  if (keys.length > 0) {
    await claimLogins(tx, source, keys);
    await insertStaged(tx, staged);
  }
  return { outcomes: expected };
}

async function matchAndApply(tx: Transaction, claimLogins: ClaimLogins, writing: Writing): Promise<Written> {
  const { keys, matching, expected } = writing;
  const doubts = doubtsIn(expected);
  const staged = rowsOfStaged(writing.staged);
  const rows = staged.flatMap((row, at) => {
    const key = keys[at];
    return key ? [{ ...key, digest: fieldOf(row, 'row_digest'), doubt: doubts.get(key.line), staged: row }] : [];
  });
  const matched = await matchBatch(tx, matching, rows);
  await applyBatch(tx, { ...writing, claimLogins, asOf: matching.asOf }, matched);
  const decided = expected.filter(({ effect }) => effect === 'none');
  return { outcomes: [...decided, ...groupOutcomes(matched)], matched };
}

function doubtsIn(expected: readonly OutcomeGroup[]): ReadonlyMap<number, MatchCode> {
  const doubted = expected.filter(({ outcome }) => outcome === 'needs-proof');
  return new Map(
    doubted.flatMap(({ code, lines }) =>
      code === 'email_on_account' || code === 'email_shared' ? [...linesOf(lines)].map((line) => [line, code]) : [],
    ),
  );
}
