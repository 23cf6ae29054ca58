import { appendAudit } from '../../audit/index.ts';
import { uuidv7 } from '../../platform/crypto/uuid.ts';
import type { Transaction } from '../../platform/postgres/database.ts';
import type { AccountsDeps } from '../accounts-deps.ts';
import type { ActionMeta } from '../accounts.ts';
import { newDataKey } from '../store/data-key.ts';
import { insertMember, insertOrganisation } from '../store/organisation-rows.ts';
import { NAME } from './organisation-key.ts';
import type { NewOrganisation } from './organisations.ts';

export async function makeOrganisation(
  { keyRing, now }: AccountsDeps,
  tx: Transaction,
  { name, origin, kept, accountId }: NewOrganisation,
  meta: ActionMeta,
): Promise<string> {
  const at = now();
  const organisationId = uuidv7(at.getTime());
  const { key, wrapped } = newDataKey(keyRing, organisationId);
  await insertOrganisation(tx, {
    organisationId,
    dataKey: wrapped,
    nameSealed: key.seal(NAME, name),
    origin: origin.source,
    originKey: origin.key,
    keptSealed: kept ?? null,
    madeAt: at,
  });
  const memberId = uuidv7(at.getTime());
  const role = 'administrator';
  await insertMember(tx, { organisationId, memberId, accountId, role, invitedBy: undefined, joinedAt: at });
  await appendAudit(tx, {
    chain: `organisation:${organisationId}`,
    type: 'organisation.made',
    ...meta,
    accountId,
    detail: { source: origin.source, legacyKey: origin.key.toString('hex'), memberId },
    at,
  });
  return organisationId;
}
