import { appendAudit } from '../../audit/index.ts';
import type { Transaction } from '../../platform/postgres/database.ts';
import type { AccountsDeps } from '../accounts-deps.ts';
import type { ActionMeta } from '../accounts.ts';
import { withdrawInvitations } from '../store/invitation-rows.ts';
import { endMembers, holdOrganisation, markOrganisationUndone, membersOf } from '../store/organisation-rows.ts';
import { nameOf } from './organisation-key.ts';
import type { ActOfMember, EndResult, UndoneOrganisation } from './organisations.ts';
import { type Standing, standingOf } from './read-organisations.ts';

/** One member leaves or is removed; with the organisation held, so that two administrators cannot both go as the last. */
export async function endMembership(
  { keyRing, now }: AccountsDeps,
  tx: Transaction,
  act: ActOfMember & { readonly memberId: string },
  meta: ActionMeta,
): Promise<EndResult> {
  const { organisationId, accountId, memberId } = act;
  const organisation = await holdOrganisation(tx, organisationId);
  const standing = organisation && (await standingOf(tx, act));
  if (!organisation || !standing) return { outcome: 'refused', reason: 'not-member' };
  const going = whoGoes(standing, memberId);
  if ('reason' in going) return { outcome: 'refused', reason: going.reason };
  const at = now();
  await endMembers(tx, { organisationId, memberIds: going.memberIds }, { at, by: accountId });
  await withdrawInvitations(tx, { organisationId, invitedBy: going.memberIds }, at);
  await appendAudit(tx, {
    chain: `organisation:${organisationId}`,
    type: 'organisation.member-left',
    ...meta,
    accountId,
    detail: { memberId, own: going.wasOwn },
    at,
  });
  return { outcome: 'ended', name: nameOf(keyRing, organisation), accountId: going.accountId, wasOwn: going.wasOwn };
}

type Going =
  | { readonly memberIds: readonly string[]; readonly accountId: string; readonly wasOwn: boolean }
  | { readonly reason: Extract<EndResult, { outcome: 'refused' }>['reason'] };

function whoGoes({ members, own, isAdministrator }: Standing, memberId: string): Going {
  const target = members.find((member) => member.memberId === memberId);
  const wasOwn = target !== undefined && own.includes(target);
  if (!wasOwn && !isAdministrator) return { reason: 'not-administrator' };
  if (!target) return { reason: 'not-member' };
  // Somebody who leaves does so with every account that became theirs.
  const going = wasOwn ? own : [target];
  const isLast = !members.some((member) => member.role === 'administrator' && !going.includes(member));
  if (isLast) return { reason: 'last-administrator' };
  return { memberIds: going.map((member) => member.memberId), accountId: target.accountId, wasOwn };
}

const UNDOABLE_MS = 30 * 24 * 3600 * 1000;

export async function undoOrganisation(
  { keyRing, now }: AccountsDeps,
  tx: Transaction,
  organisationId: string,
  meta: ActionMeta,
): Promise<UndoneOrganisation | undefined> {
  const organisation = await holdOrganisation(tx, organisationId);
  const at = now();
  if (!organisation || at.getTime() - organisation.madeAt.getTime() > UNDOABLE_MS) return undefined;
  const members = await membersOf(tx, organisationId);
  await withdrawInvitations(tx, { organisationId }, at);
  const memberIds = members.map(({ memberId }) => memberId);
  await endMembers(tx, { organisationId, memberIds }, { at, by: meta.actor });
  await markOrganisationUndone(tx, organisationId, { at, by: meta.actor });
  const { origin, originKey, keptSealed } = organisation;
  await appendAudit(tx, {
    chain: `organisation:${organisationId}`,
    type: 'organisation.undone',
    ...meta,
    detail: { source: origin, legacyKey: originKey.toString('hex'), members: members.length },
    at,
  });
  return {
    name: nameOf(keyRing, organisation),
    origin: { source: origin, key: originKey },
    kept: keptSealed ?? undefined,
    accountIds: [...new Set(members.map(({ accountId }) => accountId))],
  };
}
