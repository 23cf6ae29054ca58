import type { KeyRing } from '../../platform/crypto/key-ring.ts';
import type { Queryable, Transaction } from '../../platform/postgres/database.ts';
import { isRole, type Role } from './permissions.ts';

export type OperatorStatus = 'active' | 'invited' | 'suspended';

export interface OperatorRow {
  readonly operatorId: string;
  readonly handle: string;
  readonly roles: readonly Role[];
  readonly status: OperatorStatus;
  /** As they gave it; undefined until they took up their invitation. */
  readonly name: string | undefined;
  readonly addedBy: string;
  readonly addedAt: Date;
}

interface Stored extends Record<string, unknown> {
  operatorId: string;
  handle: string;
  roles: string[];
  status: OperatorStatus;
  nameSealed: Buffer | null;
  addedBy: string;
  addedAt: Date;
}

interface Deps {
  readonly keyRing: KeyRing;
}

const NAME = 'operator-name';
const COLUMNS = `operator_id AS "operatorId", handle, roles, status, name_sealed AS "nameSealed", added_by AS "addedBy",
  added_at AS "addedAt"`;

/** Takes the handle and writes the row; false when somebody has, or had, that handle. */
export async function insertOperator(
  tx: Transaction,
  row: Pick<OperatorRow, 'addedAt' | 'addedBy' | 'handle' | 'operatorId' | 'roles'>,
): Promise<boolean> {
  const claimed = await tx.query({
    text: `INSERT INTO operator_handles (handle, operator_id, claimed_at) VALUES ($1, $2, $3)
           ON CONFLICT (handle) DO NOTHING RETURNING 1`,
    values: [row.handle, row.operatorId, row.addedAt],
  });
  if (claimed.length === 0) return false;
  await tx.query({
    text: `INSERT INTO operators (operator_id, handle, roles, status, added_by, added_at, changed_at)
           VALUES ($1, $2, $3, 'invited', $4, $5, $5)`,
    values: [row.operatorId, row.handle, row.roles, row.addedBy, row.addedAt],
  });
  return true;
}

/** Whose handle it is. */
export async function operatorIdOf(db: Queryable, handle: string): Promise<string | undefined> {
  const [row] = await db.query<{ id: string }>({
    text: 'SELECT operator_id AS id FROM operator_handles WHERE handle = $1',
    values: [handle],
  });
  return row?.id;
}

export async function readOperator(deps: Deps, db: Queryable, operatorId: string): Promise<OperatorRow | undefined> {
  const [row] = await db.query<Stored>({
    text: `SELECT ${COLUMNS} FROM operators WHERE operator_id = $1`,
    values: [operatorId],
  });
  return row && fromStored(deps, row);
}

/** Holds the operator: what changes them, and what they begin, come one after the other. */
export async function holdOperator(deps: Deps, tx: Transaction, operatorId: string): Promise<OperatorRow | undefined> {
  const [row] = await tx.query<Stored>({
    text: `SELECT ${COLUMNS} FROM operators WHERE operator_id = $1 FOR UPDATE`,
    values: [operatorId],
  });
  return row && fromStored(deps, row);
}

/** All of them, by handle: staff are few. */
export async function allOperators(deps: Deps, db: Queryable): Promise<readonly OperatorRow[]> {
  const rows = await db.query<Stored>({ text: `SELECT ${COLUMNS} FROM operators ORDER BY handle LIMIT 1000` });
  return rows.map((row) => fromStored(deps, row));
}

export async function updateOperator(
  { keyRing }: Deps,
  tx: Transaction,
  row: Pick<OperatorRow, 'name' | 'operatorId' | 'roles' | 'status'>,
  at: Date,
): Promise<void> {
  const nameSealed = row.name === undefined ? null : keyRing.seal(NAME, row.name, row.operatorId);
  await tx.query({
    text: `UPDATE operators SET roles = $2, status = $3, name_sealed = $4, changed_at = $5 WHERE operator_id = $1`,
    values: [row.operatorId, row.roles, row.status, nameSealed, at],
  });
}

function fromStored({ keyRing }: Deps, { nameSealed, roles, ...row }: Stored): OperatorRow {
  const name = nameSealed === null ? undefined : keyRing.open(NAME, nameSealed, row.operatorId).toString();
  return { ...row, roles: roles.filter(isRole), name };
}

/** Whether nobody else could make operators by the pages. The command line always can. */
export async function isLastAdministrator(
  tx: Transaction,
  { operatorId, roles, status }: Pick<OperatorRow, 'operatorId' | 'roles' | 'status'>,
): Promise<boolean> {
  if (status !== 'active' || !roles.includes('administrator')) return false;
  const others = await tx.query({
    text: `SELECT 1 FROM operators WHERE status = 'active' AND 'administrator' = ANY(roles) AND operator_id <> $1 LIMIT 1`,
    values: [operatorId],
  });
  return others.length === 0;
}
