import type { Command } from 'commander';
import type { CommandContext } from '../terminal.ts';
import { addBalance } from './balance.ts';
import { addDisputed } from './disputed.ts';
import { addList } from './list.ts';
import { addDecisions } from './people.ts';
import { addPhases } from './add-phases.ts';
import { addPlan } from './plan.ts';
import { addRejects } from './rejects.ts';
import { addResume } from './resume.ts';
import { addRows } from './rows.ts';
import { addShow } from './show.ts';
import { addUndo } from './undo.ts';
import { addWatch } from './watch.ts';
import { addWork } from './work.ts';

const HELP = `
A run brings the exports of one or many old systems in, step by step, and every step can be looked at before the next:

  plan      what the files are                                  latchkey runs plan exports/ --confirm
  validate  every problem of every row                          latchkey runs validate RUN
  rehearse  what would become of each row, rolled back          latchkey runs rehearse RUN
  approve   a second person stands for it                       latchkey runs approve RUN --as bryn
  start     bring it in, and balance it to the row              latchkey runs start RUN
  undo      restore the state before it, should that be needed  latchkey runs undo RUN --why "…"

RUN is the id of a run, or its first characters (6 or more) that only it has. \`latchkey runs show RUN\` says where a run is
and what can be done next.`;

/** `latchkey runs`: governed bulk migrations. */
export function addRuns(program: Command, context: CommandContext): void {
  const runs = program
    .command('runs')
    .description('Move the accounts of old systems: planned, rehearsed, approved, run, undone')
    .addHelpText('after', HELP);
  const commands = [addPlan, addList, addShow, addPhases, addDecisions, addResume, addUndo, addWatch, addWork];
  for (const add of [...commands, addRows, addRejects, addBalance, addDisputed]) add(runs, context);
}
