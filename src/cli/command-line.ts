import { Command } from 'commander';
import { addAuthority } from './authority.ts';
import { addCutover } from './cutover.ts';
import { addDoctor } from './doctor.ts';
import { EXIT_HELP, explainFailure } from './exit-codes.ts';
import { addImport } from './import.ts';
import { addKeys } from './keys.ts';
import { addLinks } from './links.ts';
import { addMigrate } from './migrate.ts';
import { addOperators } from './operators.ts';
import { addOrganisations } from './organisations.ts';
import { addPolicy } from './policy.ts';
import { addRights } from './rights.ts';
import { addRuns } from './runs/add-runs.ts';
import { addServe } from './serve.ts';
import { addServices } from './services.ts';
import { addShadow } from './shadow.ts';
import { addSources } from './sources.ts';
import { addSubjects } from './subjects.ts';
import type { CommandContext } from './terminal.ts';

/** Runs one command and gives back what to exit with. `serve` goes on running after it. */
export async function runCommandLine(args: readonly string[], context: CommandContext): Promise<number> {
  const { terminal } = context;
  const program = createProgram(context);
  try {
    await program.parseAsync(args, { from: 'user' });
    return 0;
  } catch (error) {
    const { exitCode, message } = explainFailure(error);
    if (message !== '') terminal.err(`latchkey: ${message}\n`);
    if (program.opts<{ debug?: boolean }>().debug && error instanceof Error) terminal.err(`${error.stack}\n`);
    return exitCode;
  }
}

const COMMANDS = [
  addServe,
  addMigrate,
  addDoctor,
  addSources,
  addImport,
  addRuns,
  addServices,
  addSubjects,
  addKeys,
  addLinks,
  addOperators,
  addOrganisations,
  addPolicy,
  addRights,
  addAuthority,
  addShadow,
  addCutover,
];

function createProgram(context: CommandContext): Command {
  const { terminal } = context;
  const program = new Command('latchkey')
    .description('Latchkey: one account for many services, and the move of the old accounts')
    .option('--debug', 'show where an error came from')
    .addHelpText(
      'after',
      `${EXIT_HELP}\n\nConfiguration is read from config/ and LATCHKEY_… variables: see docs/configuration.md.`,
    )
    .showHelpAfterError('(add --help for what can be said here)')
    .showSuggestionAfterError()
    .configureOutput({ writeOut: (text) => terminal.out(text), writeErr: (text) => terminal.err(text) })
    .exitOverride();
  for (const add of COMMANDS) add(program, context);
  return program;
}
