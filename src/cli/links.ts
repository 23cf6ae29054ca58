import type { Command } from 'commander';
import type { House } from '../house.ts';
import type { LinkExplanation, RequestRefusal, UndoReason } from '../migration/index.ts';
import { CommandFailure, EXIT } from './exit-codes.ts';
import { type CommandContext, json, operatorActor, table } from './terminal.ts';
import { withHouse } from './with-house.ts';

const REASONS = ['wrong-person', 'fraud', 'mistake', 'not-mine', 'not-wanted'] as const satisfies readonly UndoReason[];

const TWO_PEOPLE = `
Two people: the first call only records who asks and why. The same command by somebody else, within seven days, does it.
\`latchkey links requests\` shows what waits, with its evidence.`;

interface ActOptions {
  readonly evidence?: string;
  readonly as?: string;
}

/** What operators may see and do of links. None of it links anything, or signs in as anybody. */
export function addLinks(program: Command, context: CommandContext): void {
  const links = program.command('links').description('Which old accounts belong to which account, and why');
  addList(links, context);
  addExplain(links, context);
  addRequests(links, context);
  addUndo(links, context);
  addRestore(links, context);
  addVouch(links, context);
}

function addList(links: Command, context: CommandContext): void {
  const { terminal } = context;
  links
    .command('list')
    .description('The links of one account, or those of one old system in the order they were made')
    .option('--account <id>')
    .option('--source <key>')
    .option('--after <link>', 'with --source: go on after this link')
    .option('--limit <n>', 'with --source: how many', '100')
    .option('--json', 'write as JSON')
    .addHelpText('after', '\nExample:\n  latchkey links list --source rent-portal --limit 20')
    .action((options: { account?: string; source?: string; after?: string; limit: string; json?: boolean }) =>
      withHouse(context, async ({ migration }) => {
        const { account, source, after } = options;
        if ((account === undefined) === (source === undefined))
          throw new CommandFailure(EXIT.usage, 'Give either --account or --source.');
        const limit = Math.min(Math.max(Number.parseInt(options.limit, 10) || 100, 1), 10_000);
        const found =
          source === undefined
            ? await ofAccount(migration, account ?? '')
            : (await migration.links.ofSource(source, { after, limit })).links.map((link) => ({ ...link, source }));
        if (options.json) return terminal.out(json(found));
        const rows = found.map((link) => [
          link.linkId,
          link.accountId,
          link.source,
          link.assurance,
          link.linkedAt.toISOString(),
          link.undoneAt?.toISOString() ?? '',
        ]);
        return terminal.out(table([['LINK', 'ACCOUNT', 'SOURCE', 'LEVEL', 'LINKED', 'UNDONE'], ...rows]));
      }),
    );
}

async function ofAccount(migration: House['migration'], accountId: string) {
  const all = await migration.links.list(accountId, { withUndone: true });
  return all.map(({ linkId, source, assurance, linkedAt, undone }) => ({
    linkId,
    accountId,
    source,
    assurance,
    linkedAt,
    undoneAt: undone?.at,
  }));
}

function addExplain(links: Command, context: CommandContext): void {
  const { terminal } = context;
  links
    .command('explain')
    .argument('<link>', 'id of a link')
    .option('--json', 'write as JSON')
    .description('Why is this linked: proofs, policy, who, when, and what it changed')
    .action((linkId: string, options: { json?: boolean }) =>
      withHouse(context, async ({ migration }) => {
        const found = await migration.links.explain(linkId);
        if (!found) throw unknownLink(linkId);
        terminal.out(options.json ? json(found) : explanation(found));
      }),
    );
}

const unknownLink = (linkId: string): CommandFailure =>
  new CommandFailure(EXIT.usage, `There is no link "${linkId}". \`latchkey links list\` shows them.`);

function explanation(link: LinkExplanation): string {
  const { policy, undone } = link;
  const changed = policy.versionNow === policy.version ? '' : `, now version ${policy.versionNow ?? 'none'}`;
  return table([
    ['link', link.linkId],
    ['account', link.accountId + (link.createdAccount ? ', made by this link' : '')],
    ['old system', `${link.source} (${link.sourceName.en})`],
    ['linked', `${link.linkedAt.toISOString()} by ${link.linkedBy}`],
    ...link.proofs.map(({ of, kind, at, strength }) => [
      `proof of ${of}`,
      `${kind}${strength === undefined ? '' : ` (${strength})`}, ${at.toISOString()}`,
    ]),
    ['policy', `version ${policy.version}: ${policy.kinds.join(', ')}${changed}`],
    ['level', link.assurance],
    ['known by old id', link.sectors.length > 0 ? link.sectors.join(', ') : 'nowhere'],
    ['old account is', link.legacyState],
    ...(undone ? [['undone', `${undone.at.toISOString()} by ${undone.by}: ${undone.reason}`]] : []),
    ...(undone?.wayBackUntil ? [['way back until', undone.wayBackUntil.toISOString()]] : []),
  ]);
}

function addRequests(links: Command, context: CommandContext): void {
  const { terminal } = context;
  links
    .command('requests')
    .option('--json', 'write as JSON')
    .description('What waits for a second operator')
    .action((options: { json?: boolean }) =>
      withHouse(context, async ({ migration }) => {
        const open = await migration.operatorRequests.list();
        if (options.json) return terminal.out(json(open));
        const rows = open.map((one) => [
          one.kind,
          one.linkId ?? one.accountId ?? '',
          one.askedBy,
          one.expiresAt.toISOString(),
          `${one.reason}: ${one.evidence.replaceAll(/\s+/g, ' ')}`,
        ]);
        return terminal.out(table([['WHAT', 'OF', 'ASKED BY', 'UNTIL', 'WHY'], ...rows]));
      }),
    );
}

function addUndo(links: Command, context: CommandContext): void {
  acting(links.command('undo').argument('<link>', 'id of a link'))
    .requiredOption('--reason <word>', REASONS.join(', '))
    .description('Take an old account off an account; its owner can put it back for seven days')
    .addHelpText(
      'after',
      `${TWO_PEOPLE}\n\nExample:\n  latchkey links undo 019… --reason wrong-person --evidence "Letter of 3 November, case 12"`,
    )
    .action((linkId: string, options: ActOptions & { reason: string }) =>
      withHouse(context, async (house) => {
        const reason = REASONS.find((known) => known === options.reason);
        if (!reason) throw new CommandFailure(EXIT.usage, `--reason is one of ${REASONS.join(', ')}.`);
        const { noticeOf } = await import('./link-notices.ts');
        const act = { ...actOf(options), reason, alsoInTransaction: noticeOf(house, 'undone') };
        const done = await house.migration.operatorRequests.undo(linkId, act);
        if (done.outcome !== 'undone') return settle(context, done, linkId);
        const { password, sectors } = done.changes;
        context.terminal.out(`Undone. Password: ${password}. Sectors that knew the old id: ${sectors.length}.\n`);
      }),
    );
}

function addRestore(links: Command, context: CommandContext): void {
  acting(links.command('restore').argument('<link>', 'id of a link that operators undid'))
    .description('Take an undo of operators back, within seven days of it')
    .addHelpText('after', TWO_PEOPLE)
    .action((linkId: string, options: ActOptions) =>
      withHouse(context, async (house) => {
        const { noticeOf } = await import('./link-notices.ts');
        const act = { ...actOf(options), alsoInTransaction: noticeOf(house, 'restored') };
        const done = await house.migration.operatorRequests.restore(linkId, act);
        if (done.outcome !== 'restored') return settle(context, done, linkId);
        context.terminal.out(`Restored as link ${done.linkId}.\n`);
      }),
    );
}

function addVouch(links: Command, context: CommandContext): void {
  acting(links.command('vouch'))
    .requiredOption('--source <key>')
    .requiredOption('--id <old id>', 'as the old system wrote it')
    .requiredOption('--account <id>', 'the account of the person who was identified: only it can use the code')
    .description('Make a code with which that person, signed in, can prove one old account')
    .addHelpText('after', `${TWO_PEOPLE}\nThe code is shown once, to the second.`)
    .action((options: ActOptions & { source: string; id: string; account: string }) =>
      withHouse(context, async (house) => {
        const of = { source: options.source, legacyId: options.id, accountId: options.account };
        const done = await house.migration.operatorRequests.vouch(of, actOf(options));
        if (done.outcome !== 'vouched') return settle(context, done, options.account);
        context.terminal.out(`${done.code}\n`);
        context.terminal.err(`Good for ${done.validDays} days, once, and only in account ${options.account}.\n`);
      }),
    );
}

const acting = (command: Command): Command =>
  command
    .option('--evidence <text>', 'what you saw; the first of the two must give it')
    .option('--as <operator>', 'your name, where the account of the machine is not yours');

const actOf = ({ evidence = '', as }: ActOptions) => ({ meta: { actor: operatorActor(as) }, evidence });

type Unfinished =
  | { readonly outcome: 'requested'; readonly requestId: string; readonly expiresAt: Date }
  | { readonly outcome: 'refused'; readonly reason: RequestRefusal };

export function settle({ terminal }: CommandContext, result: Unfinished, of: string): void {
  if (result.outcome === 'refused') {
    if (result.reason === 'link-unknown') throw unknownLink(of);
    throw new CommandFailure(EXIT.refused, `${whyRefused[result.reason]} [${result.reason}]`);
  }
  const until = result.expiresAt.toISOString();
  terminal.out(`Recorded as request ${result.requestId}. Somebody else must ask for the same by ${until}.\n`);
}

/** Why two people were not enough, or not two. */
export const whyRefused = {
  'link-unknown': 'There is no such link.',
  'already-undone': 'The link is undone already.',
  'account-not-active': 'The account is closed, suspended or part of another one.',
  'account-unknown': 'There is no such old account.',
  'organisation-unknown': 'No organisation was made of such an old account, or it was undone.',
  'reason-unknown': 'There is no such reason.',
  'not-undone': 'The link stands: there is nothing to take back.',
  'way-back-closed':
    'Only an undo of operators can be taken back, for seven days. Its owner can prove the old account.',
  'adopted-since': 'Somebody has proved the old account meanwhile.',
  'source-suspended': 'The old system is suspended.',
  'legacy-disabled': 'The old system has switched that account off.',
  'same-operator': 'You asked for this yourself: somebody else must approve it. This was recorded.',
  'evidence-missing': 'Say with --evidence what you saw, in ten characters or more.',
  'asked-already': 'Somebody has asked for this already.',
  'nothing-asked': 'Nobody has asked for this, or it is about what was there before.',
  'not-an-operator': 'Your name cannot stand in the record: use --as with letters, digits, dots and hyphens.',
  'subject-taken': 'A service knows somebody else by that old id by now.',
  'proof-not-allowed': 'The policy of the old system does not take the word of two operators.',
} as const satisfies Record<RequestRefusal, string>;
