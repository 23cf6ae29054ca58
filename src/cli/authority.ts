import type { Command } from 'commander';
import type { Sides } from '../migration/index.ts';
import { choosing, type Chosen, chooseSources } from './choose-sources.ts';
import { CommandFailure, EXIT } from './exit-codes.ts';
import { type ActOptions, actOf, acting, settleSides, TWO_PEOPLE } from './side-outcomes.ts';
import { type CommandContext, json, operatorActor, table } from './terminal.ts';
import { withHouse } from './with-house.ts';

/** Which side of an old system is believed about what, until nothing of it is asked any more. */
export function addAuthority(program: Command, context: CommandContext): void {
  const authority = program.command('authority').description('Which side is believed: the old system, or what we hold');
  addShow(authority, context);
  addSet(authority, context);
  addFinalise(authority, context);
}

function addShow(authority: Command, context: CommandContext): void {
  choosing(authority.command('show'))
    .option('--json', 'write as JSON')
    .description('Who is believed about what, and how far each source is')
    .addHelpText('after', '\nExample:\n  latchkey authority show --department "Department for Housing"')
    .action((keys: string[], options: Chosen & { json?: boolean }) =>
      withHouse(context, async (house) => {
        const chosen = await chooseSources(house, keys, options);
        const all = await Promise.all(chosen.map(({ source }) => house.migration.sideBySide.authorityOf(source)));
        const head = ['SOURCE', 'STAGE', 'PASSWORD', 'EMAIL', 'PHONE', 'NAME', 'STATUS', 'WHEN AWAY', 'VERSION', 'BY'];
        context.terminal.out(options.json ? json(all) : table([head, ...all.map(row)]));
      }),
    );
}

const row = ({ source, stage, authority: of, whenAway, version, changedBy = '' }: Sides): string[] => [
  source,
  stage,
  of.password,
  of.email,
  of.phone,
  of.name,
  of.status,
  whenAway,
  `${version}`,
  changedBy,
];

interface SetOptions {
  readonly password?: string;
  readonly email?: string;
  readonly phone?: string;
  readonly name?: string;
  readonly status?: string;
  readonly whenAway?: string;
  readonly as?: string;
}

function addSet(authority: Command, context: CommandContext): void {
  const command = authority.command('set').argument('<source>', 'key of the source');
  for (const name of ['password', 'email', 'phone', 'name', 'status']) command.option(`--${name} <side>`, 'old or new');
  command
    .option('--when-away <what>', 'refuse, or imported: whom the export knows comes in while the old system is away')
    .option('--as <operator>', 'your name, where the account of the machine is not yours')
    .description('Say which side is believed about what; it counts from the next sign-in on')
    .addHelpText('after', '\nExample:\n  latchkey authority set rent-portal --password old --when-away imported')
    .action((key: string, { whenAway, as, ...sides }: SetOptions) =>
      withHouse(context, async ({ migration }) => {
        const change = { authority: readSides(sides), ...(whenAway !== undefined && { whenAway: readAway(whenAway) }) };
        if (Object.keys(change.authority).length === 0 && whenAway === undefined)
          throw new CommandFailure(EXIT.usage, 'Say what is to be believed of which side: --password old, say.');
        const changed = await migration.sideBySide.setAuthority(key, change, { actor: operatorActor(as) });
        if (changed.outcome !== 'changed') return settleSides(context, key, changed);
        context.terminal.out(`${key}: version ${changed.sides.version}.\n`);
      }),
    );
}

const readSides = (said: Readonly<Record<string, string | undefined>>): Record<string, 'old' | 'new'> =>
  Object.fromEntries(
    Object.entries(said).map(([name, side]) => {
      if (side !== 'old' && side !== 'new') throw new CommandFailure(EXIT.usage, `--${name} is old or new.`);
      return [name, side];
    }),
  );

function readAway(said: string): Sides['whenAway'] {
  if (said === 'refuse' || said === 'imported') return said;
  throw new CommandFailure(EXIT.usage, '--when-away is refuse or imported.');
}

function addFinalise(authority: Command, context: CommandContext): void {
  acting(authority.command('finalise').argument('<source>', 'key of the source'))
    .description('Never ask its old system again. For ever; refused while a run of it is not finished')
    .addHelpText(
      'after',
      `${TWO_PEOPLE}\n\nExample:\n  latchkey authority finalise rent-portal --evidence "Switched off on 30 November, ticket 4711"`,
    )
    .action((key: string, options: ActOptions) =>
      withHouse(context, async ({ migration }) => {
        const done = await migration.sideBySide.finalise(key, actOf(options));
        if (done.outcome !== 'changed') return settleSides(context, key, done);
        context.terminal.out(`${key} is finalised. Its old system is not asked any more.\n`);
      }),
    );
}
