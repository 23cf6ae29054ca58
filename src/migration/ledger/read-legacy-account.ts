import type { LegacyState } from './legacy-states.ts';
import type { Queryable, Transaction } from '../../platform/postgres/database.ts';

export interface LegacyAccountRow {
  readonly legacyKey: Buffer;
  readonly source: string;
  readonly state: LegacyState;
  readonly sourceStatus: 'active' | 'disabled';
  readonly dataKey: Buffer;
  readonly personalSealed: Buffer;
  readonly verifierSealed: Buffer | undefined;
  readonly scheme: string | undefined;
  readonly accountId: string | undefined;
  readonly adoptedAt: Date | undefined;
  /** When it came into its state; undefined for one that is as its source handed it in. */
  readonly stateSince: Date | undefined;
  /** Set where the old system said so of this account; undefined: as its source says. */
  readonly holder: 'organisation' | undefined;
}

interface Row extends Record<string, unknown> {
  legacy_key: Buffer;
  source: string;
  state: LegacyAccountRow['state'];
  source_status: LegacyAccountRow['sourceStatus'];
  data_key: Buffer;
  personal_sealed: Buffer;
  verifier_sealed: Buffer | null;
  scheme: string | null;
  account_id: string | null;
  adopted_at: Date | null;
  state_since: Date | null;
  holder: 'organisation' | null;
}

const COLUMNS = `legacy_key, source, state, source_status, data_key, personal_sealed, verifier_sealed, scheme, account_id,
                 adopted_at, state_since, holder`;

export async function readLegacyAccount(
  queryable: Queryable,
  legacyKey: Buffer,
): Promise<LegacyAccountRow | undefined> {
  const [row] = await queryable.query<Row>({
    name: 'legacy-account-read',
    text: `SELECT ${COLUMNS} FROM legacy_accounts WHERE legacy_key = $1`,
    values: [legacyKey],
  });
  return row && fromRow(row);
}

/** Reads the ledger row and holds it: of two people who claim it at once, the second waits and sees who was first. */
export async function holdLegacyAccount(tx: Transaction, legacyKey: Buffer): Promise<LegacyAccountRow | undefined> {
  const [row] = await tx.query<Row>({
    text: `SELECT ${COLUMNS} FROM legacy_accounts WHERE legacy_key = $1 FOR UPDATE`,
    values: [legacyKey],
  });
  return row && fromRow(row);
}

const fromRow = (row: Row): LegacyAccountRow => ({
  legacyKey: row.legacy_key,
  source: row.source,
  state: row.state,
  sourceStatus: row.source_status,
  dataKey: row.data_key,
  personalSealed: row.personal_sealed,
  verifierSealed: row.verifier_sealed ?? undefined,
  scheme: row.scheme ?? undefined,
  accountId: row.account_id ?? undefined,
  adoptedAt: row.adopted_at ?? undefined,
  stateSince: row.state_since ?? undefined,
  holder: row.holder ?? undefined,
});

/** The row a user name belongs to. */
export async function findByLoginKey(queryable: Queryable, loginKey: Buffer): Promise<Buffer | undefined> {
  const [row] = await queryable.query<{ legacy_key: Buffer }>({
    name: 'legacy-login-find',
    text: 'SELECT legacy_key FROM legacy_login_names WHERE login_key = $1',
    values: [loginKey],
  });
  return row?.legacy_key;
}
