import type { Command } from 'commander';
import type { House } from '../house.ts';
import type { Source } from '../migration/index.ts';
import { CommandFailure, EXIT, explainFailure } from './exit-codes.ts';
import { type CommandContext, json, table } from './terminal.ts';
import { withHouse } from './with-house.ts';

interface Health {
  readonly source: string;
  readonly status: string;
  readonly family: string;
  readonly method: string;
  readonly reachable: 'yes' | 'no' | 'nothing to reach';
  readonly why: string;
}

/** `sources health`: whether each old system is there, asked now, and why not. */
export function addSourceHealth(sources: Command, context: CommandContext): void {
  sources
    .command('health')
    .option('--json', 'write as JSON')
    .description('Ask every old system that still runs whether it is there')
    .addHelpText('after', '\nEnds with 4 when one is not. What nodes have seen of them is at /health/sources of each.')
    .action(async (options: { json?: boolean }) => {
      const rows = await withHouse(context, askAll);
      const lines = rows.map((row) => [row.source, row.status, row.family, row.method, row.reachable, row.why]);
      context.terminal.out(
        options.json ? json(rows) : table([['SOURCE', 'STATUS', 'FAMILY', 'METHOD', 'REACHABLE', 'WHY'], ...lines]),
      );
      const away = rows.filter(({ reachable }) => reachable === 'no');
      if (away.length > 0)
        throw new CommandFailure(EXIT.unavailable, `${away.length} of ${rows.length} not reachable.`);
    });
}

async function askAll({ migration }: House): Promise<readonly Health[]> {
  const all = await migration.sources.list();
  const answers = await Promise.all(all.map((source) => askOne(migration, source)));
  const seen = new Map(migration.oldSystems.health().map((health) => [health.source, health]));
  return answers.map((answer) => {
    const detail = answer.reachable === 'no' ? seen.get(answer.source)?.lastFault?.detail : undefined;
    return detail === undefined ? answer : { ...answer, why: `${answer.why}: ${detail}` };
  });
}

async function askOne(migration: House['migration'], { source, status, definition }: Source): Promise<Health> {
  const { adapter } = definition;
  const known = { source, status, family: adapter?.family ?? '-', method: adapter?.method ?? '-' };
  if (!adapter) return { ...known, reachable: 'nothing to reach', why: 'an export' };
  const { stage } = await migration.sideBySide.authorityOf(source);
  if (stage === 'finalised') return { ...known, reachable: 'nothing to reach', why: 'finalised' };
  try {
    const trouble = await migration.oldSystems.probe(source);
    return { ...known, reachable: trouble ? 'no' : 'yes', why: trouble?.reason ?? '' };
  } catch (error) {
    return { ...known, reachable: 'no', why: explainFailure(error).message };
  }
}
