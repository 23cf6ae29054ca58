import type { Queryable, Transaction } from '../../platform/postgres/database.ts';
import type { Held } from './held-secret.ts';

export async function insertInvitation(
  tx: Transaction,
  { operatorId, key }: Held,
  invitation: { readonly madeBy: string; readonly madeAt: Date; readonly expiresAt: Date },
): Promise<void> {
  await tx.query({
    text: `INSERT INTO operator_invitations (operator_id, invitation_key, made_by, made_at, expires_at)
           VALUES ($1, $2, $3, $4, $5)`,
    values: [operatorId, key, invitation.madeBy, invitation.madeAt, invitation.expiresAt],
  });
}

/** Whether somebody may still come in by it. */
export async function invitationStands(db: Queryable, { operatorId, key }: Held, at: Date): Promise<boolean> {
  const rows = await db.query({
    text: `SELECT 1 FROM operator_invitations
           WHERE operator_id = $1 AND invitation_key = $2 AND ended_at IS NULL AND expires_at > $3`,
    values: [operatorId, key, at],
  });
  return rows.length === 1;
}

/** Until when the operator's newest invitation is good; undefined when there is none. */
export async function invitedUntil(db: Queryable, operatorId: string, at: Date): Promise<Date | undefined> {
  const [row] = await db.query<{ until: Date | null }>({
    text: `SELECT max(expires_at) AS until FROM operator_invitations
           WHERE operator_id = $1 AND ended_at IS NULL AND expires_at > $2`,
    values: [operatorId, at],
  });
  return row?.until ?? undefined;
}

/** All of them: a newer one replaces them, one was taken up, or their owner is suspended. */
export async function endInvitations(tx: Transaction, operatorId: string, at: Date): Promise<void> {
  await tx.query({
    text: 'UPDATE operator_invitations SET ended_at = $2 WHERE operator_id = $1 AND ended_at IS NULL',
    values: [operatorId, at],
  });
}
