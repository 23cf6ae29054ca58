import type { Command } from 'commander';
import { type CommandContext, json } from './terminal.ts';

export function addMigrate(program: Command, context: CommandContext): void {
  const { terminal } = context;
  program
    .command('migrate')
    .description('Bring the database schema up to date. Forward only, safe to run again and from two places at once.')
    .option('--json', 'write the result as JSON')
    .addHelpText('after', '\nExample:\n  latchkey migrate')
    .action(async (options: { json?: boolean }) => {
      const { migrate } = await import('../platform/postgres/migrate.ts');
      const { applied } = await migrate((await context.readConfig()).postgres.url, (line) => terminal.err(`${line}\n`));
      if (options.json) terminal.out(json({ applied }));
      else
        terminal.out(
          applied.length === 0 ? 'Nothing to do: the schema is up to date.\n' : `Applied ${applied.length}.\n`,
        );
    });
}
