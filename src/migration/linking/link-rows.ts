import { Value } from 'typebox/value';
import { Type } from 'typebox';
import type { Queryable, Transaction } from '../../platform/postgres/database.ts';
import { LinkChanges, LinkProof } from '../adoption/write-link.ts';
import type { Assurance } from '../sources/proof-policy.ts';

export interface LinkRow {
  readonly accountId: string;
  readonly linkId: string;
  readonly legacyKey: Buffer;
  readonly source: string;
  readonly proofs: readonly LinkProof[];
  readonly policyVersion: number;
  readonly assurance: Assurance;
  readonly linkedBy: string;
  readonly linkedAt: Date;
  readonly undone: { readonly at: Date; readonly by: string; readonly reason: string } | undefined;
  readonly changed: LinkChanges;
  readonly carriedSealed: Buffer | undefined;
}

interface Row extends Record<string, unknown> {
  account_id: string;
  link_id: string;
  legacy_key: Buffer;
  source: string;
  proofs: unknown;
  policy_version: number;
  assurance: Assurance;
  linked_by: string;
  linked_at: Date;
  undone_at: Date | null;
  undone_by: string | null;
  undone_reason: string | null;
  changed: unknown;
  carried_sealed: Buffer | null;
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export async function readLinks(queryable: Queryable, accountId: string): Promise<readonly LinkRow[]> {
  if (!UUID.test(accountId)) return [];
  const rows = await queryable.query<Row>({
    name: 'links-of-account',
    text: 'SELECT * FROM links WHERE account_id = $1 ORDER BY linked_at, link_id',
    values: [accountId],
  });
  return rows.map(fromRow);
}

/** By its account where that is known; without it every shard is asked, which is for operators only. */
export async function readLink(queryable: Queryable, linkId: string, accountId?: string): Promise<LinkRow | undefined> {
  if (!UUID.test(linkId) || (accountId !== undefined && !UUID.test(accountId))) return undefined;
  const rows = await queryable.query<Row>(
    accountId === undefined
      ? { text: 'SELECT * FROM links WHERE link_id = $1', values: [linkId] }
      : { text: 'SELECT * FROM links WHERE account_id = $1 AND link_id = $2', values: [accountId, linkId] },
  );
  return rows[0] && fromRow(rows[0]);
}

/** Ends a link. What it carried goes to the old account's own row; everything else of it stays for ever. */
export async function markUndone(
  tx: Transaction,
  link: { readonly accountId: string; readonly linkId: string },
  undone: { readonly at: Date; readonly by: string; readonly reason: string },
): Promise<boolean> {
  const rows = await tx.query({
    text: `UPDATE links SET undone_at = $3, undone_by = $4, undone_reason = $5, carried_sealed = NULL
           WHERE account_id = $1 AND link_id = $2 AND undone_at IS NULL RETURNING 1`,
    values: [link.accountId, link.linkId, undone.at, undone.by, undone.reason],
  });
  return rows.length === 1;
}

function fromRow(row: Row): LinkRow {
  const { undone_at: at, undone_by: by, undone_reason: reason } = row;
  return {
    accountId: row.account_id,
    linkId: row.link_id,
    legacyKey: row.legacy_key,
    source: row.source,
    proofs: Value.Parse(LinkProofs, row.proofs),
    policyVersion: row.policy_version,
    assurance: row.assurance,
    linkedBy: row.linked_by,
    linkedAt: row.linked_at,
    undone: at === null ? undefined : { at, by: by ?? 'system', reason: reason ?? '' },
    changed: Value.Parse(LinkChanges, row.changed),
    carriedSealed: row.carried_sealed ?? undefined,
  };
}

const LinkProofs = Type.Array(LinkProof);
