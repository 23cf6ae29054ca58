import type { Queryable } from '../../platform/postgres/database.ts';
import type { AccountsDeps } from '../accounts-deps.ts';
import { openDataKey } from '../store/data-key.ts';
import { openInvitations } from '../store/invitation-rows.ts';
import {
  accountsBehind,
  type MemberRow,
  membersOf,
  organisationsOfAccounts,
  type OrganisationRow,
  readOrganisation,
} from '../store/organisation-rows.ts';
import { addressPlace, nameOf } from './organisation-key.ts';
import type { ActOfMember, Membership, OrganisationView } from './organisations.ts';

/** Where somebody stands in an organisation: as themselves and as every account that was merged into theirs. */
export interface Standing {
  readonly members: readonly MemberRow[];
  readonly own: readonly MemberRow[];
  readonly isAdministrator: boolean;
}

export async function standingOf(
  db: Queryable,
  { organisationId, accountId }: ActOfMember,
): Promise<Standing | undefined> {
  const [members, behind] = await Promise.all([membersOf(db, organisationId), accountsBehind(db, accountId)]);
  const own = members.filter((member) => behind.includes(member.accountId));
  if (own.length === 0) return undefined;
  return { members, own, isAdministrator: own.some(({ role }) => role === 'administrator') };
}

export async function membershipsOf(deps: AccountsDeps, accountId: string): Promise<readonly Membership[]> {
  const ids = await organisationsOfAccounts(deps.db, await accountsBehind(deps.db, accountId));
  const found = await Promise.all(ids.map((organisationId) => membershipIn(deps, { organisationId, accountId })));
  return found.filter((one) => one !== undefined).map(({ membership }) => membership);
}

export async function viewOrganisation(deps: AccountsDeps, act: ActOfMember): Promise<OrganisationView | undefined> {
  const { db, keyRing, now } = deps;
  const found = await membershipIn(deps, act);
  if (!found) return undefined;
  const { membership, standing, organisation } = found;
  if (!standing.isAdministrator) return { ...membership, members: standing.own.map(asYours), invitations: [] };
  const key = openDataKey(keyRing, act.organisationId, organisation.dataKey);
  const invitations = await openInvitations(db, act.organisationId, now());
  return {
    ...membership,
    members: standing.members.map((row) => ({ ...row, isYou: standing.own.includes(row) })),
    invitations: invitations.map((row) => ({
      invitationId: row.invitationKey.toString('base64url'),
      address: key.open(addressPlace(row), row.addressSealed),
      role: row.role,
      expiresAt: row.expiresAt,
    })),
  };
}

const asYours = (row: MemberRow): OrganisationView['members'][number] => ({ ...row, isYou: true });

interface Found {
  readonly membership: Membership;
  readonly standing: Standing;
  readonly organisation: OrganisationRow;
}

async function membershipIn({ db, keyRing }: AccountsDeps, act: ActOfMember): Promise<Found | undefined> {
  const organisation = await readOrganisation(db, act.organisationId);
  const standing = organisation && (await standingOf(db, act));
  const [first] = standing?.own ?? [];
  if (!organisation || !standing || !first) return undefined;
  const membership: Membership = {
    organisationId: act.organisationId,
    name: nameOf(keyRing, organisation),
    role: standing.isAdministrator ? 'administrator' : 'member',
    joinedAt: first.joinedAt,
    origin: { source: organisation.origin, key: organisation.originKey },
  };
  return { membership, standing, organisation };
}
