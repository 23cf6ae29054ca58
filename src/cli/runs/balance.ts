import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import type { BalanceSheet, Run, Runs } from '../../migration/index.ts';
import { CommandFailure, EXIT } from '../exit-codes.ts';
import { readJsonFile } from '../read-json-file.ts';
import { type CommandContext, json } from '../terminal.ts';
import { withHouse } from '../with-house.ts';
import { balanceTable } from './balance-sheet.ts';
import { findRun } from './find-run.ts';
import { nextOf } from './run-sheet.ts';
import { stateOf } from './run-words.ts';
import { verifySheet } from './verify-sheet.ts';

interface BalanceOptions {
  readonly jws?: boolean;
  readonly verify?: string;
  readonly key?: string;
  readonly json?: boolean;
}

const HELP = `
in = new + changed + unchanged + linked + needs-proof + rejected + outside + not run, counted row by row from the ledger.
The sheet is signed (a compact JWS, EdDSA): keep it, and hand it to whoever audits the move with the key of
\`latchkey runs balance-key\`. The key changes when the newest master key does: keep the key with the sheet.

Ends with 6 when the run does not balance, and with 5 when a sheet does not verify.

Examples:
  latchkey runs balance 0199d1c2-4b07
  latchkey runs balance 0199d1c2-4b07 --jws > rent-2026-03.jws
  latchkey runs balance 0199d1c2-4b07 --verify rent-2026-03.jws
  latchkey runs balance 0199d1c2-4b07 --verify rent-2026-03.jws --key balance-key-of-2026.json`;

/** `runs balance` and `runs balance-key`. */
export function addBalance(runs: Command, context: CommandContext): void {
  runs
    .command('balance')
    .argument('<run>', 'its id, or the first characters that only it has')
    .option('--jws', 'write the signed sheet')
    .option('--verify <file>', 'check a signed sheet of this run')
    .option('--key <file>', 'with --verify: the key it was signed with, when that is not the one of today')
    .option('--json', 'write the sheet and its signature as JSON')
    .description('Account for every row of a run that ended, as a signed sheet; or verify one')
    .addHelpText('after', HELP)
    .action((runId: string, options: BalanceOptions) =>
      withHouse(context, async ({ migration: { runs: all } }) => {
        const run = await findRun(all, runId);
        if (options.verify !== undefined)
          context.terminal.out(await verify(all, run, { ...options, verify: options.verify }));
        else await show(all, run, { options, context });
      }),
    );
  runs
    .command('balance-key')
    .description('The public key that balance sheets verify with, as JWK')
    .addHelpText('after', '\nExample:\n  latchkey runs balance-key > balance-key-of-2026.json')
    .action(() =>
      withHouse(context, ({ migration }) => Promise.resolve(context.terminal.out(json(migration.runs.balanceKey())))),
    );
}

interface Showing {
  readonly options: BalanceOptions;
  readonly context: CommandContext;
}

async function show(runs: Runs, run: Run, { options, context: { terminal } }: Showing): Promise<void> {
  const balance = await runs.balance(run.runId);
  if (!balance)
    throw new CommandFailure(
      EXIT.refused,
      `There is nothing to balance yet: ${run.title} is ${stateOf(run)}.${nextOf(run).trimEnd()}`,
    );
  const { sheet, jws } = balance;
  if (options.jws) terminal.out(`${jws}\n`);
  else terminal.out(options.json ? json(balance) : balanceTable(sheet));
  if (!sheet.balanced) throw new CommandFailure(EXIT.unhealthy, `${run.title} does not balance. ${MEND}`);
}

const MEND = 'Nothing is lost: `latchkey runs undo` restores the state before it.';

async function verify(
  runs: Runs,
  run: Run,
  { verify: path, key }: BalanceOptions & { verify: string },
): Promise<string> {
  const jwk = key === undefined ? runs.balanceKey() : await readKey(key);
  const verified = await verifySheet(await readFile(path, 'utf8'), jwk);
  if (verified.outcome === 'not-verified')
    throw new CommandFailure(EXIT.refused, `${path} does not verify: ${verified.why}.`);
  const { sheet, kid } = verified;
  if (sheet.runId !== run.runId)
    throw new CommandFailure(EXIT.refused, `${path} is the sheet of another run: ${sheet.runId}.`);
  const says = sheet.balanced ? 'it balances' : 'IT DOES NOT BALANCE';
  return `${path} verifies: made ${sheet.madeAt}, ${wordsOf(sheet)}, ${says} (key ${kid}).\n`;
}

const wordsOf = ({ total }: { readonly total: Pick<BalanceSheet['total'], 'read'> }): string =>
  `${total.read.toLocaleString('en-GB')} rows`;

async function readKey(path: string): Promise<Record<string, unknown>> {
  const key = await readJsonFile(path);
  if (typeof key !== 'object' || key === null) throw new CommandFailure(EXIT.usage, `${path} is no JWK.`);
  return { ...key };
}
