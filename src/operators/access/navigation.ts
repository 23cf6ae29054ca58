import type { SignedInOperator } from './operator.ts';
import { may, type Needs } from './permissions.ts';

/** The service navigation, from left to right. A part that has no page in this process is left out. */
const SECTIONS = [
  { name: 'systems', path: '/operators/systems', needs: 'systems.see' },
  { name: 'runs', path: '/operators/runs', needs: 'runs.see' },
  { name: 'rows', path: '/operators/rows', needs: 'rows.see' },
  { name: 'people', path: '/operators/people', needs: 'operators.manage' },
  { name: 'passkeys', path: '/operators/passkeys', needs: 'signed-in' },
] as const satisfies readonly { readonly name: string; readonly path: string; readonly needs: Needs }[];

export type Section = (typeof SECTIONS)[number];

export const sectionsFor = (operator: SignedInOperator, pages: ReadonlySet<string>): readonly Section[] =>
  SECTIONS.filter(({ path, needs }) => pages.has(path) && may(operator, needs));

/** Whether a page is the section's own, or lies within it. */
export const isWithin = ({ path }: Section, page: string): boolean => page === path || page.startsWith(`${path}/`);
