import type { Command } from 'commander';
import type { OperatorAct, Refused, Requested, SidesRefusal } from '../migration/index.ts';
import { CommandFailure, EXIT } from './exit-codes.ts';
import { whyRefused as whyNotRequested } from './links.ts';
import { type CommandContext, operatorActor } from './terminal.ts';

export const TWO_PEOPLE = `
Two people: the first call only records who asks and why. The same command by somebody else, within seven days, does it.
\`latchkey links requests\` shows what waits.`;

export interface ActOptions {
  readonly evidence?: string;
  readonly as?: string;
}

export const acting = (command: Command): Command =>
  command
    .option('--evidence <text>', 'what it rests on; the first of two people must give it')
    .option('--as <operator>', 'your name, where the account of the machine is not yours');

export const actOf = ({ evidence = '', as }: ActOptions): OperatorAct => ({
  meta: { actor: operatorActor(as) },
  evidence,
});

type Unchanged = Refused | Requested;

/** What was not done yet, or not at all. @throws CommandFailure for a refusal */
export function settleSides({ terminal }: CommandContext, source: string, result: Unchanged): void {
  if (result.outcome === 'requested') {
    const until = result.expiresAt.toISOString();
    terminal.out(`${source}: request ${result.requestId}. Somebody else must ask for the same by ${until}.\n`);
    return;
  }
  const { reason } = result;
  const why = isOfSides(reason) ? whyNot[reason] : whyNotRequested[reason];
  throw new CommandFailure(EXIT.refused, `${source}: ${why} [${reason}]`);
}

/** One after the other: what was done stands, and the refusals are told at the end. */
export async function eachSource(keys: readonly string[], work: (key: string) => Promise<void>): Promise<void> {
  const refusals: string[] = [];
  for (const key of keys) {
    try {
      await work(key);
    } catch (error) {
      if (!(error instanceof CommandFailure) || error.exitCode !== EXIT.refused) throw error;
      refusals.push(error.message);
    }
  }
  if (refusals.length > 0) throw new CommandFailure(EXIT.refused, refusals.join('\n'));
}

const isOfSides = (reason: Extract<Unchanged, { outcome: 'refused' }>['reason']): reason is SidesRefusal =>
  reason in whyNot;

const whyNot = {
  finalised: 'It is finalised: its old system is not asked any more, and that is for ever.',
  'nobody-to-ask': 'It has no old system that takes what people type on our page.',
  'nothing-imported': 'No old passwords of it were imported, or its policy does not take them.',
  'runs-unfinished': 'A run of it is not finished. `latchkey runs list` shows it.',
  'no-other-way': 'Without the old system its policy leaves people no way to prove an account.',
  'no-plan': 'There is no plan for it. Make one with `latchkey cutover plan`.',
  'under-way': 'It is under way already.',
  'at-the-end': 'Everybody has moved.',
  'at-the-beginning': 'It has not begun.',
  'too-few-answers': 'Too few people were served at this step to tell how it goes. Wait, or use --anyway.',
  'not-quiet': 'This step breaks a limit of its plan: see `latchkey cutover status`. Go back, or use --anyway.',
} as const satisfies Record<SidesRefusal, string>;
