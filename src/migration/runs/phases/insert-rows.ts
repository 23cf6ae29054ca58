import { type CopiedRow, copyOf, createCopyWriter } from '../../../platform/postgres/copy-binary.ts';
import type { Transaction } from '../../../platform/postgres/database.ts';
import { sqlState } from '../../../platform/postgres/sql-state.ts';
import type { RowKeysOf } from './batch-keys.ts';
import { LEDGER_COLUMNS } from './staged-rows.ts';

/** The ledger is not what it was when the batch was matched: match it again. */
export class StaleMatchError extends Error {}

const UNIQUE_VIOLATION = '23505';

/** Staged rows go into the ledger as they are. @throws StaleMatchError when one of them is there already. */
export function insertStaged(tx: Transaction, staged: Buffer | readonly CopiedRow[]): Promise<void> {
  const bytes = Buffer.isBuffer(staged) ? staged : copyOf(staged);
  return copied(tx, `COPY legacy_accounts (${LEDGER_COLUMNS.join(', ')}) FROM STDIN (FORMAT binary)`, bytes);
}

export type ClaimLogins = (tx: Transaction, source: string, rows: readonly RowKeysOf[]) => Promise<void>;

/** @throws StaleMatchError when somebody has one of the names. */
export function createClaimLogins(): ClaimLogins {
  const copy = createCopyWriter();
  return (tx, source, rows) => {
    for (const { loginKey, legacyKey } of rows) copy.row(3).bytes(loginKey).bytes(legacyKey).text(source);
    const statement = 'COPY legacy_login_names (login_key, legacy_key, source) FROM STDIN (FORMAT binary)';
    return copied(tx, statement, copy.end());
  };
}

async function copied(tx: Transaction, statement: string, bytes: Buffer): Promise<void> {
  try {
    await tx.copyIn(statement, bytes);
  } catch (error) {
    throw sqlState(error) === UNIQUE_VIOLATION ? new StaleMatchError() : error;
  }
}
