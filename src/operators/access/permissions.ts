export const ROLES = ['viewer', 'migrator', 'approver', 'support', 'administrator'] as const;
export type Role = (typeof ROLES)[number];

const EVERYBODY_ON_RUNS = ['viewer', 'migrator', 'approver', 'support'] as const;

/**
 * Which roles may do what: the whole table. No role may sign in as a citizen, or link accounts for one (E9, L17). That an
 * approver is not who planned is checked where the thing is approved.
 */
export const PERMISSIONS = {
  'systems.see': EVERYBODY_ON_RUNS,
  'runs.see': EVERYBODY_ON_RUNS,
  'runs.plan': ['migrator'],
  'runs.drive': ['migrator'],
  'runs.approve': ['approver'],
  'runs.undo': ['approver'],
  'rows.see': ['support'],
  'cutover.drive': ['migrator'],
  'cutover.approve': ['approver'],
  'cutover.complain': ['migrator', 'support'],
  'operators.manage': ['administrator'],
} as const satisfies Record<string, readonly Role[]>;
export type Permission = keyof typeof PERMISSIONS;

export const isRole = (text: string): text is Role => ROLES.some((role) => role === text);

const isPermission = (text: string): text is Permission => text in PERMISSIONS;

export function permissionsOf(roles: readonly Role[]): ReadonlySet<Permission> {
  const held: ReadonlySet<string> = new Set(roles);
  return new Set(
    Object.keys(PERMISSIONS)
      .filter(isPermission)
      .filter((permission) => PERMISSIONS[permission].some((role) => held.has(role))),
  );
}

/** What a route asks of who comes. `signed-in` is for what everybody has: their own passkeys. */
export type Needs = Permission | 'signed-in';

export const may = ({ permissions }: { readonly permissions: ReadonlySet<Permission> }, needs: Needs): boolean =>
  needs === 'signed-in' || permissions.has(needs);
