import type { Queryable, Transaction } from '../../platform/postgres/database.ts';
import type { OrganisationRole } from './organisation-rows.ts';

export interface InvitationRow {
  readonly organisationId: string;
  readonly invitationKey: Buffer;
  readonly addressSealed: Buffer;
  readonly role: OrganisationRole;
  readonly invitedBy: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}
type Selected = { [K in keyof InvitationRow]: InvitationRow[K] };

const COLUMNS = `organisation_id AS "organisationId", invitation_key AS "invitationKey", address_sealed AS "addressSealed",
  role, invited_by AS "invitedBy", created_at AS "createdAt", expires_at AS "expiresAt"`;
const OPEN = 'used_at IS NULL AND withdrawn_at IS NULL';

export function openInvitations(db: Queryable, organisationId: string, at: Date): Promise<Selected[]> {
  return db.query<Selected>({
    name: 'invitations-open',
    text: `SELECT ${COLUMNS} FROM organisation_invitations
           WHERE organisation_id = $1 AND ${OPEN} AND expires_at > $2 ORDER BY created_at, invitation_key`,
    values: [organisationId, at],
  });
}

export async function invitationsSince(db: Queryable, organisationId: string, since: Date): Promise<number> {
  const [row] = await db.query<{ made: number }>({
    text: `SELECT count(*)::int AS made FROM organisation_invitations WHERE organisation_id = $1 AND created_at > $2`,
    values: [organisationId, since],
  });
  return row?.made ?? 0;
}

export interface InvitationId {
  readonly organisationId: string;
  readonly invitationKey: Buffer;
}

export async function readInvitation(
  db: Queryable,
  { organisationId, invitationKey }: InvitationId,
  at: Date,
): Promise<InvitationRow | undefined> {
  const [row] = await db.query<Selected>({
    name: 'invitation-read',
    text: `SELECT ${COLUMNS} FROM organisation_invitations
           WHERE organisation_id = $1 AND invitation_key = $2 AND ${OPEN} AND expires_at > $3`,
    values: [organisationId, invitationKey, at],
  });
  return row;
}

export async function insertInvitation(tx: Transaction, row: InvitationRow): Promise<void> {
  await tx.query({
    text: `INSERT INTO organisation_invitations
             (organisation_id, invitation_key, address_sealed, role, invited_by, created_at, expires_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7)`,
    values: [
      row.organisationId,
      row.invitationKey,
      row.addressSealed,
      row.role,
      row.invitedBy,
      row.createdAt,
      row.expiresAt,
    ],
  });
}

/** Compare-and-set: of any number at once one gets it. */
export async function useInvitation(
  tx: Transaction,
  { organisationId, invitationKey }: InvitationId,
  at: Date,
): Promise<InvitationRow | undefined> {
  const [row] = await tx.query<Selected>({
    text: `UPDATE organisation_invitations SET used_at = $3
           WHERE organisation_id = $1 AND invitation_key = $2 AND ${OPEN} AND expires_at > $3 RETURNING ${COLUMNS}`,
    values: [organisationId, invitationKey, at],
  });
  return row;
}

/** One of them, those of one member, or all. */
export async function withdrawInvitations(
  tx: Transaction,
  of: {
    readonly organisationId: string;
    readonly invitationKey?: Buffer | undefined;
    readonly invitedBy?: readonly string[] | undefined;
  },
  at: Date,
): Promise<number> {
  const rows = await tx.query({
    text: `UPDATE organisation_invitations SET withdrawn_at = $2
           WHERE organisation_id = $1 AND ${OPEN} AND ($3::bytea IS NULL OR invitation_key = $3)
             AND ($4::uuid[] IS NULL OR invited_by = ANY($4)) RETURNING 1`,
    values: [of.organisationId, at, of.invitationKey ?? null, of.invitedBy ?? null],
  });
  return rows.length;
}
