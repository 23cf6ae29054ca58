import type { Level, Warning } from '../answer.ts';
import type { LevelTable } from './claim-settings.ts';

const ORDER: readonly Level[] = ['none', 'Cl', 'Cl.Cm'];

interface Means {
  readonly table: LevelTable;
  /** Of a context that the table does not know. */
  readonly otherwise: Level;
  /** Most that the partner is trusted for (E6, L16). */
  readonly most: Level;
}

/**
 * Never the partner's word alone: what the table makes of it, and no more than the partner is trusted for. Of several
 * contexts that the table knows, the best: a code after a password is said beside the password.
 */
export function readLevel(
  contexts: readonly string[],
  { table, otherwise, most }: Means,
): { readonly level: Level; readonly warnings: readonly Warning[] } {
  const known = table.filter(({ context }) => contexts.includes(context)).map(({ level }) => ORDER.indexOf(level));
  const said = known.length > 0 ? Math.max(...known) : ORDER.indexOf(otherwise);
  if (said <= ORDER.indexOf(most)) return { level: ORDER[said] ?? 'none', warnings: [] };
  return { level: most, warnings: ['level-lowered'] };
}
