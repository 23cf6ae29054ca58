import { appendAudit } from '../../audit/index.ts';
import type { Transaction } from '../../platform/postgres/database.ts';
import { moveLegacyAccount } from '../ledger/move-legacy-account.ts';
import { sealVerifier } from '../ledger/seal-legacy-row.ts';
import type { Adoption, Held } from './adoption.ts';
import type { AdoptResult } from './adoption-types.ts';
import { refuse } from './declined.ts';
import { type LinkAttempt, recordAttempt } from './link-attempts.ts';

/**
 * A shared old account becomes an organisation, and its prover the first administrator. Nothing of it is linked to the
 * person: no subject, no name and no password goes along, and from now on its password opens nothing.
 */
export async function becomeOrganisation(
  tx: Transaction,
  adoption: Adoption,
  held: Omit<Held, 'assurance'> & { readonly attempt: LinkAttempt },
): Promise<AdoptResult> {
  const { accounts, keyRing, request, now } = adoption;
  const { accountId, source, legacy, personal, proofs } = held;
  const { legacyKey, dataKey } = legacy;
  if (!(await moveLegacyAccount(tx, legacyKey, { to: 'organised' }, now()))) return refuse('already-adopted');
  const carried = proofs.find((proof) => proof.carried)?.carried;
  const organisation = {
    name: personal.name ?? source.definition.name.en,
    origin: { source: source.source, key: legacyKey },
    kept: carried && sealVerifier(keyRing, legacyKey, dataKey, carried.passwordHash),
    accountId,
  };
  const organisationId = await accounts.organisations.make(tx, organisation, request.meta);
  for (const { proofKey } of proofs) if (!(await adoption.proofs.consume(tx, proofKey, now()))) refuse('proof-used');
  await accounts.linking.noteLink(tx, accountId);
  await recordAttempt(tx, held.attempt, now());
  const created = 'newAccount' in request;
  await appendAudit(tx, {
    chain: `account:${accountId}`,
    type: 'legacy.organised',
    ...request.meta,
    accountId,
    detail: { source: source.source, legacyKey: legacyKey.toString('hex'), organisationId, created },
  });
  const { contactsBefore } = adoption.before;
  const facts = { accountId, linkId: undefined, created, contactsBefore, oldEmail: personal.email };
  await request.alsoInTransaction?.(tx, facts);
  const endings = created ? [] : [await accounts.endings.want(tx, accountId, 'old-account-added')];
  return { outcome: 'organised', accountId, organisationId, created, endings };
}
