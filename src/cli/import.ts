import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Command } from 'commander';
import type { ImportOutcome, LoginAndPassword } from '../migration/index.ts';
import { CommandFailure, EXIT } from './exit-codes.ts';
import { count, progressLine } from './progress.ts';
import { refusal } from './read-json-file.ts';
import { type CommandContext, json, operatorActor } from './terminal.ts';
import { withHouse } from './with-house.ts';

interface ImportOptions {
  readonly source: string;
  readonly rejects?: string;
  readonly knownPairs?: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

const EXAMPLES = `
Examples:
  latchkey import rent-2026-03.csv --source rent-portal --dry-run
  latchkey import rent-2026-03.csv --source rent-portal --known-pairs volunteers.csv
  latchkey import rent-2026-03.csv --source rent-portal --rejects mend-these.csv

Known pairs (CSV with the header login,password, or NDJSON) are passwords that their owners gave. Nothing is imported
until all of them verify against their rows. They are read, never stored: delete the file afterwards.

A weak hash (MD5, SHA-1, NT and the like, or clear text) is wrapped in argon2id before it is stored: some 10 ms of one
core each. LATCHKEY_PASSWORDS_WORKERS and UV_THREADPOOL_SIZE say how many cores may do it, 16 at most.

The same file twice changes nothing; a corrected file changes only what was corrected. An account that somebody has
taken over is never touched. Rejected rows are written with line number, code and reason; the rest goes in.`;

export function addImport(program: Command, context: CommandContext): void {
  program
    .command('import')
    .argument('<file>', 'CSV or NDJSON, as the definition of the source says, in UTF-8')
    .requiredOption('--source <key>', 'the old system that the file comes from')
    .option('--rejects <file>', 'where rejected rows are written (default: <file>.rejects.csv)')
    .option('--known-pairs <file>', 'logins and passwords that must verify before anything is written')
    .option('--dry-run', 'do everything, then roll it back')
    .option('--json', 'write the balance as JSON')
    .description('Read the accounts of an old system into the ledger')
    .addHelpText('after', EXAMPLES)
    .action((file: string, options: ImportOptions) => runImport(file, options, context));
}

async function runImport(file: string, options: ImportOptions, context: CommandContext): Promise<void> {
  const { terminal } = context;
  const found = await stat(file);
  if (!found.isFile()) throw new CommandFailure(EXIT.usage, `${file} is not a file.`);
  const pairs = options.knownPairs === undefined ? undefined : await readPairs(options.knownPairs);
  const read = () => createReadStream(file, { highWaterMark: 256 * 1024 });
  const progress = progressLine(terminal);
  const outcome = await withHouse(context, async ({ migration }) => {
    try {
      return await migration.importFile({
        source: options.source,
        stream: read(),
        knownPairs: pairs && { pairs, stream: read() },
        fileName: basename(file),
        bytesTotal: found.size,
        rejectsPath: options.rejects ?? `${file}.rejects.csv`,
        rehearse: options.dryRun === true,
        onProgress: progress.show,
        actor: operatorActor(),
      });
    } finally {
      progress.end();
    }
  });
  if (outcome.outcome === 'refused') throw refusal(file, outcome.problems);
  terminal.out(options.json ? json(outcome) : balanceSheet(file, outcome));
  if (outcome.rejected > 0)
    throw new CommandFailure(EXIT.someRejected, `${rows(outcome.rejected)} rejected: see ${outcome.rejectsPath}`);
}

const MAX_PAIRS_BYTES = 1024 * 1024;

async function readPairs(file: string): Promise<readonly LoginAndPassword[]> {
  if ((await stat(file)).size > MAX_PAIRS_BYTES) throw new CommandFailure(EXIT.usage, `${file} is larger than 1 MiB.`);
  const { readKnownPairs } = await import('../migration/index.ts');
  const read = readKnownPairs(await readFile(file, 'utf8'));
  if ('problems' in read) throw refusal(file, read.problems);
  return read.pairs;
}

function balanceSheet(file: string, outcome: Exclude<ImportOutcome, { outcome: 'refused' }>): string {
  const { read, created, unchanged, changed, kept, rejected, rejections, notes, seconds } = outcome;
  const verb = outcome.outcome === 'rehearsed' ? 'Rehearsed, nothing was written:' : 'Imported';
  const rate = count(Math.round(read / Math.max(seconds, 0.001)));
  return [
    `${verb} ${file} in ${seconds.toFixed(1)} s (${rate} rows a second)`,
    line('read', read),
    line('created', created),
    line('unchanged', unchanged),
    line('changed', changed),
    line('kept', kept, kept > 0 ? 'taken over by their owners, not touched' : ''),
    line('rejected', rejected),
    ...Object.entries(rejections).map(([code, times]) => `    ${code}: ${count(times)}`),
    ...Object.entries(notes).map(([code, times]) => `  note ${code}: ${count(times)}`),
    '',
  ].join('\n');
}

const line = (name: string, value: number, remark = ''): string =>
  `  ${name.padEnd(10)}${count(value).padStart(12)}${remark && `  ${remark}`}`;

const rows = (value: number): string => (value === 1 ? '1 row was' : `${count(value)} rows were`);
