import { PROOF_LIFETIME_MS } from '../adoption/decide-link.ts';
import { readLegacyAccount } from '../ledger/read-legacy-account.ts';
import { openPersonal } from '../ledger/seal-legacy-row.ts';
import { allowedProofs } from '../sources/proof-policy.ts';
import { findSource } from '../sources/source-store.ts';
import { legacyIdsOf } from './legacy-ids.ts';
import { type LinkRow, readLink, readLinks } from './link-rows.ts';
import {
  type CitizenChange,
  type LinkChangeFacts,
  type LinkExplanation,
  type Links,
  type ListedLink,
  type SourceLinks,
  UNDO_REASONS,
  WAY_BACK_MS,
} from './links.ts';
import { type LinkDependencies, releaseLink } from './release-link.ts';
import { readDeclined, restoreLink } from './restore-link.ts';

export function createLinks(deps: LinkDependencies): Links {
  const { db, now } = deps;
  const isFresh = ({ accountProvedAt }: CitizenChange): boolean => {
    const age = now().getTime() - accountProvedAt.getTime();
    return age >= 0 && age <= PROOF_LIFETIME_MS;
  };
  return {
    async list(accountId, { withUndone = false } = {}) {
      const rows = await readLinks(db, accountId);
      return Promise.all(rows.filter(({ undone }) => withUndone || !undone).map((row) => listed(deps, row)));
    },
    explain: (linkId, of) => explain(deps, linkId, of?.accountId),
    async undo(change) {
      if (!isFresh(change)) return { outcome: 'needs-proof', of: 'account' };
      if (!UNDO_REASONS.includes(change.reason)) return { outcome: 'refused', reason: 'reason-unknown' };
      const facts = await readChangeFacts(deps, change);
      return db.transaction(async (tx) => {
        const result = await releaseLink(deps, tx, change);
        if (result.outcome === 'refused') return result;
        if (facts) await change.alsoInTransaction?.(tx, facts);
        return { outcome: 'undone', changes: result.changes, ending: result.ending };
      });
    },
    async restore(change) {
      if (!isFresh(change)) return { outcome: 'needs-proof', of: 'account' };
      const facts = await readChangeFacts(deps, change);
      return db
        .transaction(async (tx) => {
          const result = await restoreLink(deps, tx, change);
          if (result.outcome === 'restored' && facts) await change.alsoInTransaction?.(tx, facts);
          return result;
        })
        .catch(readDeclined);
    },
    legacyIds: (request) => legacyIdsOf(deps, request),
    ofSource: (source, page) => linksOfSource(deps, source, page),
  };
}

/** Who is to be told, read before the change: the contacts that stood before it. */
export async function readChangeFacts(
  { db, keyRing, accounts }: LinkDependencies,
  { accountId, linkId }: { readonly accountId: string; readonly linkId: string },
): Promise<LinkChangeFacts | undefined> {
  const link = await readLink(db, linkId, accountId);
  const account = link && (await accounts.read(accountId));
  if (!link || !account) return undefined;
  const [source, legacy] = await Promise.all([findSource(db, link.source), readLegacyAccount(db, link.legacyKey)]);
  return {
    accountId,
    linkId,
    source: link.source,
    sourceName: source?.definition.name ?? { en: link.source },
    language: account.language,
    contactsBefore: account.emails.map(({ address }) => address),
    oldEmail: legacy && openPersonal(keyRing, link.legacyKey, legacy).email,
  };
}

async function listed({ db, now }: LinkDependencies, row: LinkRow): Promise<ListedLink> {
  const source = await findSource(db, row.source);
  const { linkId, linkedAt, assurance, undone } = row;
  const until = undone?.by.startsWith('operator:') ? new Date(undone.at.getTime() + WAY_BACK_MS) : undefined;
  return {
    linkId,
    source: row.source,
    sourceName: source?.definition.name ?? { en: row.source },
    linkedAt,
    assurance,
    undone: undone && { ...undone, wayBackUntil: until && until > now() ? until : undefined },
  };
}

async function explain(
  deps: LinkDependencies,
  linkId: string,
  accountId: string | undefined,
): Promise<LinkExplanation | undefined> {
  const { db } = deps;
  const link = await readLink(db, linkId, accountId);
  if (!link) return undefined;
  const [shown, source, legacy, [policy]] = await Promise.all([
    listed(deps, link),
    findSource(db, link.source),
    readLegacyAccount(db, link.legacyKey),
    db.query<{ kinds: string[] }>({
      text: `SELECT ARRAY(SELECT coalesce(proof ->> 'kind', proof #>> '{}')
                          FROM jsonb_array_elements(policy -> 'proofs') AS proof) AS kinds
             FROM source_policies WHERE source = $1 AND version = $2`,
      values: [link.source, link.policyVersion],
    }),
  ]);
  const policyNow = source?.definition.policy;
  return {
    ...shown,
    accountId: link.accountId,
    linkedBy: link.linkedBy,
    proofs: link.proofs.map(({ of, kind, at, strength }) => ({ of, kind, at: new Date(at), strength })),
    policy: {
      version: link.policyVersion,
      versionNow: policyNow?.version,
      kinds: policy?.kinds ?? (policyNow ? allowedProofs(policyNow).map(({ kind }) => kind) : []),
    },
    createdAccount: link.changed.created ?? false,
    sectors: link.changed.sectors ?? [],
    legacyState: legacy?.state ?? 'unknown',
  };
}

interface SourceRow extends Record<string, unknown> {
  link_id: string;
  account_id: string;
  linked_at: Date;
  assurance: string;
  undone_at: Date | null;
}

async function linksOfSource(
  { db }: LinkDependencies,
  source: string,
  { after, limit }: { readonly after?: string | undefined; readonly limit: number },
): Promise<SourceLinks> {
  const rows = await db.query<SourceRow>({
    text: `SELECT link_id, account_id, linked_at, assurance, undone_at FROM links
           WHERE source = $1 AND link_id > $2 ORDER BY link_id LIMIT $3`,
    values: [source, after ?? '00000000-0000-0000-0000-000000000000', limit],
  });
  return {
    links: rows.map((row) => ({
      linkId: row.link_id,
      accountId: row.account_id,
      linkedAt: row.linked_at,
      assurance: row.assurance,
      undoneAt: row.undone_at ?? undefined,
    })),
  };
}
