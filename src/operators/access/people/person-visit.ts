import { Type } from 'typebox';
import type { AccessDeps } from '../access-deps.ts';
import type { OperatorVisit } from '../operator-scope.ts';
import type { Operators } from '../operators.ts';
import { ROLES, type Role } from '../permissions.ts';

export interface PeopleDeps extends AccessDeps {
  readonly operators: Operators;
}

export const PEOPLE = '/operators/people';
export const PERSON = '/operators/people/of/:handle';
export type PersonVisit = OperatorVisit<{ readonly handle: string }>;

export const pathOfPerson = (handle: string): string => `${PEOPLE}/of/${encodeURIComponent(handle)}`;

/** Each box has a name of its own: a field that comes twice is refused everywhere. */
export const roleBoxes = Object.fromEntries(ROLES.map((role) => [`role-${role}`, Type.Optional(Type.Literal('yes'))]));
export type RoleBoxes = Readonly<Record<string, string | undefined>>;

export const tickedRoles = (boxes: RoleBoxes): readonly Role[] =>
  ROLES.filter((role) => boxes[`role-${role}`] === 'yes');
