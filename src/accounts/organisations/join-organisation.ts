import { appendAudit } from '../../audit/index.ts';
import { uuidv7 } from '../../platform/crypto/uuid.ts';
import type { Transaction } from '../../platform/postgres/database.ts';
import type { AccountsDeps } from '../accounts-deps.ts';
import type { ActionMeta } from '../accounts.ts';
import { readInvitation, useInvitation } from '../store/invitation-rows.ts';
import { endMembers, holdOrganisation, insertMember } from '../store/organisation-rows.ts';
import { nameOf, readToken } from './organisation-key.ts';
import type { JoinResult } from './organisations.ts';
import { standingOf } from './read-organisations.ts';

/** Uses an invitation up. Whoever holds the link may join, once, with an account of their own; the inviter is told. */
export async function joinOrganisation(
  { keyRing, now }: AccountsDeps,
  tx: Transaction,
  { token, accountId }: { readonly token: string; readonly accountId: string },
  meta: ActionMeta,
): Promise<JoinResult> {
  const id = readToken(keyRing, token);
  const organisation = id && (await holdOrganisation(tx, id.organisationId));
  const at = now();
  const invited = organisation && (await readInvitation(tx, id, at));
  if (!invited) return { outcome: 'gone' };
  const { organisationId, role } = invited;
  const before = await standingOf(tx, { organisationId, accountId });
  if (before && (before.isAdministrator || role === 'member')) return { outcome: 'member-already', organisationId };
  if (!(await useInvitation(tx, id, at))) return { outcome: 'gone' };

  const memberId = uuidv7(at.getTime());
  const earlier = before?.own.map((member) => member.memberId) ?? [];
  await endMembers(tx, { organisationId, memberIds: earlier }, { at, by: memberId });
  await insertMember(tx, { organisationId, memberId, accountId, role, invitedBy: invited.invitedBy, joinedAt: at });
  await appendAudit(tx, {
    chain: `organisation:${organisationId}`,
    type: 'organisation.joined',
    ...meta,
    accountId,
    detail: { role, memberId, invitedBy: invited.invitedBy },
    at,
  });
  return { outcome: before ? 'raised' : 'joined', organisationId, name: nameOf(keyRing, organisation), role };
}
