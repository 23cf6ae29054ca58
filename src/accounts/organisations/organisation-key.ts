import { randomBytes } from 'node:crypto';
import type { KeyRing } from '../../platform/crypto/key-ring.ts';
import { isAccountId } from '../store/account-rows.ts';
import { openDataKey } from '../store/data-key.ts';
import type { InvitationId } from '../store/invitation-rows.ts';
import type { OrganisationRow } from '../store/organisation-rows.ts';

export const NAME = 'organisations.name';

export const nameOf = (keyRing: KeyRing, { organisationId, dataKey, nameSealed }: OrganisationRow): string =>
  openDataKey(keyRing, organisationId, dataKey).open(NAME, nameSealed);

export const addressPlace = ({ invitationKey }: InvitationId): string =>
  `organisation_invitations:${invitationKey.toString('base64url')}`;

/** The id says where to look, the secret what for: 256 bits, kept as a keyed hash only. */
export function newToken(keyRing: KeyRing, organisationId: string): { token: string; invitationKey: Buffer } {
  const secret = randomBytes(32).toString('base64url');
  return { token: `${organisationId}.${secret}`, invitationKey: keyOf(keyRing, organisationId, secret) };
}

export function readToken(keyRing: KeyRing, token: string): InvitationId | undefined {
  const [organisationId = '', secret = '', ...more] = token.slice(0, 200).split('.');
  if (more.length > 0 || !isAccountId(organisationId) || secret === '') return undefined;
  return { organisationId, invitationKey: keyOf(keyRing, organisationId, secret) };
}

const keyOf = (keyRing: KeyRing, organisationId: string, secret: string): Buffer =>
  keyRing.lookupKey('organisation-invitation', organisationId, secret);
