import type { Command } from 'commander';
import type { ShadowReport } from '../migration/index.ts';
import { count } from './progress.ts';
import { settleSides } from './side-outcomes.ts';
import { type CommandContext, json, operatorActor, table } from './terminal.ts';
import { withHouse } from './with-house.ts';

/** Ask old and new, serve old, compare. */
export function addShadow(program: Command, context: CommandContext): void {
  const shadow = program.command('shadow').description('Ask old and new at each sign-in, serve old, and compare');
  for (const verb of ['on', 'off'] as const) {
    shadow
      .command(verb)
      .argument('<source>', 'key of the source')
      .option('--as <operator>', 'your name, where the account of the machine is not yours')
      .description(verb === 'on' ? 'Begin, and forget what was counted before' : 'Stop; the report stays')
      .action((key: string, { as }: { as?: string }) =>
        withHouse(context, async ({ migration }) => {
          const changed = await migration.sideBySide.shadow[verb](key, { actor: operatorActor(as) });
          if (changed.outcome !== 'changed') return settleSides(context, key, changed);
          context.terminal.out(`${key}: shadow mode is ${verb}.\n`);
        }),
      );
  }
  shadow
    .command('report')
    .argument('<source>', 'key of the source')
    .option('--limit <n>', 'how many of the recent disagreements', '20')
    .option('--json', 'write as JSON')
    .description('How far both sides agree, and about what they do not; names are masked')
    .addHelpText('after', '\nExample:\n  latchkey shadow report rent-portal --limit 50')
    .action((key: string, options: { limit: string; json?: boolean }) =>
      withHouse(context, async ({ migration }) => {
        const limit = Math.min(Math.max(Number.parseInt(options.limit, 10) || 20, 1), 1000);
        const report = await migration.sideBySide.shadow.report(key, limit);
        context.terminal.out(options.json ? json(report) : inWords(report));
      }),
    );
}

const RESULTS = {
  'both-yes': 'both let them in',
  'both-no': 'both refused',
  'old-only': 'only the old side let them in',
  'new-only': 'only the new side would have',
  'old-away': 'the old system was away',
  'new-away': 'the new side could not look',
  moved: 'moved already: not compared',
} as const satisfies Record<keyof ShadowReport['results'], string>;

function inWords({ since, agreement, results, differs, recent }: ShadowReport): string {
  const rate = agreement === undefined ? 'nobody was let in yet' : `${(agreement * 100).toFixed(2)} %`;
  const counted = Object.entries(RESULTS).flatMap(([result, words]) => {
    const n = new Map(Object.entries(results)).get(result) ?? 0;
    return n > 0 ? [[words, count(n)]] : [];
  });
  const about = Object.entries(differs).filter(([, n]) => n > 0);
  const lines = [
    table([['since', since?.toISOString() ?? 'off'], ['agreement', rate], ...counted]),
    ...(about.length > 0 ? [table([['DIFFER IN', 'TIMES'], ...about.map(([what, n]) => [what, count(n)])])] : []),
  ];
  const rows = recent.map((one) => [
    one.legacyKey.slice(0, 16),
    one.login ?? '-',
    one.what,
    count(one.times),
    one.seenAt.toISOString(),
  ]);
  if (rows.length > 0) lines.push(table([['OLD ACCOUNT', 'NAME', 'DIFFERS IN', 'TIMES', 'LAST'], ...rows]));
  return lines.join('\n');
}
