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

/** Never the partner's word alone: what the table makes of it, and no more than the partner is trusted for. */
export function readLevel(
  context: string,
  { table, otherwise, most }: Means,
): { readonly level: Level; readonly warnings: readonly Warning[] } {
  const said = table.find((row) => row.context === context)?.level ?? otherwise;
  if (ORDER.indexOf(said) <= ORDER.indexOf(most)) return { level: said, warnings: [] };
  return { level: most, warnings: ['level-lowered'] };
}
