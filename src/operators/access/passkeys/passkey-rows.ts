import type { KeyRing } from '../../../platform/crypto/key-ring.ts';
import type { Queryable, Transaction } from '../../../platform/postgres/database.ts';

export interface PasskeyRow {
  readonly operatorId: string;
  readonly passkeyId: string;
  readonly credentialId: Buffer<ArrayBuffer>;
  readonly publicKey: Buffer<ArrayBuffer>;
  readonly signCount: number;
  readonly canBackUp: boolean;
  readonly backedUp: boolean;
  readonly label: string;
  readonly addedAt: Date;
  readonly lastUsedAt: Date | null;
}

type Stored = { [K in keyof Omit<PasskeyRow, 'label'>]: PasskeyRow[K] } & { labelSealed: Buffer };

interface Deps {
  readonly keyRing: KeyRing;
}

const LABEL = 'operator-passkey-label';
const COLUMNS = `operator_id AS "operatorId", passkey_id AS "passkeyId", credential_id AS "credentialId",
  public_key AS "publicKey", sign_count AS "signCount", can_back_up AS "canBackUp", backed_up AS "backedUp",
  label_sealed AS "labelSealed", added_at AS "addedAt", last_used_at AS "lastUsedAt"`;

/** Whoever registered the credential, if anybody did: the id is looked up, then the row is read by its owner. */
export async function passkeyOf(deps: Deps, db: Queryable, credentialId: string): Promise<PasskeyRow | undefined> {
  const [claim] = await db.query<{ operatorId: string; passkeyId: string }>({
    text: `SELECT operator_id AS "operatorId", passkey_id AS "passkeyId" FROM operator_passkey_claims
           WHERE credential_key = $1`,
    values: [credentialKey(deps, Buffer.from(credentialId, 'base64url'))],
  });
  if (claim === undefined) return undefined;
  const [row] = await db.query<Stored>({
    text: `SELECT ${COLUMNS} FROM operator_passkeys WHERE operator_id = $1 AND passkey_id = $2 AND removed_at IS NULL`,
    values: [claim.operatorId, claim.passkeyId],
  });
  return row && withLabel(deps, row);
}

/** Those that open the door, oldest first. */
export async function passkeysOf(deps: Deps, db: Queryable, operatorId: string): Promise<readonly PasskeyRow[]> {
  const rows = await db.query<Stored>({
    text: `SELECT ${COLUMNS} FROM operator_passkeys WHERE operator_id = $1 AND removed_at IS NULL ORDER BY passkey_id`,
    values: [operatorId],
  });
  return rows.map((row) => withLabel(deps, row));
}

/** False when the credential is registered already, by this operator or by another. */
export async function insertPasskey(
  deps: Deps,
  tx: Transaction,
  row: Omit<PasskeyRow, 'lastUsedAt'>,
): Promise<boolean> {
  const claims = await tx.query({
    text: `INSERT INTO operator_passkey_claims (credential_key, operator_id, passkey_id, claimed_at)
           VALUES ($1, $2, $3, $4) ON CONFLICT (credential_key) DO NOTHING RETURNING 1`,
    values: [credentialKey(deps, row.credentialId), row.operatorId, row.passkeyId, row.addedAt],
  });
  if (claims.length === 0) return false;
  await tx.query({
    text: `INSERT INTO operator_passkeys (operator_id, passkey_id, credential_id, public_key, sign_count, can_back_up,
                                          backed_up, label_sealed, added_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    values: [
      row.operatorId,
      row.passkeyId,
      row.credentialId,
      row.publicKey,
      row.signCount,
      row.canBackUp,
      row.backedUp,
      deps.keyRing.seal(LABEL, row.label, row.passkeyId),
      row.addedAt,
    ],
  });
  return true;
}

/** Compare-and-set on the counter: an authenticator that counts must count up, or there are two of it (B2). */
export async function notePasskeyUse(
  tx: Transaction,
  { operatorId, passkeyId }: Pick<PasskeyRow, 'operatorId' | 'passkeyId'>,
  use: { readonly signCount: number; readonly backedUp: boolean; readonly at: Date },
): Promise<boolean> {
  const rows = await tx.query({
    text: `UPDATE operator_passkeys SET sign_count = $3, backed_up = $4, last_used_at = $5
           WHERE operator_id = $1 AND passkey_id = $2 AND removed_at IS NULL
             AND (sign_count < $3 OR (sign_count = 0 AND $3 = 0)) RETURNING 1`,
    values: [operatorId, passkeyId, use.signCount, use.backedUp, use.at],
  });
  return rows.length === 1;
}

export async function removePasskeyRow(
  tx: Transaction,
  { operatorId, passkeyId }: Pick<PasskeyRow, 'operatorId' | 'passkeyId'>,
  at: Date,
): Promise<boolean> {
  const rows = await tx.query({
    text: `UPDATE operator_passkeys SET removed_at = $3
           WHERE operator_id = $1 AND passkey_id = $2 AND removed_at IS NULL RETURNING 1`,
    values: [operatorId, passkeyId, at],
  });
  return rows.length === 1;
}

const credentialKey = ({ keyRing }: Deps, credentialId: Buffer): Buffer =>
  keyRing.lookupKey('operator-passkey', credentialId.toString('base64url'));

function withLabel({ keyRing }: Deps, { labelSealed, ...row }: Stored): PasskeyRow {
  return { ...row, label: keyRing.open(LABEL, labelSealed, row.passkeyId).toString() };
}
