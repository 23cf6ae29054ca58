import type { Command } from 'commander';
import type { RunTarget } from '../../migration/index.ts';
import type { CommandContext } from '../terminal.ts';
import { addWorkingOptions, bring, metaOf, type WorkingOptions } from './bring.ts';

const WORKING = `
The work is done here, with a line of progress. Ctrl-C gives it back: nothing is lost, nothing is done twice, and the same
command goes on, here or on another machine that sees the files. A run that another worker has meanwhile is only waited for.`;
const REJECTED = '\nEnds with 3 when there are rejected rows.';

interface Phase {
  readonly verb: string;
  readonly to: Exclude<RunTarget, 'undone'>;
  readonly says: string;
  readonly more: string;
  readonly examples: readonly string[];
}

const PHASES: readonly Phase[] = [
  {
    verb: 'validate',
    to: 'validated',
    says: 'Read every row, find every problem of every row, and put the good ones beside the ledger, sealed',
    more: `${REJECTED} The files are read here and never again. A run that was rehearsed may be validated once more.`,
    examples: ['latchkey runs validate 0199d1c2-4b07', 'latchkey runs validate 0199d1c2-4b07 --workers 4'],
  },
  {
    verb: 'rehearse',
    to: 'rehearsed',
    says: 'Do everything by the same code as the run and roll it back: what would become of each row stays to be read',
    more: `${REJECTED} A run that is only planned is validated first.`,
    examples: ['latchkey runs rehearse 0199d1c2-4b07', 'latchkey runs rows 0199d1c2-4b07 --outcome needs-proof'],
  },
  {
    verb: 'stage',
    to: 'staged',
    says: 'Fix what is expected of each row of an approved run, as accounts stand now; no account is made yet',
    more: '\n`start` does this too.',
    examples: ['latchkey runs stage 0199d1c2-4b07 --workers 2', 'latchkey runs start 0199d1c2-4b07'],
  },
  {
    verb: 'start',
    to: 'reconciled',
    says: 'Run an approved run: stage, bring the rows into the ledger, and balance it to the row',
    more: REJECTED,
    examples: [
      'latchkey runs start 0199d1c2-4b07 --workers 2',
      'latchkey runs start 0199d1c2-4b07 --no-work && latchkey runs watch 0199d1c2-4b07',
    ],
  },
];

/** The phases of a run that workers do. */
export function addPhases(runs: Command, context: CommandContext): void {
  for (const { verb, to, says, more, examples } of PHASES) {
    const command = runs.command(verb).argument('<run>', 'its id, or the first characters that only it has');
    addWorkingOptions(command)
      .description(says)
      .addHelpText('after', `${WORKING}${more}\n\nExamples:\n  ${examples.join('\n  ')}`)
      .action((runId: string, options: WorkingOptions) =>
        bring(context, {
          runId,
          to,
          options,
          ask: ({ migration }, run) => migration.runs.advance(run.runId, to, metaOf(options)),
        }),
      );
  }
}
