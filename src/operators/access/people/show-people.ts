import { LatchkeyError } from '../../../platform/failure/latchkey-error.ts';
import { dateIn, timeIn } from '../../../platform/pages/say-when.ts';
import type { OperatorStatus } from '../operator-rows.ts';
import type { OperatorVisit } from '../operator-scope.ts';
import type { OperatorRefusal } from '../operators.ts';
import { ROLES } from '../permissions.ts';
import { type PeopleDeps, pathOfPerson, type PersonVisit } from './person-visit.ts';

const TONE = { active: 'green', invited: 'blue', suspended: 'red' } as const satisfies Record<OperatorStatus, string>;

export async function showPeople({ operators }: PeopleDeps, visit: OperatorVisit): Promise<unknown> {
  const people = await operators.list();
  return visit.show('operators/access/people/people.njk', {
    people: people.map((person) => ({
      handle: person.handle,
      href: pathOfPerson(person.handle),
      name: person.name,
      roles: person.roles,
      status: person.status,
      tone: TONE[person.status],
    })),
  });
}

const DONE = new Set(['roles', 'suspended', 'restored', 'sessions']);

export async function showPerson(
  { operators }: PeopleDeps,
  visit: PersonVisit,
  { problem }: { readonly problem?: OperatorRefusal },
): Promise<unknown> {
  const { language, operator, params, query } = visit;
  const person = await operators.find(params.handle);
  if (person === undefined) throw new LatchkeyError('not_found', 'There is no operator of this name.');
  const done = query['done'];
  return visit.show(
    'operators/access/people/person.njk',
    {
      path: pathOfPerson(person.handle),
      handle: person.handle,
      name: person.name,
      status: person.status,
      tone: TONE[person.status],
      isOwn: person.operatorId === operator.operatorId,
      passkeys: person.passkeys,
      sessions: person.sessions,
      added: dateIn(language, person.addedAt),
      addedBy: person.addedBy.replace(/^operator:/, ''),
      invitedUntil: person.invitedUntil && timeIn(language, person.invitedUntil),
      tokens: person.tokens.map(({ tokenId, roles, expiresAt }) => ({
        tokenId,
        roles,
        expires: dateIn(language, expiresAt),
      })),
      roles: ROLES.map((role) => ({ role, isHeld: person.roles.includes(role) })),
      done: done !== undefined && DONE.has(done) ? done : undefined,
      errors: problem === undefined ? [] : [{ field: 'roles', key: `operators.access.people.problems.${problem}` }],
    },
    { status: problem === undefined ? 200 : 400 },
  );
}
