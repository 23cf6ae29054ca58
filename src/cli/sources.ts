import type { Command } from 'commander';
import type { House } from '../house.ts';
import type { Source } from '../migration/index.ts';
import { CommandFailure, EXIT } from './exit-codes.ts';
import { readJsonFile, refusal } from './read-json-file.ts';
import { type CommandContext, json, operatorActor, table } from './terminal.ts';
import { addCheck } from './check-source.ts';
import { addDetect } from './detect.ts';
import { addSourceHealth } from './source-health.ts';
import { withHouse } from './with-house.ts';

type Listed = { json?: boolean };

export function addSources(program: Command, context: CommandContext): void {
  const { terminal } = context;
  const sources = program.command('sources').description('The old account systems that people can bring accounts from');
  sources
    .command('add')
    .argument('<file...>', 'definitions as JSON; see config/sources/ for examples')
    .description('Put old systems on record, or new versions of them')
    .addHelpText('after', '\nExample:\n  latchkey sources add config/sources/rent-portal.json')
    .action((files: string[]) => withHouse(context, (house) => addFiles(house, files, context)));
  sources
    .command('list')
    .description('Every old system on record')
    .option('--json', 'write as JSON')
    .action((options: Listed) =>
      withHouse(context, async ({ migration }) => {
        const all = await migration.sources.list();
        terminal.out(options.json ? json(all) : table([['SOURCE', 'STATUS', 'VERSION', 'NAME'], ...all.map(row)]));
      }),
    );
  sources
    .command('show')
    .argument('<source>', 'key of the source')
    .description('One old system as it is on record')
    .action((key: string) =>
      withHouse(context, async ({ migration }) => {
        const source = await migration.sources.find(key);
        if (!source)
          throw new CommandFailure(
            EXIT.usage,
            `There is no source "${key}". \`latchkey sources list\` shows them all.`,
          );
        terminal.out(json(source));
      }),
    );
  addDetect(sources, context);
  addSourceHealth(sources, context);
  addCheck(sources, context);
  for (const verb of ['suspend', 'open'] as const) {
    sources
      .command(verb)
      .argument('<source>', 'key of the source')
      .description(
        verb === 'suspend'
          ? 'At once nobody can prove or adopt an account of this system'
          : 'Let people bring their accounts of this system again',
      )
      .action((key: string) =>
        withHouse(context, async ({ migration }) => {
          const { status } = await migration.sources[verb](key, { actor: operatorActor() });
          terminal.out(`${key} is ${status}.\n`);
        }),
      );
  }
}

const row = ({ source, status, version, definition }: Source): string[] => [
  source,
  status,
  `${version}`,
  definition.name.en,
];

/** Each file on its own: what was good stands, and the first that is refused says so at the end. */
async function addFiles({ migration }: House, files: readonly string[], { terminal }: CommandContext): Promise<void> {
  const refusals: CommandFailure[] = [];
  for (const file of files) {
    const added = await migration.sources.add(await readJsonFile(file), { actor: operatorActor() });
    if (added.outcome === 'invalid') refusals.push(refusal(file, added.problems));
    else terminal.out(`${added.source.source} ${added.outcome} (version ${added.source.version})\n`);
  }
  if (refusals.length > 0) throw new CommandFailure(EXIT.refused, refusals.map(({ message }) => message).join('\n'));
}
