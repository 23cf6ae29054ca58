import type { Command } from 'commander';
import { type CommandContext, json, operatorActor, table } from './terminal.ts';
import { withHouse } from './with-house.ts';

export function addKeys(program: Command, context: CommandContext): void {
  const { terminal } = context;
  const keys = program.command('keys').description('The keys that sign tokens');
  keys
    .command('list')
    .description('Every signing key and its state, newest first')
    .option('--json', 'write as JSON')
    .action((options: { json?: boolean }) =>
      withHouse(context, async ({ db }) => {
        const { listSigningKeys } = await import('../oidc/index.ts');
        const all = await listSigningKeys(db);
        if (options.json) return terminal.out(json(all));
        const rows = all.map(({ kid, alg, state, stateSince }) => [state, alg, stateSince.toISOString(), kid]);
        return terminal.out(table([['STATE', 'ALG', 'SINCE', 'KID'], ...rows]));
      }),
    );
  keys
    .command('rotate')
    .description(
      'The waiting key signs, the signing one retires, a new one waits. Nothing signed before stops verifying.',
    )
    .option('--force', 'even when services may not have fetched the waiting key yet')
    .option('--json', 'write the result as JSON')
    .addHelpText('after', '\nExample:\n  latchkey keys rotate')
    .action((options: { force?: boolean; json?: boolean }) =>
      withHouse(context, async ({ db, keyRing, now }) => {
        const { rotateSigningKeys } = await import('../oidc/index.ts');
        const force = options.force === true;
        const done = await rotateSigningKeys({ db, keyRing, now }, { actor: operatorActor(), force });
        if (options.json) return terminal.out(json(done));
        const { promoted, created, retired } = done;
        return terminal.out(
          `${promoted.length} keys sign now, ${created.length} wait, ${retired.length} are erased.\n`,
        );
      }),
    );
}
