import type { Command } from 'commander';
import type { CutoverPlan, CutoverStatus, Sides } from '../migration/index.ts';
import { choosing, type Chosen, chooseSources } from './choose-sources.ts';
import { CommandFailure, EXIT } from './exit-codes.ts';
import { count } from './progress.ts';
import { refusal } from './read-json-file.ts';
import { type ActOptions, actOf, acting, eachSource, settleSides, TWO_PEOPLE } from './side-outcomes.ts';
import { type CommandContext, json, operatorActor, table } from './terminal.ts';
import { withHouse } from './with-house.ts';

/** Move the people of old systems to the new side, a part of them at a time. */
export function addCutover(program: Command, context: CommandContext): void {
  const cutover = program
    .command('cutover')
    .description('Move people to the new side by cohorts, watched and reversible');
  addPlan(cutover, context);
  addStatus(cutover, context);
  addNext(cutover, context);
  addBack(cutover, context);
  addComplain(cutover, context);
}

interface PlanOptions extends Chosen {
  readonly steps?: string;
  readonly window?: string;
  readonly minSamples?: string;
  readonly failureRate?: string;
  readonly failureRateOver?: string;
  readonly p95?: string;
  readonly p95Over?: string;
  readonly complaints?: string;
  readonly as?: string;
}

function addPlan(cutover: Command, context: CommandContext): void {
  choosing(cutover.command('plan'))
    .option('--steps <percent,…>', '1,5,25,50,100 when left out')
    .option('--window <seconds>', 'sliding window of the rates, 20 to 60', '60')
    .option('--min-samples <n>', 'answers of the new side below which nothing is judged', '20')
    .option('--failure-rate <share>', 'most answers that let nobody in', '0.5')
    .option('--failure-rate-over <share>', 'the same, above the old side at that time', '0.15')
    .option('--p95 <ms>', 'longest 95th percentile', '3000')
    .option('--p95-over <ms>', 'the same, above the old side at that time', '1000')
    .option('--complaints <n>', 'so many since the step began', '5')
    .option('--as <operator>', 'your name, where the account of the machine is not yours')
    .description('Steps and limits; nobody moves yet')
    .addHelpText(
      'after',
      '\nExample:\n  latchkey cutover plan --department "Department for Housing" --steps 1,10,50,100',
    )
    .action((keys: string[], options: PlanOptions) =>
      withHouse(context, async (house) => {
        const draft = readPlan(options);
        const chosen = await chooseSources(house, keys, options);
        await eachSource(
          chosen.map(({ source }) => source),
          async (key) => {
            const planned = await house.migration.sideBySide.cutover.plan(key, draft, {
              actor: operatorActor(options.as),
            });
            if (planned.outcome === 'invalid') throw refusal('The plan', planned.problems);
            if (planned.outcome !== 'changed') return settleSides(context, key, planned);
            context.terminal.out(`${key}: planned, ${planned.sides.plan?.steps.join(' %, ')} %.\n`);
          },
        );
      }),
    );
}

function readPlan(options: PlanOptions): Partial<CutoverPlan> {
  const { steps } = options;
  return {
    ...(steps !== undefined && { steps: steps.split(',').map((step) => number(step, '--steps')) }),
    windowSeconds: number(options.window, '--window'),
    minSamples: number(options.minSamples, '--min-samples'),
    failureRate: number(options.failureRate, '--failure-rate'),
    failureRateOver: number(options.failureRateOver, '--failure-rate-over'),
    p95Ms: number(options.p95, '--p95'),
    p95OverMs: number(options.p95Over, '--p95-over'),
    complaints: number(options.complaints, '--complaints'),
  };
}

function number(text: string | undefined, option: string): number {
  const value = Number(text);
  if (text === undefined || text.trim() === '' || !Number.isFinite(value))
    throw new CommandFailure(EXIT.usage, `${option} takes numbers.`);
  return value;
}

function addStatus(cutover: Command, context: CommandContext): void {
  choosing(cutover.command('status'))
    .option('--json', 'write as JSON')
    .description('How far each is, and how its step goes')
    .addHelpText('after', '\nExample:\n  latchkey cutover status rent-portal')
    .action((keys: string[], options: Chosen & { json?: boolean }) =>
      withHouse(context, async (house) => {
        const chosen = await chooseSources(house, keys, options);
        const all = await Promise.all(chosen.map(({ source }) => house.migration.sideBySide.cutover.status(source)));
        const head = ['SOURCE', 'STAGE', 'MOVED', 'SINCE', 'ANSWERS', 'FAILED', 'P95', 'COMPLAINTS', 'STATE'];
        context.terminal.out(options.json ? json(all) : table([head, ...all.map(row)]));
      }),
    );
}

function row({ sides, percent, watched }: CutoverStatus): string[] {
  const { new: moved } = watched ?? {};
  const figures = moved
    ? [count(moved.samples), `${(moved.failureRate * 100).toFixed(1)} %`, `≤ ${moved.p95Ms} ms`]
    : ['-', '-', '-'];
  const since = sides.stepSince?.toISOString() ?? '-';
  const state = stateOf(sides, watched?.broken);
  return [sides.source, sides.stage, `${percent} %`, since, ...figures, count(sides.complaints), state];
}

function stateOf({ stopped, plan }: Sides, broken: string | undefined): string {
  if (broken) return `breaks its limit: ${broken}`;
  if (stopped) return `stopped by ${stopped.by} ${stopped.at.toISOString()}`;
  return plan ? 'well' : 'no plan';
}

function addNext(cutover: Command, context: CommandContext): void {
  acting(choosing(cutover.command('next')))
    .option('--anyway', 'although the step has not gone well, or cannot be judged yet; needs two people')
    .description('One step further, when this one has gone well')
    .addHelpText('after', `\nWith --anyway: ${TWO_PEOPLE.trim()}\n\nExample:\n  latchkey cutover next rent-portal`)
    .action((keys: string[], options: Chosen & ActOptions & { anyway?: boolean }) =>
      withHouse(context, async (house) => {
        const chosen = await chooseSources(house, keys, options);
        const act = { ...actOf(options), anyway: options.anyway ?? false };
        await eachSource(
          chosen.map(({ source }) => source),
          async (key) => {
            const done = await house.migration.sideBySide.cutover.next(key, act);
            if (done.outcome !== 'changed') return settleSides(context, key, done);
            context.terminal.out(`${key}: ${percentOf(done.sides)} % are served by the new side.\n`);
          },
        );
      }),
    );
}

const percentOf = ({ plan, step }: Sides): number => plan?.steps[step - 1] ?? 0;

function addBack(cutover: Command, context: CommandContext): void {
  choosing(cutover.command('back'))
    .option('--to-start', 'all the way: the old side serves everybody')
    .option('--as <operator>', 'your name, where the account of the machine is not yours')
    .description('One step back, at once')
    .addHelpText('after', '\nExample:\n  latchkey cutover back rent-portal --to-start')
    .action((keys: string[], options: Chosen & { toStart?: boolean; as?: string }) =>
      withHouse(context, async (house) => {
        const chosen = await chooseSources(house, keys, options);
        const act = { meta: { actor: operatorActor(options.as) }, toStart: options.toStart ?? false };
        await eachSource(
          chosen.map(({ source }) => source),
          async (key) => {
            const done = await house.migration.sideBySide.cutover.back(key, act);
            if (done.outcome !== 'changed') return settleSides(context, key, done);
            context.terminal.out(`${key}: ${percentOf(done.sides)} % are served by the new side.\n`);
          },
        );
      }),
    );
}

function addComplain(cutover: Command, context: CommandContext): void {
  cutover
    .command('complain')
    .argument('<source>', 'key of the source')
    .option('--as <operator>', 'your name, where the account of the machine is not yours')
    .description('Count one complaint that it did not work; what was said is kept where you keep such things')
    .addHelpText('after', '\nExample:\n  latchkey cutover complain rent-portal')
    .action((key: string, { as }: { as?: string }) =>
      withHouse(context, async ({ migration }) => {
        const { outcome } = await migration.sideBySide.cutover.complain(key, { actor: operatorActor(as) });
        context.terminal.out(outcome === 'counted' ? `${key}: counted.\n` : `${key}: nobody has moved; not counted.\n`);
      }),
    );
}
