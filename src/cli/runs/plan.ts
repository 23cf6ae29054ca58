import type { Command } from 'commander';
import type { PlanOutcome, PlanRequest } from '../../migration/index.ts';
import { CommandFailure, EXIT } from '../exit-codes.ts';
import { refusal } from '../read-json-file.ts';
import { type CommandContext, json } from '../terminal.ts';
import { withHouse } from '../with-house.ts';
import { metaOf } from './bring.ts';
import { foundSheet } from './found-sheet.ts';
import { readPlanFile } from './plan-file.ts';
import { findFiles, type NamedFile, toPlanned, withBeside } from './planned-files.ts';
import { nextOf } from './run-sheet.ts';
import { cohortOf } from './run-words.ts';

interface PlanOptions {
  readonly title?: string;
  readonly cohort?: string;
  readonly manifest?: readonly string[];
  readonly knownPairs?: readonly string[];
  readonly from?: string;
  readonly confirm?: boolean;
  readonly as?: string;
  readonly json?: boolean;
}

const HELP = `
Looks at the files and puts a run on record; nothing of the files is read into the database. The sources must be known already
(\`latchkey sources add\`). Without --confirm it only shows what the files look like beside what the definitions say, and ends
with 5: look at that, then say the same with --confirm.

A folder stands for all files in it that are named after their source: rent-portal.csv, farm-register.ldif.gz, …
A manifest that lies beside a file, as rent-portal.csv.manifest.json, is taken by itself.
Files are not copied: leave them where they are until the run is over, where every worker sees them under the same path.

--cohort 5% takes only the accounts whose stable number falls into the first 5 %; a later run with more of them takes the rest.
--from reads {"title"?, "cohort"?, "files": [{"source", "file", "manifest"?, "knownPairs"?}, …]}; paths are as seen from that file.

Examples:
  latchkey runs plan rent-portal=rent-2026-03.csv
  latchkey runs plan rent-portal=rent-2026-03.csv --known-pairs rent-portal=volunteers.csv --title "Rent, March" --confirm
  latchkey runs plan exports/ --cohort 5% --title "Department for Homes, first 5 %" --confirm
  latchkey runs plan --from plan.json --confirm --as olwen`;

export function addPlan(runs: Command, context: CommandContext): void {
  runs
    .command('plan')
    .argument('[files...]', '<source>=<file>, or a folder')
    .option('--title <words>', 'what people will know the run by')
    .option('--cohort <share>', 'only so much of the accounts, as 5%')
    .option(
      '--manifest <source=file...>',
      'what a file must be, as JSON: source, fileName, sha256, rows, asOf, signature',
    )
    .option('--known-pairs <source=file...>', 'logins and passwords that must verify before anything is planned')
    .option('--from <plan.json>', 'a plan that was written down')
    .option('--confirm', 'what was found is right: put the run on record')
    .option('--as <operator>', 'your name, where the account of the machine is not yours')
    .option('--json', 'write the outcome as JSON')
    .description('Look at the files of one or more old systems and put a run on record')
    .addHelpText('after', HELP)
    .action((files: string[], options: PlanOptions) => plan(context, files, options));
}

async function plan(context: CommandContext, given: readonly string[], options: PlanOptions): Promise<void> {
  const { terminal } = context;
  const asked = await askedFor(given, options, context);
  const request = await requestOf(asked, options);
  const outcome = await withHouse(context, ({ migration }) => migration.runs.plan(request));
  if (options.json) terminal.out(json(outcome));
  if (outcome.outcome === 'refused') throw refusal('The plan', outcome.problems);
  if (!options.json) terminal.out(sheetOf(outcome));
  if (outcome.outcome !== 'planned') throw new CommandFailure(EXIT.refused, NOT_CONFIRMED);
}

interface Asked {
  readonly title: string | undefined;
  readonly cohort: string | undefined;
  readonly files: readonly NamedFile[];
}

async function askedFor(given: readonly string[], options: PlanOptions, { terminal }: CommandContext): Promise<Asked> {
  const { title, cohort, from } = options;
  if ((from === undefined) === (given.length === 0))
    throw new CommandFailure(EXIT.usage, 'Give files as <source>=<file>, or a folder, or --from a plan; and not both.');
  if (from === undefined) {
    const { files, notTaken } = await findFiles(given);
    if (notTaken.length > 0) terminal.err(`Not taken, for want of a name like <source>.csv: ${notTaken.join(', ')}\n`);
    return { title, cohort, files: withBeside(files, options) };
  }
  const written = await readPlanFile(from);
  const files = written.files.map(({ file, ...others }) => ({ ...others, path: file }));
  return { title: title ?? written.title, cohort: cohort ?? written.cohort, files: withBeside(files, options) };
}

async function requestOf({ title, cohort, files }: Asked, options: PlanOptions): Promise<PlanRequest> {
  const planned = [];
  for (const file of files) planned.push(await toPlanned(file));
  return {
    title: title ?? titleOf(files),
    files: planned,
    cohort: cohort === undefined ? undefined : cohortNumber(cohort),
    confirmed: options.confirm === true,
    meta: metaOf(options),
  };
}

const titleOf = (files: readonly NamedFile[]): string =>
  files.length > 3 ? `${files.length} sources` : files.map(({ source }) => source).join(', ');

/** Of 10,000. */
function cohortNumber(given: string): number {
  const share = /^(\d{1,3}(?:\.\d{1,2})?) ?%$/.exec(given)?.[1];
  const cohort = Math.round(Number(share) * 100);
  if (share === undefined || cohort < 1 || cohort > 10_000)
    throw new CommandFailure(EXIT.usage, `--cohort is a share from 0.01% to 100%, as 5%, not "${given}".`);
  return cohort;
}

function sheetOf(outcome: Exclude<PlanOutcome, { outcome: 'refused' }>): string {
  if (outcome.outcome === 'to-confirm') return foundSheet(outcome.found);
  const { run } = outcome;
  const found = run.parts.map((part) => ({ ...part.found, source: part.source }));
  const older = run.parts.filter(({ isOlder }) => isOlder).map(({ source }) => source);
  const warning =
    older.length > 0
      ? `\nOlder than the last file of its source: ${older.join(', ')}. Whoever approves must say so: --older-file.\n`
      : '';
  return `${foundSheet(found)}${warning}\n${run.title} is planned for ${cohortOf(run)}.\n  ${run.runId}\n${nextOf(run)}`;
}

const NOT_CONFIRMED =
  'Nothing is on record yet. Is this what the files should be? If not, mend the definition (`latchkey sources add`) or the file. If it is, say the same with --confirm.';
