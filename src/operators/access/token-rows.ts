import type { Queryable, Transaction } from '../../platform/postgres/database.ts';
import type { Held } from './held-secret.ts';

export interface TokenRow {
  readonly tokenId: string;
  readonly roles: readonly string[];
  readonly madeBy: string;
  readonly madeAt: Date;
  readonly expiresAt: Date;
  readonly lastUsedAt: Date | null;
}
type Selected<T> = { [K in keyof T]: T[K] };

export interface TokenUse {
  readonly operatorId: string;
  readonly handle: string;
  /** Of the operator today, and of the token as it was made: what both have counts. */
  readonly roles: readonly string[];
  readonly tokenRoles: readonly string[];
  readonly tokenId: string;
  readonly lastUsedAt: Date | null;
}

export async function insertToken(
  tx: Transaction,
  { operatorId, key }: Held,
  token: Pick<TokenRow, 'tokenId' | 'roles' | 'madeBy' | 'madeAt' | 'expiresAt'>,
): Promise<void> {
  await tx.query({
    text: `INSERT INTO operator_tokens (operator_id, token_id, token_key, roles, made_by, made_at, expires_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7)`,
    values: [operatorId, token.tokenId, key, token.roles, token.madeBy, token.madeAt, token.expiresAt],
  });
}

export async function readToken(db: Queryable, { operatorId, key }: Held, at: Date): Promise<TokenUse | undefined> {
  const [row] = await db.query<Selected<TokenUse>>({
    name: 'operator-token-read',
    text: `SELECT o.operator_id AS "operatorId", o.handle, o.roles, t.roles AS "tokenRoles", t.token_id AS "tokenId",
                  t.last_used_at AS "lastUsedAt"
           FROM operator_tokens t JOIN operators o ON o.operator_id = t.operator_id
           WHERE t.operator_id = $1 AND t.token_key = $2 AND t.revoked_at IS NULL AND t.expires_at > $3
             AND o.status = 'active'`,
    values: [operatorId, key, at],
  });
  return row;
}

export async function touchToken(db: Queryable, { operatorId, tokenId }: TokenUse, at: Date): Promise<void> {
  await db.query({
    text: 'UPDATE operator_tokens SET last_used_at = $3 WHERE operator_id = $1 AND token_id = $2',
    values: [operatorId, tokenId, at],
  });
}

/** Those that still open something, newest first. */
export async function tokensOf(db: Queryable, operatorId: string, at: Date): Promise<readonly TokenRow[]> {
  return db.query<Selected<TokenRow>>({
    text: `SELECT token_id AS "tokenId", roles, made_by AS "madeBy", made_at AS "madeAt", expires_at AS "expiresAt",
                  last_used_at AS "lastUsedAt"
           FROM operator_tokens WHERE operator_id = $1 AND revoked_at IS NULL AND expires_at > $2
           ORDER BY token_id DESC`,
    values: [operatorId, at],
  });
}

export async function revokeTokenRow(
  tx: Transaction,
  { operatorId, tokenId }: { readonly operatorId: string; readonly tokenId: string },
  at: Date,
): Promise<boolean> {
  const rows = await tx.query({
    text: `UPDATE operator_tokens SET revoked_at = $3
           WHERE operator_id = $1 AND token_id = $2 AND revoked_at IS NULL RETURNING 1`,
    values: [operatorId, tokenId, at],
  });
  return rows.length === 1;
}
