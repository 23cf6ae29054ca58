import { timeIn } from '../../../platform/pages/say-when.ts';
import type { OperatorVisit } from '../operator-scope.ts';
import type { OperatorRefusal } from '../operators.ts';
import { ROLES, type Role } from '../permissions.ts';
import { type PeopleDeps, type RoleBoxes, tickedRoles } from './person-visit.ts';

interface Typed {
  readonly handle?: string;
  readonly roles?: readonly Role[];
  readonly problem?: OperatorRefusal;
}

export async function showInvite(visit: OperatorVisit, { handle, roles = [], problem }: Typed): Promise<unknown> {
  const field = problem === 'no-roles' ? 'roles' : 'handle';
  return visit.show(
    'operators/access/people/invite.njk',
    {
      handle: handle ?? '',
      roles: ROLES.map((role) => ({ role, isHeld: roles.includes(role) })),
      errors: problem === undefined ? [] : [{ field, key: `operators.access.people.problems.${problem}` }],
    },
    { status: problem === undefined ? 200 : 400 },
  );
}

/** The link is shown once, in the answer to the form: it is kept nowhere. */
export async function invite(
  { operators }: PeopleDeps,
  visit: OperatorVisit,
  fields: RoleBoxes & { readonly handle: string },
): Promise<unknown> {
  const { operator, request, language } = visit;
  const handle = fields.handle.trim().toLowerCase();
  const roles = tickedRoles(fields);
  const act = { actor: operator.actor, correlationId: request.id };
  const done = await operators.invite({ handle, roles }, act);
  if (done.outcome === 'refused') return showInvite(visit, { handle, roles, problem: done.reason });
  const { link, expiresAt } = done;
  return visit.show('operators/access/people/invited.njk', { handle, link, until: timeIn(language, expiresAt) });
}
