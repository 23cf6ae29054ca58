import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Command } from 'commander';
import type { ImportOutcome, ImportRequest } from '../migration/index.ts';
import { checkSheet } from './check-sheet.ts';
import { CommandFailure, EXIT } from './exit-codes.ts';
import { count, progressLine } from './progress.ts';
import { readJsonFile, refusal } from './read-json-file.ts';
import { readPairs } from './read-pairs.ts';
import { type CommandContext, json, operatorActor } from './terminal.ts';
import { withHouse } from './with-house.ts';

interface ImportOptions {
  readonly source: string;
  readonly rejects?: string;
  readonly mend?: string;
  readonly knownPairs?: string;
  readonly manifest?: string;
  readonly approvedBy?: string;
  readonly as?: string;
  readonly check?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

const EXAMPLES = `
Examples:
  latchkey import rent-2026-03.csv --source rent-portal --check
  latchkey import rent-2026-03.csv --source rent-portal --dry-run
  latchkey import rent-2026-03.csv.gz --source rent-portal --known-pairs volunteers.csv --manifest rent-2026-03.json

This is one file at once, for a trial or a small system. A move that is planned, rehearsed, approved by a second person,
paused, undone and balanced is a run: \`latchkey runs --help\`.

--check finds every problem of every row and writes nothing to the database. --dry-run also finds what only the
database knows, and what each row would become.

Known pairs (CSV with the header login,password, or NDJSON) are passwords that their owners gave. Nothing is imported
until all of them verify against their rows. They are read, never stored: delete the file afterwards.

A weak hash (MD5, SHA-1, NT and the like, or clear text) is wrapped in argon2id before it is stored: some 10 ms of one
core each. LATCHKEY_PASSWORDS_WORKERS and UV_THREADPOOL_SIZE say how many cores may do it, 16 at most.

The same file twice changes nothing; a corrected file changes only what was corrected. An account that somebody has
taken over is never touched. Rejected rows are written with line number, code and reason, and as they came to be mended
and sent again; the rest goes in.

A file older than the last one of its source (by asOf in its manifest, or by the day of the file) needs two people: the
first try records who wants it; the same with --approved-by, by somebody else within seven days, does it.`;

export function addImport(program: Command, context: CommandContext): void {
  program
    .command('import')
    .argument('<file>', 'CSV, NDJSON or LDIF, as the definition of the source says; gzip too')
    .requiredOption('--source <key>', 'the old system that the file comes from')
    .option('--rejects <file>', 'why rows were rejected (default: <file>.rejects.csv)')
    .option('--mend <file>', 'rejected rows as they came, hashes too (default: <file>.mend)')
    .option('--known-pairs <file>', 'logins and passwords that must verify before anything is written')
    .option('--manifest <file>', 'what the file must be, as JSON: source, fileName, sha256, rows, asOf, signature')
    .option('--approved-by <operator>', 'the second person, for a file older than the last one')
    .option('--as <operator>', 'your name, where the account of the machine is not yours')
    .option('--check', 'only read: every problem of every row')
    .option('--dry-run', 'do everything, then roll it back')
    .option('--json', 'write the balance as JSON')
    .description('Read the accounts of an old system into the ledger')
    .addHelpText('after', EXAMPLES)
    .action((file: string, options: ImportOptions) => runImport(file, options, context));
}

async function runImport(file: string, options: ImportOptions, context: CommandContext): Promise<void> {
  const { terminal } = context;
  const asked = await requestOf(file, options);
  const progress = progressLine(terminal);
  const outcome = await withHouse(context, async ({ migration }) => {
    const request = { ...asked, onProgress: progress.show };
    try {
      return options.check ? await migration.checkFile(request) : await migration.importFile(request);
    } finally {
      progress.end();
    }
  });
  if (outcome.outcome === 'refused') throw refusal(file, outcome.problems);
  const sheet = outcome.outcome === 'checked' ? checkSheet(file, outcome) : balanceSheet(file, outcome);
  terminal.out(options.json ? json(outcome) : sheet);
  if (outcome.rejected > 0) {
    const mend = outcome.mendPath === undefined ? '' : `, and to be mended in ${outcome.mendPath}`;
    throw new CommandFailure(
      EXIT.someRejected,
      `${rows(outcome.rejected)} rejected: see ${outcome.rejectsPath}${mend}`,
    );
  }
}

async function requestOf(file: string, options: ImportOptions): Promise<ImportRequest> {
  const found = await stat(file);
  if (!found.isFile()) throw new CommandFailure(EXIT.usage, `${file} is not a file.`);
  const pairs = options.knownPairs === undefined ? undefined : await readPairs(options.knownPairs);
  const reread = () => createReadStream(file, { highWaterMark: 256 * 1024 });
  const { manifest, approvedBy } = options;
  return {
    source: options.source,
    stream: reread(),
    knownPairs: pairs && { pairs, stream: reread() },
    fileName: basename(file),
    bytesTotal: found.size,
    rejectsPath: options.rejects ?? `${file}.rejects.csv`,
    mendPath: options.mend ?? `${file.replace(/\.gz$/i, '')}.mend`,
    provenance: {
      reread,
      fileDate: found.mtime,
      manifest: manifest === undefined ? undefined : await readJsonFile(manifest),
      approvedBy: approvedBy === undefined ? undefined : operatorActor(approvedBy),
    },
    rehearse: options.dryRun === true,
    actor: operatorActor(options.as),
  };
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
