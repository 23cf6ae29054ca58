import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Command } from 'commander';
import { CommandFailure, EXIT } from './exit-codes.ts';
import { refusal } from './read-json-file.ts';
import { type CommandContext, json, operatorActor, table } from './terminal.ts';
import { withHouse } from './with-house.ts';

const ABOUT = `
CSV with the header agent,client,right and, where known, from,until,kind,grantedBy; or NDJSON with these keys. Ids are those
of the old system, dates are YYYY-MM-DD and count to their end. The same file twice changes nothing. A right ends when a
corrected file gives it an earlier "until".

Example:
  latchkey rights import agents-2026-11.csv --source tax-agents`;

/** Who may act for whom, as old systems knew it (M42). Nobody becomes anybody by it. */
export function addRights(program: Command, context: CommandContext): void {
  const rights = program.command('rights').description('Whom agents may act for');
  rights
    .command('import')
    .argument('<file>', 'CSV or NDJSON in UTF-8')
    .requiredOption('--source <key>', 'the old system of the agents')
    .option('--json', 'write the balance as JSON')
    .description('Put the rights of agents on record, or correct them')
    .addHelpText('after', ABOUT)
    .action((file: string, options: { source: string; json?: boolean }) => importRights(context, file, options));
}

async function importRights(
  context: CommandContext,
  file: string,
  { source, json: asJson }: { readonly source: string; readonly json?: boolean },
): Promise<void> {
  const { terminal } = context;
  if (!(await stat(file)).isFile()) throw new CommandFailure(EXIT.usage, `${file} is not a file.`);
  const done = await withHouse(context, ({ migration }) =>
    migration.rights.importFile({ source, stream: createReadStream(file), actor: operatorActor() }),
  );
  if (done.outcome === 'refused') throw refusal(file, done.problems);
  const { read, created, changed, unchanged, rejected } = done;
  terminal.out(
    asJson
      ? json(done)
      : table([
          ['read', `${read}`],
          ['new', `${created}`],
          ['changed', `${changed}`],
          ['unchanged', `${unchanged}`],
          ['rejected', `${rejected.length}`],
        ]),
  );
  if (rejected.length === 0) return;
  const { rightRejects } = await import('../migration/index.ts');
  for (const { line, code } of rejected) terminal.err(`line ${line}: ${code}: ${rightRejects[code]}\n`);
  throw new CommandFailure(EXIT.someRejected, `${rejected.length} of ${read} rows rejected.`);
}
