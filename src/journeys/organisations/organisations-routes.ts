import type { FastifyInstance } from 'fastify';
import type { JourneyDeps } from '../journey-deps.ts';
import type { AccountVisits } from '../your-account/account-visit.ts';
import { inviteMember, showInvite, withdrawInvitation } from './invite-member.ts';
import { join, showJoin } from './join-organisation.ts';
import { JOIN, ORGANISATIONS } from './organisation-act.ts';
import { removeMember, showRemoveMember } from './remove-member.ts';
import { showOrganisation } from './show-organisation.ts';

/** Organisations that shared old accounts became: who acts for them, inviting, joining, leaving (M43). */
export function registerOrganisationsRoutes(app: FastifyInstance, deps: JourneyDeps, visits: AccountVisits): void {
  app.get(
    `${ORGANISATIONS}/:organisationId`,
    visits.page((visit) => showOrganisation(deps, visit)),
  );
  app.get(
    `${ORGANISATIONS}/:organisationId/invite`,
    visits.firstPage((visit) => showInvite(deps, visit)),
  );
  app.post(
    `${ORGANISATIONS}/:organisationId/invite`,
    visits.sensitiveForm((visit, form) => inviteMember(deps, visit, form)),
  );
  app.post(
    `${ORGANISATIONS}/:organisationId/withdraw`,
    visits.form('/account', (visit, form) => withdrawInvitation(deps, visit, form)),
  );
  app.get(
    `${ORGANISATIONS}/:organisationId/members/:memberId/remove`,
    visits.firstPage((visit) => showRemoveMember(deps, visit)),
  );
  app.post(
    `${ORGANISATIONS}/:organisationId/members/:memberId/remove`,
    visits.sensitiveForm((visit, form) => removeMember(deps, visit, form)),
  );
  app.get(
    `${JOIN}/:token`,
    visits.firstPage((visit) => showJoin(deps, visit)),
  );
  app.post(
    `${JOIN}/:token`,
    visits.sensitiveForm((visit, form) => join(deps, visit, form)),
  );
}
