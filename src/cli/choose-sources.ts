import type { Command } from 'commander';
import type { House } from '../house.ts';
import type { Source } from '../migration/index.ts';
import { CommandFailure, EXIT } from './exit-codes.ts';

export interface Chosen {
  readonly department?: string;
  readonly method?: string;
}

/** Sources by key, or all that a department has, or that let people in by one sign-in method. */
export const choosing = (command: Command): Command =>
  command
    .argument('[source...]', 'keys of sources')
    .option('--department <name>', 'all sources of this department')
    .option('--method <number>', 'all sources with this sign-in method, as docs/sign-in-methods.md numbers them: M09');

export async function chooseSources(
  { migration }: House,
  keys: readonly string[],
  { department, method }: Chosen,
): Promise<readonly Source[]> {
  if (keys.length > 0 === (department !== undefined || method !== undefined))
    throw new CommandFailure(EXIT.usage, 'Give either keys of sources, or --department, --method or both.');
  const all = await migration.sources.list();
  const unknown = keys.filter((key) => !all.some(({ source }) => source === key));
  if (unknown.length > 0)
    throw new CommandFailure(
      EXIT.usage,
      `There is no source "${unknown[0]}". \`latchkey sources list\` shows them all.`,
    );
  const chosen = all.filter(({ source, definition }) =>
    keys.length > 0
      ? keys.includes(source)
      : (department === undefined || definition.department === department) &&
        (method === undefined || definition.adapter?.method === method),
  );
  if (chosen.length === 0) throw new CommandFailure(EXIT.usage, 'No source is of that department and method.');
  return chosen;
}
