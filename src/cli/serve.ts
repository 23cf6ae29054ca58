import type { Command } from 'commander';
import type { CommandContext } from './terminal.ts';

export function addServe(program: Command, context: CommandContext): void {
  const { terminal } = context;
  program
    .command('serve')
    .description('Start the provider. SIGTERM drains and ends it.')
    .addHelpText('after', '\nExample:\n  LATCHKEY_POSTGRES_URL=postgres://… latchkey serve')
    .action(async () => {
      const { serve } = await import('../serve.ts');
      const { address } = await serve(await context.readConfig());
      terminal.err(`listening on ${address}\n`);
    });
}
