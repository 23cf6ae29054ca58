import { appendAudit } from '../../audit/index.ts';
import type { Transaction } from '../../platform/postgres/database.ts';
import type { AccountsDeps } from '../accounts-deps.ts';
import type { ActionMeta } from '../accounts.ts';
import { openDataKey } from '../store/data-key.ts';
import {
  insertInvitation,
  invitationsSince,
  openInvitations,
  readInvitation,
  withdrawInvitations,
} from '../store/invitation-rows.ts';
import { holdOrganisation, membersOf, type OrganisationRole, readOrganisation } from '../store/organisation-rows.ts';
import { addressPlace, nameOf, newToken, readToken } from './organisation-key.ts';
import type { ActOfMember, InviteResult, OpenInvitation } from './organisations.ts';
import { standingOf } from './read-organisations.ts';

const LIVES_MS = 7 * 24 * 3600 * 1000;
/** A mailbox of ours that writes to strangers: enough for an office, too few to be of use to a spammer. */
const MOST_OPEN = 50;
const MOST_A_DAY = 100;
const A_DAY_MS = 24 * 3600 * 1000;

export async function inviteMember(
  { keyRing, now }: AccountsDeps,
  tx: Transaction,
  invitation: ActOfMember & { readonly address: string; readonly role: OrganisationRole },
  meta: ActionMeta,
): Promise<InviteResult> {
  const { organisationId, accountId, address, role } = invitation;
  const organisation = await holdOrganisation(tx, organisationId);
  const standing = organisation && (await standingOf(tx, invitation));
  const [by] = standing?.own.filter((member) => member.role === 'administrator') ?? [];
  if (!organisation || !by) return { outcome: 'refused', reason: 'not-administrator' };
  const at = now();
  const open = await openInvitations(tx, organisationId, at);
  const lately = await invitationsSince(tx, organisationId, new Date(at.getTime() - A_DAY_MS));
  if (open.length >= MOST_OPEN || lately >= MOST_A_DAY) return { outcome: 'refused', reason: 'too-many' };
  const { token, invitationKey } = newToken(keyRing, organisationId);
  const expiresAt = new Date(at.getTime() + LIVES_MS);
  const key = openDataKey(keyRing, organisationId, organisation.dataKey);
  await insertInvitation(tx, {
    organisationId,
    invitationKey,
    addressSealed: key.seal(addressPlace({ organisationId, invitationKey }), address),
    role,
    invitedBy: by.memberId,
    createdAt: at,
    expiresAt,
  });
  await appendAudit(tx, {
    chain: `organisation:${organisationId}`,
    type: 'organisation.invited',
    ...meta,
    accountId,
    detail: { role, memberId: by.memberId },
    at,
  });
  return { outcome: 'invited', token, name: nameOf(keyRing, organisation), expiresAt };
}

export async function withdrawInvitation(
  { now }: AccountsDeps,
  tx: Transaction,
  act: ActOfMember & { readonly invitationId: string },
  meta: ActionMeta,
): Promise<boolean> {
  const { organisationId, accountId } = act;
  const organisation = await holdOrganisation(tx, organisationId);
  if (!organisation || !(await standingOf(tx, act))?.isAdministrator) return false;
  const at = now();
  const invitationKey = Buffer.from(act.invitationId, 'base64url');
  if ((await withdrawInvitations(tx, { organisationId, invitationKey }, at)) === 0) return false;
  await appendAudit(tx, {
    chain: `organisation:${organisationId}`,
    type: 'organisation.invitation-withdrawn',
    ...meta,
    accountId,
    at,
  });
  return true;
}

export async function lookAtInvitation(
  { db, keyRing, now }: AccountsDeps,
  token: string,
): Promise<OpenInvitation | undefined> {
  const id = readToken(keyRing, token);
  const organisation = id && (await readOrganisation(db, id.organisationId));
  const row = organisation && (await readInvitation(db, id, now()));
  if (!row) return undefined;
  const { organisationId, role, expiresAt } = row;
  const inviter = (await membersOf(db, organisationId)).find(({ memberId }) => memberId === row.invitedBy)?.accountId;
  const address = openDataKey(keyRing, organisationId, organisation.dataKey).open(addressPlace(row), row.addressSealed);
  return { organisationId, name: nameOf(keyRing, organisation), role, address, inviter, expiresAt };
}
