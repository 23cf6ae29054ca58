import type { Command } from 'commander';
import { CommandFailure, EXIT } from '../exit-codes.ts';
import { type CommandContext, json, table } from '../terminal.ts';
import { withHouse } from '../with-house.ts';
import { meanings, metaOf } from './bring.ts';
import { limitOf } from './list.ts';
import { WORDS } from './why-refused.ts';

interface DisputedOptions {
  readonly source?: string;
  readonly reason: string;
  readonly limit: string;
  readonly as?: string;
  readonly json?: boolean;
}

const MAX_SHOWN = 500;

const HELP = `
Rows about which no import may decide, and that nobody has proved yet: equal e-mail addresses, accounts that were released or
retired. Their owners settle them by proving; there is nothing to be decided in their place. What is shown is masked, and that
you looked, and why, stays on record.

Examples:
  latchkey runs disputed --source rent-portal --reason "case 12: caller says her account is missing"
  latchkey runs disputed --reason "weekly review" --limit 500 --json`;

export function addDisputed(runs: Command, context: CommandContext): void {
  const { terminal } = context;
  runs
    .command('disputed')
    .option('--source <key>', 'only of this old system')
    .requiredOption('--reason <words>', 'why you look; stays on record, so nothing about persons')
    .option('--limit <n>', 'how many, 500 at most', '50')
    .option('--as <operator>', 'your name, where the account of the machine is not yours')
    .option('--json', 'write as JSON')
    .description('Rows that wait for proof, masked')
    .addHelpText('after', HELP)
    .action(async ({ source, reason, limit, as, json: asJson }: DisputedOptions) => {
      await needReason(reason);
      const asked = {
        ...(source !== undefined && { source }),
        limit: limitOf(limit, MAX_SHOWN),
        meta: metaOf({ as }),
        reason,
      };
      const found = await withHouse(context, ({ migration }) => migration.runs.disputed(asked));
      if (asJson) return terminal.out(json(found));
      if (found.length === 0) return terminal.out('No row waits for proof.\n');
      const rows = found.map((row) => [row.source, `${row.line}`, row.id, row.email ?? '-', row.name ?? '-', row.code]);
      const meaningOf = await meanings();
      const words = [...new Set(found.map(({ code }) => code))].map((code) => [code, meaningOf(code) ?? '']);
      return terminal.out(`${table([['SOURCE', 'LINE', 'ID', 'EMAIL', 'NAME', 'CODE'], ...rows])}\n${table(words)}`);
    });
}

async function needReason(reason: string): Promise<void> {
  const { judgeReason } = await import('../../migration/index.ts');
  const wrong = judgeReason(reason);
  if (wrong) throw new CommandFailure(EXIT.refused, `${WORDS[wrong].replace('--why', '--reason')} [${wrong}]`);
}
