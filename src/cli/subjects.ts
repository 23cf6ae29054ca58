import type { Command } from 'commander';
import type { MoveSectorOutcome } from '../accounts/index.ts';
import { CommandFailure, EXIT } from './exit-codes.ts';
import { type CommandContext, operatorActor } from './terminal.ts';
import { withHouse } from './with-house.ts';

const MOVE_HELP = `
A service cannot simply be registered with another sector: everybody would be a stranger to it. So first
the new sector is told to continue the old one, by this command. After it, put the services that change
over on record again with the new sector (\`latchkey services add\`): they, and no others, may.

  kept  the new sector knows everybody by the sub that the old one did. Nobody has to do anything.
  new   it gets subs of its own. Its services fetch the signed map of old → new before they use them.

It works through all accounts in small steps while people go on signing in. Stopped half-way, run it again:
it carries on. It is not taken back: a sub that a service has seen stays what it is.

Example:
  latchkey subjects move --from homes.example --to rents.example --subs kept --service rent-web`;

interface MoveOptions {
  readonly from: string;
  readonly to: string;
  readonly subs: string;
  readonly service?: readonly string[];
  readonly as?: string;
}

/** What operators may do with the \`sub\`s that services know people by. */
export function addSubjects(program: Command, context: CommandContext): void {
  const subjects = program.command('subjects').description('The ids that sectors of services know people by');
  subjects
    .command('move')
    .requiredOption('--from <sector>', 'the sector that knows people now')
    .requiredOption('--to <sector>', 'the sector that continues it')
    .requiredOption('--subs <kept|new>', 'whether the subs stay as they are')
    .option('--service <clientId...>', 'which services change over; all of the old sector when left out')
    .option('--as <operator>', 'your name, where the account of the machine is not yours')
    .description('Change a sector, or split it, without making anybody a stranger')
    .addHelpText('after', MOVE_HELP)
    .action((options: MoveOptions) => moveSector(options, context));
}

async function moveSector(options: MoveOptions, context: CommandContext): Promise<void> {
  const { from, to } = options;
  const subs = (['kept', 'new'] as const).find((known) => known === options.subs);
  if (!subs) throw new CommandFailure(EXIT.usage, '--subs is kept or new.');
  if (!SECTOR.test(to)) throw new CommandFailure(EXIT.usage, `"${to}" cannot be a sector: use a host name.`);
  await withHouse(context, async ({ accounts, relyingParties }) => {
    const ofSector = (await relyingParties.list()).filter(({ metadata }) => metadata.sector === from);
    const known = ofSector.map(({ clientId }) => clientId);
    // By name, always: a service that is registered later never knew the old subs, and gets no map of them (E11).
    const clientIds = options.service ?? known;
    const stranger = clientIds.find((clientId) => !known.includes(clientId));
    if (stranger !== undefined) throw new CommandFailure(EXIT.usage, `"${stranger}" is no service of ${from}.`);
    if (clientIds.length === 0) throw new CommandFailure(EXIT.usage, `There is no service in the sector ${from}.`);
    const done = await accounts.subjects.moveSector(
      { from, to, subs, clientIds },
      { actor: operatorActor(options.as) },
    );
    if (done.outcome === 'refused')
      throw new CommandFailure(EXIT.refused, `${whyRefused[done.reason]} [${done.reason}]`);
    context.terminal.out(`${to} continues ${from}. Accounts moved: ${done.moved}.\n`);
    context.terminal.err(`Now put these on record again with "sector": "${to}": ${clientIds.join(', ')}.\n`);
  });
}

const SECTOR = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/;

const whyRefused = {
  'same-sector': 'A sector cannot continue itself.',
  'already-continues-another': 'That sector continues another one already, or in another way.',
  'would-go-round': 'The old sector continues the new one: they would go round in a circle.',
} as const satisfies Record<Extract<MoveSectorOutcome, { outcome: 'refused' }>['reason'], string>;
