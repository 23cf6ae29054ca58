import type { Transaction } from '../../../platform/postgres/database.ts';
import { insertStaged, StaleMatchError } from './apply-batch.ts';
import type { Writing, Written } from './write-batch.ts';

/**
 * Writes a batch of which the ledger knows no row and no user name, without looking first: if that is so, every row goes in.
 * @throws StaleMatchError when it is not, and nothing was written
 */
export async function applyFresh(tx: Transaction, writing: Writing): Promise<Written> {
  const { rows, expected } = writing;
  if (rows === 0) return { outcomes: expected };
  const { inserted, claimed } = await insertStaged(tx, writing, { inserts: null, claims: null });
  if (inserted !== rows || claimed !== rows) throw new StaleMatchError();
  return { outcomes: expected };
}
