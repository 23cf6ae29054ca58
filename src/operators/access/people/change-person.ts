import { timeIn } from '../../../platform/pages/say-when.ts';
import type { OperatorAct, Refused } from '../operators.ts';
import { type PeopleDeps, pathOfPerson, type PersonVisit, type RoleBoxes, tickedRoles } from './person-visit.ts';
import { showPerson } from './show-people.ts';

const actOf = ({ operator, request }: PersonVisit): OperatorAct => ({
  actor: operator.actor,
  correlationId: request.id,
});

export async function changeRoles(deps: PeopleDeps, visit: PersonVisit, fields: RoleBoxes): Promise<unknown> {
  const done = await deps.operators.changeRoles(visit.params.handle, tickedRoles(fields), actOf(visit));
  return settle(deps, visit, done, 'roles');
}

export async function suspend(deps: PeopleDeps, visit: PersonVisit): Promise<unknown> {
  return settle(deps, visit, await deps.operators.suspend(visit.params.handle, actOf(visit)), 'suspended');
}

export async function restore(deps: PeopleDeps, visit: PersonVisit): Promise<unknown> {
  return settle(deps, visit, await deps.operators.restore(visit.params.handle, actOf(visit)), 'restored');
}

export async function endSessions(deps: PeopleDeps, visit: PersonVisit): Promise<unknown> {
  return settle(deps, visit, await deps.operators.endSessions(visit.params.handle, actOf(visit)), 'sessions');
}

export async function inviteAnew(deps: PeopleDeps, visit: PersonVisit): Promise<unknown> {
  const { handle } = visit.params;
  const done = await deps.operators.inviteAgain(handle, actOf(visit));
  if (done.outcome === 'refused') return settle(deps, visit, done, '');
  const until = timeIn(visit.language, done.expiresAt);
  return visit.show('operators/access/people/invited.njk', { handle, link: done.link, until });
}

async function settle(
  deps: PeopleDeps,
  visit: PersonVisit,
  done: Refused | { readonly outcome: string },
  told: string,
): Promise<unknown> {
  if ('reason' in done) return showPerson(deps, visit, { problem: done.reason });
  return visit.reply.redirect(`${pathOfPerson(visit.params.handle)}?done=${told}`, 303);
}
