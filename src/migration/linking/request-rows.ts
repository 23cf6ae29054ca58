import { Type } from 'typebox';
import { Value } from 'typebox/value';
import type { Queryable, Transaction } from '../../platform/postgres/database.ts';
import type { LinkDependencies } from './release-link.ts';

export type RequestKind =
  | 'undo-link'
  | 'restore-link'
  | 'vouch'
  | 'undo-organisation'
  | 'finalise-source'
  | 'cutover-anyway';

/** A request that waits for a second operator. */
export interface OpenRequest {
  readonly requestId: string;
  readonly kind: RequestKind;
  readonly source: string;
  readonly accountId: string | undefined;
  readonly linkId: string | undefined;
  readonly reason: string;
  readonly evidence: string;
  readonly askedBy: string;
  readonly askedAt: Date;
  readonly expiresAt: Date;
}

interface Row extends Record<string, unknown> {
  request_id: string;
  kind: RequestKind;
  source: string;
  account_id: string | null;
  link_id: string | null;
  evidence_sealed: Buffer;
  asked_by: string;
  asked_at: Date;
  expires_at: Date;
}

type Deps = Pick<LinkDependencies, 'db' | 'keyRing'>;
const SEALED = 'operator-request';
const Words = Type.Object({ reason: Type.String(), evidence: Type.String() });

export interface NewRequest {
  readonly requestId: string;
  readonly kind: RequestKind;
  readonly source: string;
  readonly legacyKey: Buffer;
  readonly accountId?: string;
  readonly linkId?: string;
  readonly reason: string;
  readonly evidence: string;
  readonly askedBy: string;
  readonly askedAt: Date;
  readonly expiresAt: Date;
}

export async function insertRequest({ keyRing }: Deps, tx: Transaction, request: NewRequest): Promise<void> {
  const words = JSON.stringify({ reason: request.reason, evidence: request.evidence });
  await tx.query({
    text: `INSERT INTO operator_requests (request_id, kind, source, legacy_key, account_id, link_id, evidence_sealed,
                                          asked_by, asked_at, expires_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    values: [
      request.requestId,
      request.kind,
      request.source,
      request.legacyKey,
      request.accountId ?? null,
      request.linkId ?? null,
      keyRing.seal(SEALED, words, request.requestId),
      request.askedBy,
      request.askedAt,
      request.expiresAt,
    ],
  });
}

interface RequestedOf {
  readonly kind: RequestKind;
  readonly legacyKey: Buffer;
  readonly linkId?: string;
  readonly accountId?: string;
}

const OPEN = `
  SELECT * FROM operator_requests
  WHERE legacy_key = $1 AND kind = $2 AND link_id IS NOT DISTINCT FROM $3
    AND account_id IS NOT DISTINCT FROM $4 AND approved_at IS NULL AND expires_at > $5
  ORDER BY request_id LIMIT 1`;

/** The request of this kind about this link, or this old account, that nobody has approved yet; held. */
export const openRequestOf = (
  deps: Deps,
  tx: Transaction,
  of: RequestedOf,
  at: Date,
): Promise<OpenRequest | undefined> => readOpen(deps, tx, `${OPEN} FOR UPDATE`, valuesOf(of, at));

/** The same, for a page: to read, not to decide by. */
export const seeRequestOf = (deps: Deps, of: RequestedOf, at: Date): Promise<OpenRequest | undefined> =>
  readOpen(deps, deps.db, OPEN, valuesOf(of, at));

const valuesOf = ({ legacyKey, kind, linkId, accountId }: RequestedOf, at: Date): unknown[] => [
  legacyKey,
  kind,
  linkId ?? null,
  accountId ?? null,
  at,
];

async function readOpen(
  deps: Deps,
  queryable: Queryable,
  text: string,
  values: unknown[],
): Promise<OpenRequest | undefined> {
  const [row] = await queryable.query<Row>({ text, values });
  return row && fromRow(deps, row);
}

/** Compare-and-set; the table itself refuses the operator who asked. */
export async function approveRequest(
  tx: Transaction,
  requestId: string,
  approval: { readonly by: string; readonly at: Date },
): Promise<boolean> {
  const rows = await tx.query({
    text: `UPDATE operator_requests SET approved_by = $2, approved_at = $3
           WHERE request_id = $1 AND approved_at IS NULL AND asked_by <> $2 RETURNING 1`,
    values: [requestId, approval.by, approval.at],
  });
  return rows.length === 1;
}

export async function openRequests(deps: Deps, at: Date): Promise<readonly OpenRequest[]> {
  const queryable: Queryable = deps.db;
  const rows = await queryable.query<Row>({
    text: `SELECT * FROM operator_requests WHERE approved_at IS NULL AND expires_at > $1
           ORDER BY request_id DESC LIMIT 500`,
    values: [at],
  });
  return rows.map((row) => fromRow(deps, row));
}

function fromRow({ keyRing }: Deps, row: Row): OpenRequest {
  const words: unknown = JSON.parse(keyRing.open(SEALED, row.evidence_sealed, row.request_id).toString());
  const { reason, evidence } = Value.Parse(Words, words);
  return {
    requestId: row.request_id,
    kind: row.kind,
    source: row.source,
    accountId: row.account_id ?? undefined,
    linkId: row.link_id ?? undefined,
    reason,
    evidence,
    askedBy: row.asked_by,
    askedAt: row.asked_at,
    expiresAt: row.expires_at,
  };
}
