import { type Static, Type } from 'typebox';
import { withFreshPasskey } from '../ask-again.ts';
import type { OperatorRoutes } from '../operator-scope.ts';
import { changeRoles, endSessions, inviteAnew, restore, suspend } from './change-person.ts';
import { invite, showInvite } from './invite-person.ts';
import { PEOPLE, PERSON, type PeopleDeps, pathOfPerson, type PersonVisit, roleBoxes } from './person-visit.ts';
import { showPeople, showPerson } from './show-people.ts';

const INVITE = '/operators/people/invite';

const NoFields = Type.Object({}, { additionalProperties: false });
const Roles = Type.Object(roleBoxes, { additionalProperties: false });
const Invitation = Type.Object(
  { handle: Type.String({ maxLength: 200 }), ...roleBoxes },
  { additionalProperties: false },
);

/** For administrators: who staff are, and what they may do. Every change wants a fresh passkey. */
export const peopleRoutes =
  (deps: PeopleDeps): OperatorRoutes =>
  (scope) => {
    const needs = 'operators.manage';
    scope.page({ path: PEOPLE, needs, show: (visit) => showPeople(deps, visit) });
    scope.page({
      path: INVITE,
      needs,
      show: (visit) => withFreshPasskey(deps, visit, INVITE, () => showInvite(visit, {})),
    });
    scope.act({
      path: INVITE,
      needs,
      fields: Invitation,
      take: (visit, fields) => withFreshPasskey(deps, visit, INVITE, () => invite(deps, visit, fields)),
    });
    scope.page({ path: PERSON, needs, show: (visit) => showPerson(deps, visit, {}) });
    const act = <Fields extends typeof NoFields | typeof Roles>(
      name: string,
      fields: Fields,
      take: (deps: PeopleDeps, visit: PersonVisit, fields: Static<Fields>) => Promise<unknown>,
    ): void =>
      scope.act({
        path: `${PERSON}/${name}`,
        needs,
        fields,
        take: (visit, given) =>
          withFreshPasskey(deps, visit, pathOfPerson(visit.params.handle), () => take(deps, visit, given)),
      });
    act('roles', Roles, changeRoles);
    act('suspend', NoFields, suspend);
    act('restore', NoFields, restore);
    act('end-sessions', NoFields, endSessions);
    act('invite', NoFields, inviteAnew);
  };
