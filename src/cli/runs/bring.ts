import type { Command } from 'commander';
import type { House } from '../../house.ts';
import type { Run, RunTarget } from '../../migration/index.ts';
import { CommandFailure, EXIT } from '../exit-codes.ts';
import { count } from '../progress.ts';
import { type CommandContext, json, operatorActor } from '../terminal.ts';
import { withHouse } from '../with-house.ts';
import { findRun } from './find-run.ts';
import { phaseSheet } from './run-sheet.ts';
import { isWorking, phaseOf, rejectedOf } from './run-words.ts';
import { addHowMuch, type HowMuchOptions, howMuchOf } from './how-much.ts';
import { moved } from './why-refused.ts';
import { workHere } from './work-here.ts';

export interface WorkingOptions extends HowMuchOptions {
  readonly as?: string;
  readonly work: boolean;
  readonly json?: boolean;
}

/** What every command says that has work done. */
export const addWorkingOptions = (command: Command): Command =>
  addHowMuch(command, '100')
    .option('--no-work', 'only ask for it: a worker elsewhere does it')
    .option('--as <operator>', 'your name, where the account of the machine is not yours')
    .option('--json', 'write the run as JSON');

export interface Bringing {
  readonly runId: string;
  /** Where it is asked to go; left out: wherever it was going. */
  readonly to?: RunTarget;
  readonly options: WorkingOptions;
  readonly ask: (house: House, run: Run) => ReturnType<House['migration']['runs']['resume']>;
}

/** Asks for a phase and works on it here, unless it is under way already: then it only works. */
export async function bring(context: CommandContext, { runId, to, options, ask }: Bringing): Promise<void> {
  const { terminal } = context;
  const howMuch = howMuchOf(options);
  const run = await withHouse(context, async (house) => {
    const before = await findRun(house.migration.runs, runId);
    const isUnderWay = to !== undefined && before.target === to && isWorking(before.state) && !before.pausedAt;
    const asked = isUnderWay ? before : moved(before, await ask(house, before));
    if (!options.work) return asked;
    const after = await workHere({ house, terminal, howMuch }, asked);
    return after;
  });
  if (options.json) terminal.out(json(run));
  else if (!options.work)
    terminal.out(`${run.title} is ${run.state}: a worker does it.\n  latchkey runs watch ${run.runId.slice(0, 13)}\n`);
  else terminal.out(phaseSheet(run, await meanings()));
  if (options.work) needGood(run);
}

export const meanings = async (): Promise<(code: string) => string | undefined> =>
  (await import('../../migration/index.ts')).meaningOfCode;

export const metaOf = ({ as }: { readonly as?: string | undefined }): { readonly actor: string } => ({
  actor: operatorActor(as),
});

function needGood(run: Run): void {
  if (run.state === 'ran')
    throw new CommandFailure(EXIT.unhealthy, `${run.title} does not balance: see \`latchkey runs balance\`.`);
  const rejected = run.parts.reduce((sum, part) => sum + rejectedOf(phaseOf(part, run.state)), 0);
  if (rejected === 0 || run.state === 'undone' || run.state === 'staged') return;
  const rows = rejected === 1 ? '1 row is rejected' : `${count(rejected)} rows are rejected`;
  throw new CommandFailure(
    EXIT.someRejected,
    `${rows}: \`latchkey runs rejects ${run.runId.slice(0, 13)}\` gives them back.`,
  );
}
