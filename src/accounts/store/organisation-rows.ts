import type { Queryable, Transaction } from '../../platform/postgres/database.ts';
import { isAccountId } from './account-rows.ts';

export type OrganisationRole = 'administrator' | 'member';

export interface OrganisationRow {
  readonly organisationId: string;
  readonly dataKey: Buffer;
  readonly nameSealed: Buffer;
  readonly origin: string;
  readonly originKey: Buffer;
  readonly keptSealed: Buffer | null;
  readonly madeAt: Date;
}
type Selected<T> = { [K in keyof T]: T[K] };

const COLUMNS = `organisation_id AS "organisationId", data_key AS "dataKey", name_sealed AS "nameSealed", origin,
  origin_key AS "originKey", kept_sealed AS "keptSealed", made_at AS "madeAt"`;

/** One that stands. */
export async function readOrganisation(db: Queryable, organisationId: string): Promise<OrganisationRow | undefined> {
  if (!isAccountId(organisationId)) return undefined;
  const [row] = await db.query<Selected<OrganisationRow>>({
    name: 'organisation-read',
    text: `SELECT ${COLUMNS} FROM organisations WHERE organisation_id = $1 AND undone_at IS NULL`,
    values: [organisationId],
  });
  return row;
}

/** Holds one that stands: its members and invitations change one after the other. */
export async function holdOrganisation(
  tx: Transaction,
  organisationId: string,
): Promise<Selected<OrganisationRow> | undefined> {
  if (!isAccountId(organisationId)) return undefined;
  const [row] = await tx.query<Selected<OrganisationRow>>({
    text: `SELECT ${COLUMNS} FROM organisations WHERE organisation_id = $1 AND undone_at IS NULL FOR UPDATE`,
    values: [organisationId],
  });
  return row;
}

/** For operators: every shard is asked. */
export async function organisationOf(db: Queryable, originKey: Buffer): Promise<string | undefined> {
  const [row] = await db.query<{ id: string }>({
    text: 'SELECT organisation_id AS id FROM organisations WHERE origin_key = $1 AND undone_at IS NULL',
    values: [originKey],
  });
  return row?.id;
}

export async function insertOrganisation(tx: Transaction, row: OrganisationRow): Promise<void> {
  await tx.query({
    text: `INSERT INTO organisations (organisation_id, data_key, name_sealed, origin, origin_key, kept_sealed, made_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7)`,
    values: [row.organisationId, row.dataKey, row.nameSealed, row.origin, row.originKey, row.keptSealed, row.madeAt],
  });
}

export async function markOrganisationUndone(
  tx: Transaction,
  organisationId: string,
  undone: { readonly at: Date; readonly by: string },
): Promise<void> {
  await tx.query({
    text: `UPDATE organisations SET undone_at = $2, undone_by = $3, kept_sealed = NULL WHERE organisation_id = $1`,
    values: [organisationId, undone.at, undone.by],
  });
}

export interface MemberRow {
  readonly organisationId: string;
  readonly memberId: string;
  readonly accountId: string;
  readonly role: OrganisationRole;
  readonly joinedAt: Date;
}
const MEMBER = `organisation_id AS "organisationId", member_id AS "memberId", account_id AS "accountId", role,
  joined_at AS "joinedAt"`;

/** Who belongs to it now, oldest first. */
export function membersOf(db: Queryable, organisationId: string): Promise<Selected<MemberRow>[]> {
  return db.query<Selected<MemberRow>>({
    name: 'organisation-members',
    text: `SELECT ${MEMBER} FROM organisation_members WHERE organisation_id = $1 AND left_at IS NULL
           ORDER BY joined_at, member_id`,
    values: [organisationId],
  });
}

export async function insertMember(
  tx: Transaction,
  row: MemberRow & { readonly invitedBy: string | undefined },
): Promise<void> {
  await tx.query({
    text: `INSERT INTO organisation_members (organisation_id, member_id, account_id, role, invited_by, joined_at)
           VALUES ($1, $2, $3, $4, $5, $6)`,
    values: [row.organisationId, row.memberId, row.accountId, row.role, row.invitedBy ?? null, row.joinedAt],
  });
  await tx.query({
    text: `INSERT INTO account_organisations (account_id, organisation_id) VALUES ($1, $2)
           ON CONFLICT (account_id, organisation_id) DO NOTHING`,
    values: [row.accountId, row.organisationId],
  });
}

export async function endMembers(
  tx: Transaction,
  { organisationId, memberIds }: { readonly organisationId: string; readonly memberIds: readonly string[] },
  ended: { readonly at: Date; readonly by: string },
): Promise<void> {
  await tx.query({
    text: `UPDATE organisation_members SET left_at = $3, ended_by = $4
           WHERE organisation_id = $1 AND member_id = ANY($2) AND left_at IS NULL`,
    values: [organisationId, memberIds, ended.at, ended.by],
  });
}

/** Organisations that one of these accounts was ever part of. */
export async function organisationsOfAccounts(db: Queryable, accountIds: readonly string[]): Promise<string[]> {
  const rows = await db.query<{ id: string }>({
    name: 'organisations-of-accounts',
    text: `SELECT DISTINCT organisation_id AS id FROM account_organisations WHERE account_id = ANY($1::uuid[])
           ORDER BY organisation_id`,
    values: [accountIds],
  });
  return rows.map(({ id }) => id);
}

/**
 * The account, and every one that was merged into it: a membership stays where it was made, and counts for whoever stands
 * for that account. So a merge moves none, and undoing it gives each back.
 */
export async function accountsBehind(db: Queryable, accountId: string): Promise<readonly string[]> {
  if (!isAccountId(accountId)) return [];
  const all = new Set([accountId]);
  for (let next: string[] = [accountId]; next.length > 0;) {
    const rows = await db.query<{ id: string }>({
      name: 'absorbed-into',
      text: 'SELECT absorbed_id AS id FROM merges WHERE survivor_id = ANY($1::uuid[]) AND undone_at IS NULL',
      values: [next],
    });
    next = rows.map(({ id }) => id).filter((id) => !all.has(id));
    for (const id of next) all.add(id);
  }
  return [...all];
}
