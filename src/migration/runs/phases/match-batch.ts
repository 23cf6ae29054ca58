import type { KeyRing } from '../../../platform/crypto/key-ring.ts';
import type { Queryable } from '../../../platform/postgres/database.ts';
import { loginKeyOf } from '../../ledger/legacy-keys.ts';
import type { LegacyState } from '../../ledger/legacy-states.ts';
import { openPersonal } from '../../ledger/seal-legacy-row.ts';
import type { RowKeysOf } from './batch-keys.ts';
import { decideRow, type MatchCode, type RowDecision } from './decide-row.ts';

/** What a row is matched by. */
export interface StagedKeys extends RowKeysOf {
  readonly digest: Buffer;
  readonly doubt: MatchCode | undefined;
}

export interface MatchedRow extends StagedKeys, RowDecision {
  /** Of a row that is to be changed: what was seen, to be found again when it is. */
  readonly seen?: { readonly digest: Buffer; readonly loginKey: Buffer };
  /** Its user name must be claimed. */
  readonly claims: boolean;
}

export interface Matching {
  readonly keyRing: KeyRing;
  readonly source: string;
  /** Of when the file is: what was learnt of a row after it counts for more. */
  readonly asOf: Date;
  /** Hex of user names that earlier batches give up, where these are rolled back: in a rehearsal. */
  readonly givenUp: ReadonlySet<string>;
}

interface KnownRow extends Record<string, unknown> {
  legacy_key: Buffer;
  state: LegacyState;
  row_digest: Buffer;
  data_key: Buffer;
  personal_sealed: Buffer;
  followed_at: Date | null;
}

/** What would become of each row as the ledger stands. Changes nothing. */
export async function matchBatch<R extends StagedKeys>(
  queryable: Queryable,
  matching: Matching,
  rows: readonly R[],
): Promise<readonly (R & MatchedRow)[]> {
  const { givenUp, asOf } = matching;
  const known = await readKnown(queryable, rows);
  const holders = await readHolders(queryable, rows);
  return rows.map((row) => {
    const there = known.get(hex(row.legacyKey));
    const holder = holders.get(hex(row.loginKey));
    const isFree = holder === undefined || givenUp.has(hex(row.loginKey));
    const decision = decideRow({
      known: there && {
        state: there.state,
        isSame: there.row_digest.equals(row.digest),
        isFollowed: there.followed_at !== null && there.followed_at > asOf,
      },
      loginTaken: !isFree && !holder.equals(row.legacyKey),
      doubt: row.doubt,
    });
    // One that was given up in a rehearsal stands there still, and cannot be claimed.
    const claims = decision.effect !== 'none' && holder === undefined;
    if (decision.effect !== 'change' || !there) return { ...row, ...decision, claims };
    const seen = { digest: there.row_digest, loginKey: oldLoginOf(matching, row, there) };
    return { ...row, ...decision, claims, seen };
  });
}

const hex = (key: Buffer): string => key.toString('hex');

async function readKnown(queryable: Queryable, rows: readonly StagedKeys[]): Promise<Map<string, KnownRow>> {
  const known = await queryable.query<KnownRow>({
    name: 'run-read-known',
    text: `SELECT legacy_key, state, row_digest, data_key, personal_sealed, followed_at FROM legacy_accounts
           WHERE legacy_key = ANY($1::bytea[])`,
    values: [rows.map((row) => row.legacyKey)],
  });
  return new Map(known.map((row) => [hex(row.legacy_key), row]));
}

async function readHolders(queryable: Queryable, rows: readonly StagedKeys[]): Promise<Map<string, Buffer>> {
  const holders = await queryable.query<{ login_key: Buffer; legacy_key: Buffer }>({
    name: 'run-read-holders',
    text: 'SELECT login_key, legacy_key FROM legacy_login_names WHERE login_key = ANY($1::bytea[])',
    values: [rows.map((row) => row.loginKey)],
  });
  return new Map(holders.map((row) => [hex(row.login_key), row.legacy_key]));
}

function oldLoginOf({ keyRing, source }: Matching, { legacyKey }: StagedKeys, row: KnownRow): Buffer {
  const sealed = { dataKey: row.data_key, personalSealed: row.personal_sealed };
  return loginKeyOf(keyRing, source, openPersonal(keyRing, legacyKey, sealed).login);
}
