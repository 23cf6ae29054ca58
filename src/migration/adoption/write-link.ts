import { type Static, Type } from 'typebox';
import { uuidv7 } from '../../platform/crypto/uuid.ts';
import type { Transaction } from '../../platform/postgres/database.ts';
import { sealVerifier } from '../ledger/seal-legacy-row.ts';
import { allowedProof } from '../sources/proof-policy.ts';
import type { Adoption, Held } from './adoption.ts';
import type { InheritedSubjects } from './inherit-subjects.ts';

/** What linking changed: undoing restores exactly this and nothing else. */
export const LinkChanges = Type.Object({
  created: Type.Optional(Type.Boolean()),
  /** Of the password that came along with the old account. */
  credentialId: Type.Optional(Type.String()),
  /** Sectors that know the account by the old id since. */
  sectors: Type.Optional(Type.Array(Type.String())),
});
export type LinkChanges = Static<typeof LinkChanges>;

/** One proof as a link keeps it: what was proved of which side, how and when. */
export const LinkProof = Type.Object({
  of: Type.Enum(['legacy', 'account', 'address', 'link']),
  kind: Type.String(),
  at: Type.String(),
  strength: Type.Optional(Type.String()),
  /** Reached at the old system in that session. */
  level: Type.Optional(Type.String()),
  truncated: Type.Optional(Type.Boolean()),
});
export type LinkProof = Static<typeof LinkProof>;

/** Writes the edge from the old account to the account, with all that is needed to explain and to undo it. */
export async function writeLink(
  tx: Transaction,
  { accounts, keyRing, request, now }: Adoption,
  held: Held,
  subjects: InheritedSubjects,
): Promise<string> {
  const { accountId, source, legacy } = held;
  const { policy } = source.definition;
  const carried = held.proofs.find((proof) => proof.carried)?.carried;
  const created = 'newAccount' in request;
  const credentialId = created ? (await accounts.linking.hold(tx, accountId))?.passwordId : undefined;
  const changed: LinkChanges = {
    created,
    ...(credentialId !== undefined && { credentialId }),
    sectors: subjects.flatMap(({ sector, outcome }) => (outcome === 'inherited' ? [sector] : [])),
  };
  const linkId = uuidv7(now().getTime());
  await insertLink(tx, {
    accountId,
    linkId,
    legacyKey: legacy.legacyKey,
    source: source.source,
    proofs: proofsOf(request, held),
    policyVersion: policy.version,
    assurance: held.assurance,
    linkedBy: request.meta.actor,
    linkedAt: now(),
    changed,
    carried: carried && sealVerifier(keyRing, legacy.legacyKey, legacy.dataKey, carried.passwordHash),
  });
  return linkId;
}

function proofsOf(request: Adoption['request'], { proofs, source }: Held): LinkProof[] {
  const old = proofs.map(({ kind, level, provedAt, carried }): LinkProof => {
    const strength = allowedProof(source.definition.policy, kind)?.strength ?? 'full';
    const truncated = carried?.truncated ?? false;
    return {
      of: 'legacy',
      kind,
      at: provedAt.toISOString(),
      strength,
      ...(level && { level }),
      ...(truncated && { truncated }),
    };
  });
  const side: LinkProof =
    'accountProvedAt' in request
      ? { of: 'account', kind: 'signed-in', at: request.accountProvedAt.toISOString() }
      : { of: 'address', kind: 'email-code', at: request.newAccount.emailProvedAt.toISOString() };
  return [...old, side];
}

export interface NewLink {
  readonly accountId: string;
  readonly linkId: string;
  readonly legacyKey: Buffer;
  readonly source: string;
  readonly proofs: readonly LinkProof[];
  readonly policyVersion: number;
  readonly assurance: string;
  readonly linkedBy: string;
  readonly linkedAt: Date;
  readonly changed: LinkChanges;
  readonly carried: Buffer | undefined;
}

export async function insertLink(tx: Transaction, link: NewLink): Promise<void> {
  await tx.query({
    text: `INSERT INTO links (account_id, link_id, legacy_key, source, proofs, policy_version, assurance, linked_by,
                              linked_at, changed, carried_sealed)
           VALUES ($1, $2, $3, $4, $5::jsonb, $6, $7, $8, $9, $10::jsonb, $11)`,
    values: [
      link.accountId,
      link.linkId,
      link.legacyKey,
      link.source,
      JSON.stringify(link.proofs),
      link.policyVersion,
      link.assurance,
      link.linkedBy,
      link.linkedAt,
      JSON.stringify(link.changed),
      link.carried ?? null,
    ],
  });
}
