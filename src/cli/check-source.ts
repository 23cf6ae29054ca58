import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import type { Command } from 'commander';
import { readGivenSecret } from '../platform/config/read-given-secret.ts';
import { CommandFailure, EXIT } from './exit-codes.ts';
import { type CommandContext, json, operatorActor, table, type Terminal } from './terminal.ts';
import { withHouse } from './with-house.ts';

interface CheckOptions {
  readonly person?: string;
  readonly passwordFrom?: string;
  readonly disabledPerson?: string;
  readonly disabledPasswordFrom?: string;
  readonly field?: readonly string[];
  readonly json?: boolean;
}

const EXAMPLES = `
Passwords come from env:NAME, from a file, or from the keyboard when nothing is said (without an echo).

Examples:
  latchkey sources check rod-register
  latchkey sources check rod-register --person anna --password-from /run/secrets/anna
  latchkey sources check rod-register --person anna --password-from env:ANNA --disabled-person dan --disabled-password-from env:DAN

The person is one of the old system who agreed to it: a test account, best. Of the known person one wrong password is
tried, and the right one last. Nothing is linked or adopted, and no code is sent to anybody by Latchkey. Ends with 1 when
something was not as expected.`;

/** `sources check`: the conformance kit on one old system as it is configured. */
export function addCheck(sources: Command, context: CommandContext): void {
  sources
    .command('check')
    .argument('<source>', 'key of the source; it may be suspended')
    .option('--person <login>', 'somebody whom the old system lets in')
    .option('--password-from <where>', 'env:NAME or a file that holds their password')
    .option('--disabled-person <login>', 'somebody whose account is closed there')
    .option('--disabled-password-from <where>', 'env:NAME or a file that holds theirs')
    .option('--field <name=where...>', 'what the person has for another field: pin=env:PIN, code=code.txt')
    .option('--json', 'write the report as JSON')
    .description('Try on an old system what can go wrong with one, and report what it did')
    .addHelpText('after', EXAMPLES)
    .action(async (source: string, options: CheckOptions) => {
      const { terminal } = context;
      const person = await personOf(options.person, options.passwordFrom, terminal);
      const known = person && { ...person, more: await readFields(options.field ?? []) };
      const disabled = await personOf(options.disabledPerson, options.disabledPasswordFrom, terminal);
      const findings = await withHouse(context, ({ migration }) =>
        migration.oldSystems.check(source, { known, disabled, actor: operatorActor() }),
      );
      const rows = findings.map((finding) => [finding.verdict, finding.case, finding.expected, finding.seen]);
      terminal.out(options.json ? json(findings) : table([['VERDICT', 'CASE', 'EXPECTED', 'SEEN'], ...rows]));
      const bad = findings.filter(({ verdict }) => verdict === 'bad');
      if (bad.length > 0) throw new CommandFailure(EXIT.failed, `${bad.length} of ${findings.length} not as expected.`);
    });
}

async function personOf(
  login: string | undefined,
  from: string | undefined,
  terminal: Terminal,
): Promise<{ readonly login: string; readonly secret: string } | undefined> {
  if (login === undefined) return undefined;
  return { login, secret: from === undefined ? await askFor(login, terminal) : await readGivenSecret(from) };
}

async function readFields(given: readonly string[]): Promise<Readonly<Record<string, string>>> {
  const read = given.map(async (pair) => {
    const at = pair.indexOf('=');
    if (at < 1) throw new CommandFailure(EXIT.usage, `--field is name=where, not "${pair}".`);
    return [pair.slice(0, at), await readGivenSecret(pair.slice(at + 1))] as const;
  });
  return Object.fromEntries(await Promise.all(read));
}

/** Typed, and not shown. */
async function askFor(login: string, terminal: Terminal): Promise<string> {
  terminal.err(`Password of ${login}: `);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const line = createInterface({ input: process.stdin, output: silent, terminal: process.stdin.isTTY });
  try {
    return await line.question('');
  } finally {
    line.close();
    terminal.err('\n');
  }
}
