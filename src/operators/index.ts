/**
 * The staff's door: who staff are, how they sign in and what they may do (`access/`), how far everything is (`insight/`),
 * the runs that they plan, drive and account for (`migration-desk/`), which of old and new serves people
 * (`side-by-side/`), and the same for programs (`api/`).
 * It owns the tables operators, operator_* and these pages, in both languages. It does not own what operators change
 * (migration, accounts, relying-parties), and no role of it signs in as a citizen.
 *
 * A request: the guard finds out who asks (the session of a passkey sign-in, or a bearer token on the API), looks at the
 * operator's row, and compares the roles with what the route needs → the room's handler. A route gets nowhere but through
 * `OperatorScope`. Pages send who is not signed in to sign in and back; forms carry their token; refusals are recorded.
 * `/health/sources` stands apart: for those who run this, from this machine or with the token that `/metrics` asks for.
 */
import type { PagesFolder } from '../platform/pages/translations.ts';

export { createOperators } from './access/create-operators.ts';
export type { ListedOperator, OperatorRefusal, Operators } from './access/operators.ts';
export { isRole, type Role } from './access/permissions.ts';
export { openRunFolder, type RunFolder } from './migration-desk/files/run-folder.ts';
export { showSourceHealth } from './insight/show-source-health.ts';
export { operatorRoutes, type OperatorsDeps, operatorsPlugin } from './operators-plugin.ts';

export const operatorsPages: PagesFolder = { name: 'operators', directory: import.meta.dirname };
