import type { Command } from 'commander';
import { CommandFailure, EXIT } from './exit-codes.ts';
import { count } from './progress.ts';
import { readJsonFile, refusal } from './read-json-file.ts';
import { type CommandContext, json, table } from './terminal.ts';
import { withHouse } from './with-house.ts';

export function addPolicy(program: Command, context: CommandContext): void {
  const { terminal } = context;
  const policy = program.command('policy').description('What counts as proof of an old account');
  policy
    .command('try')
    .argument('<file>', 'a policy as JSON, or a definition of a source with one in it')
    .requiredOption('--source <key>', 'whose recorded attempts to decide anew')
    .option('--json', 'write as JSON')
    .description('Decide the recorded attempts of 90 days under a draft, and print what would change. Changes nothing.')
    .addHelpText('after', '\nExample:\n  latchkey policy try config/sources/rent-portal.json --source rent-portal')
    .action(async (file: string, options: { source: string; json?: boolean }) => {
      const { checkPolicyDraft } = await import('../migration/index.ts');
      const draft = checkPolicyDraft(await readJsonFile(file));
      if (draft.outcome === 'invalid') throw refusal(file, draft.problems);
      await withHouse(context, async ({ migration }) => {
        const source = await migration.sources.find(options.source);
        if (!source) throw new CommandFailure(EXIT.usage, `There is no source "${options.source}".`);
        const trial = await migration.tryPolicy(options.source, draft.policy);
        if (options.json) return terminal.out(json(trial));
        const changed = trial.changes.reduce((sum, { attempts }) => sum + attempts, 0);
        terminal.out(`${count(trial.attempts)} attempts on record, ${count(changed)} would end otherwise.\n`);
        if (changed === 0) return undefined;
        const rows = trial.changes.map(({ attempts, from, to, versions }) => [
          count(attempts),
          from,
          to,
          versions.join(', '),
        ]);
        return terminal.out(table([['ATTEMPTS', 'WAS', 'WOULD BE', 'UNDER VERSION'], ...rows]));
      });
    });
}
