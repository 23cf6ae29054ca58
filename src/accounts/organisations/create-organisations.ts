import type { AccountsDeps } from '../accounts-deps.ts';
import { organisationOf } from '../store/organisation-rows.ts';
import { endMembership, undoOrganisation } from './end-membership.ts';
import { inviteMember, lookAtInvitation, withdrawInvitation } from './invite-member.ts';
import { joinOrganisation } from './join-organisation.ts';
import { makeOrganisation } from './make-organisation.ts';
import type { Organisations } from './organisations.ts';
import { membershipsOf, viewOrganisation } from './read-organisations.ts';

export function createOrganisations(deps: AccountsDeps): Organisations {
  return {
    make: (tx, organisation, meta) => makeOrganisation(deps, tx, organisation, meta),
    of: (accountId) => membershipsOf(deps, accountId),
    read: (act) => viewOrganisation(deps, act),
    invite: (tx, invitation, meta) => inviteMember(deps, tx, invitation, meta),
    withdraw: (tx, act, meta) => withdrawInvitation(deps, tx, act, meta),
    look: (token) => lookAtInvitation(deps, token),
    join: (tx, act, meta) => joinOrganisation(deps, tx, act, meta),
    end: (tx, act, meta) => endMembership(deps, tx, act, meta),
    madeFrom: ({ key }) => organisationOf(deps.db, key),
    undo: (tx, organisationId, meta) => undoOrganisation(deps, tx, organisationId, meta),
  };
}
