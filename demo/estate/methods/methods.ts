import { askedDirectly } from './asked-directly.ts';
import { atTheEdge } from './at-the-edge.ts';
import type { DemoMethod } from './demo-method.ts';
import { inExports } from './in-exports.ts';
import { passwordTables } from './password-tables.ts';
import { redirected } from './redirected.ts';
import { shapes } from './shapes.ts';

/** The 44 methods, in the order of their ids. */
export const demoMethods: readonly DemoMethod[] = [
  ...passwordTables,
  ...askedDirectly,
  ...redirected,
  ...atTheEdge,
  ...inExports,
  ...shapes,
].toSorted((a, b) => a.id.localeCompare(b.id, 'en'));
