import type { Run, Runs } from '../../migration/index.ts';
import { CommandFailure, EXIT } from '../exit-codes.ts';

const MIN_CHARACTERS = 6;
const SHOWN_CHARACTERS = 13;
const LOOKED_AT = 10_000;

/** A run by its id, or by the first characters that only it has. @throws CommandFailure */
export async function findRun(runs: Pick<Runs, 'find' | 'list'>, given: string): Promise<Run> {
  const id = given.toLowerCase();
  const whole = await runs.find(id);
  if (whole) return whole;
  if (!/^[0-9a-f-]+$/.test(id) || id.length < MIN_CHARACTERS) throw unknown(given);
  const begin = (await runs.list({ limit: LOOKED_AT })).filter(({ runId }) => runId.startsWith(id));
  if (begin.length > 1) throw new CommandFailure(EXIT.usage, severalBegin(given, begin));
  const found = begin[0] && (await runs.find(begin[0].runId));
  if (!found) throw unknown(given);
  return found;
}

const unknown = (given: string): CommandFailure =>
  new CommandFailure(EXIT.usage, `There is no run "${given}". \`latchkey runs list\` shows them all.`);

const severalBegin = (given: string, runs: readonly { readonly runId: string; readonly title: string }[]): string =>
  [
    `${runs.length} runs begin with "${given}". Say more of the one you mean:`,
    ...runs.slice(0, 10).map(({ runId, title }) => `  ${runId}  ${title}`),
  ].join('\n');

/** As much of each id as tells it from the others: what people type. */
export function shortIds(runIds: readonly string[]): ReadonlyMap<string, string> {
  let length = SHOWN_CHARACTERS;
  while (new Set(runIds.map((id) => id.slice(0, length))).size < runIds.length) length += 1;
  return new Map(runIds.map((id) => [id, id.slice(0, length)]));
}
