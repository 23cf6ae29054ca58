import { createWriteStream, type WriteStream } from 'node:fs';
import { chmod, mkdir, rm, stat } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import type { Command } from 'commander';
import type { Run, RunPart, Runs } from '../../migration/index.ts';
import { CommandFailure, EXIT } from '../exit-codes.ts';
import { count } from '../progress.ts';
import type { CommandContext } from '../terminal.ts';
import { withHouse } from '../with-house.ts';
import { findRun } from './find-run.ts';
import { phaseOf, rejectedOf } from './run-words.ts';

interface RejectsOptions {
  readonly part?: string;
  readonly source?: string;
  readonly out?: string;
}

const HELP = `
Reads the files once more and writes two of each that has rejected rows:
  <source>.rejects.csv   why: line, code, message, id, whatever else is wrong, line in the other file. No hash in it.
  <source>.mend.csv      those rows as they came (.ndjson, .ldif), hashes too. Correct them there, and plan the folder:
                         latchkey runs plan rejects-0199d1c2-4b07/
Both are readable by their owner only. The second holds what the export holds: delete it like the export.

Examples:
  latchkey runs rejects 0199d1c2-4b07
  latchkey runs rejects 0199d1c2-4b07 --source rent-portal --out to-mend/`;

export function addRejects(runs: Command, context: CommandContext): void {
  runs
    .command('rejects')
    .argument('<run>', 'its id, or the first characters that only it has')
    .option('--part <n>', 'only of this part')
    .option('--source <key>', 'only of this old system')
    .option('--out <folder>', 'where to (default: rejects-<run>/)')
    .description('Give rejected rows back: why, and as they came, to be corrected and sent again')
    .addHelpText('after', HELP)
    .action((runId: string, options: RejectsOptions) =>
      withHouse(context, async ({ migration: { runs: all } }) => {
        const run = await findRun(all, runId);
        const folder = options.out ?? `rejects-${run.runId.slice(0, 13)}`;
        const parts = partsOf(run, options);
        if (parts.length === 0) return context.terminal.out('No row is rejected, as far as is known.\n');
        await mkdir(folder, { recursive: true, mode: 0o700 });
        for (const part of parts) context.terminal.out(await giveBack(all, run, part, folder));
        return undefined;
      }),
    );
}

/** Those that have rejected rows, or may have. @throws CommandFailure */
function partsOf({ parts, state }: Run, { part, source }: RejectsOptions): readonly RunPart[] {
  const wanted = parts.filter(
    (one) => (part === undefined || one.part === Number(part)) && (source === undefined || one.source === source),
  );
  if (wanted.length === 0)
    throw new CommandFailure(EXIT.usage, 'The run has no such part. `latchkey runs show` lists them.');
  return wanted.filter((one) => {
    const counts = phaseOf(one, state);
    return !counts || rejectedOf(counts) > 0;
  });
}

const open = (path: string): WriteStream => createWriteStream(path, { mode: 0o600 });

async function giveBack(runs: Runs, { runId }: Run, part: RunPart, folder: string): Promise<string> {
  const report = join(folder, `${part.source}.rejects.csv`);
  const mend = join(folder, `${part.source}.mend${extname(basename(part.fileName, '.gz'))}`);
  const rejected = await runs.writeRejects(runId, part.part, { report: open(report), mend: open(mend) });
  // A file that stood there before keeps its mode; one with nothing in it says nothing.
  const kept = [];
  for (const path of [report, mend]) {
    await chmod(path, 0o600);
    if ((await stat(path)).size > 0) kept.push(path);
    else await rm(path);
  }
  return rejected === 0
    ? `${part.source}: no row is rejected.\n`
    : `${part.source}: ${count(rejected)} rejected, in ${kept.join(' and ')}\n`;
}
