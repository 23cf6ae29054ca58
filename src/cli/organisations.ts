import type { Command } from 'commander';
import type { House } from '../house.ts';
import type { EndedOrganisation } from '../migration/index.ts';
import { enqueueMessage } from '../platform/notify/enqueue-message.ts';
import type { Transaction } from '../platform/postgres/database.ts';
import { settle } from './links.ts';
import { type CommandContext, operatorActor } from './terminal.ts';
import { withHouse } from './with-house.ts';

const TWO_PEOPLE = `
Within 30 days of its making, and two people: the first call only records who asks and why. The same command by somebody
else, within seven days, does it. Every membership and invitation ends, everybody is told, and the shared old account can be
proved anew. \`latchkey links requests\` shows what waits.

Example:
  latchkey organisations undo --source club-portal --id C-17 --evidence "Letter of the club's secretary, case 12"`;

interface UndoOptions {
  readonly source: string;
  readonly id: string;
  readonly evidence?: string;
  readonly as?: string;
}

/** Organisations that shared old accounts became (M43). */
export function addOrganisations(program: Command, context: CommandContext): void {
  const organisations = program.command('organisations').description('What shared old accounts became');
  organisations
    .command('undo')
    .requiredOption('--source <key>')
    .requiredOption('--id <old id>', 'of the shared account, as the old system wrote it')
    .option('--evidence <text>', 'what you saw; the first of the two must give it')
    .option('--as <operator>', 'your name, where the account of the machine is not yours')
    .description('End an organisation whose first prover had no right to it')
    .addHelpText('after', TWO_PEOPLE)
    .action(({ source, id, evidence = '', as }: UndoOptions) =>
      withHouse(context, async (house) => {
        const act = {
          meta: { actor: operatorActor(as) },
          evidence,
          alsoInTransaction: (tx: Transaction, ended: EndedOrganisation) => tellMembers(house, tx, ended),
        };
        const done = await house.migration.operatorRequests.undoOrganisation({ source, legacyId: id }, act);
        if (done.outcome !== 'undone') return settle(context, done, id);
        context.terminal.out(`Undone. Everybody in it is told: ${done.members}.\n`);
      }),
    );
}

const A_DAY_MS = 24 * 60 * 60 * 1000;

const texts = {
  en: {
    subject: 'An organisation that you acted for has ended',
    body: (name: string) =>
      `Our staff have undone the organisation ${name}, which had been made from a shared old account. Two people checked ` +
      'this. Nobody acts for it any more, and the old account can be proved anew.\n\n' +
      'Your own Latchkey account stays as it is. If this is wrong, contact the service.\n',
  },
  cy: {
    subject: 'Mae sefydliad yr oeddech yn gweithredu ar ei ran wedi dod i ben',
    body: (name: string) =>
      `Mae ein staff wedi dadwneud y sefydliad ${name}, a wnaed o hen gyfrif a rennid. Gwiriwyd hyn gan ddau berson. Nid ` +
      'oes neb yn gweithredu ar ei ran mwyach, a gellir profi’r hen gyfrif o’r newydd.\n\n' +
      'Mae eich cyfrif Latchkey eich hun yn aros fel y mae. Os yw hyn yn anghywir, cysylltwch â’r gwasanaeth.\n',
  },
} as const;

async function tellMembers(
  { accounts, keyRing, now }: House,
  tx: Transaction,
  { name, accountIds }: EndedOrganisation,
): Promise<void> {
  const at = now();
  for (const accountId of accountIds) {
    const account = await accounts.read(await accounts.merging.standsFor(accountId));
    const { subject, body } = texts[account?.language ?? 'en'];
    for (const { address: to } of account?.emails ?? []) {
      const expiresAt = new Date(at.getTime() + A_DAY_MS);
      await enqueueMessage(tx, keyRing, { kind: 'email', to, subject, body: body(name), expiresAt }, at);
    }
  }
}
