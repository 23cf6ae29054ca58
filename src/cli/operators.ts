import type { Command } from 'commander';
import type { House } from '../house.ts';
import type { ListedOperator, OperatorRefusal, Operators, Role } from '../operators/index.ts';
import { CommandFailure, EXIT } from './exit-codes.ts';
import { type CommandContext, json, operatorActor, table } from './terminal.ts';
import { withHouse } from './with-house.ts';

const ROLES_HELP = `
Roles:
  viewer         sees systems, runs and balances; no personal data
  migrator       plans and drives runs and cut-overs
  approver       approves what somebody else has planned, and undoes runs
  support        sees disputed rows with masked data, giving a reason
  administrator  manages operators; no right over runs by itself`;

const refusals = {
  'handle-malformed': 'A handle is 1 to 64 of a-z, 0-9, dot, hyphen and underscore, and begins with a letter or digit.',
  'handle-taken': 'This handle belongs, or belonged, to an operator. Without --role it makes a new link for them.',
  'last-administrator': 'They are the only active administrator.',
  'no-roles': 'Give at least one --role.',
  'not-oneself': 'Somebody else must do this for you.',
  'roles-exceeded': 'A token holds roles that its owner has, and never administrator.',
  status: 'The status of the operator does not allow this. See: latchkey operators list',
  'too-many-days': '--days must be a whole number from 1 to 90.',
  unknown: 'There is nothing of this name. See: latchkey operators list',
} as const satisfies Record<OperatorRefusal, string>;

interface As {
  readonly as?: string;
}

/** Staff: who they are, and what they may do. */
export function addOperators(program: Command, context: CommandContext): void {
  const operators = program.command('operators').description('Staff: who they are, and what they may do');
  addInvite(operators, context);
  addList(operators, context);
  addChanges(operators, context);
  addTokens(operators, context);
}

async function withOperators<T>(context: CommandContext, work: (operators: Operators) => Promise<T>): Promise<T> {
  return withHouse(context, async (house: House) => {
    const { createOperators } = await import('../operators/index.ts');
    return work(createOperators(house));
  });
}

const act = ({ as }: As): { readonly actor: string } => ({ actor: operatorActor(as) });

type Done = { readonly outcome: string } | { readonly outcome: 'refused'; readonly reason: OperatorRefusal };

function orFail<T extends Done>(done: T): Exclude<T, { readonly outcome: 'refused' }> {
  if (isRefused(done)) throw new CommandFailure(EXIT.refused, refusals[done.reason]);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a refusal was thrown
  return done as Exclude<T, { readonly outcome: 'refused' }>;
}

const isRefused = (done: Done): done is { readonly outcome: 'refused'; readonly reason: OperatorRefusal } =>
  done.outcome === 'refused';

async function readRoles(given: readonly string[]): Promise<readonly Role[]> {
  const { isRole } = await import('../operators/index.ts');
  const roles = given.flatMap((text) => text.split(',')).filter((text) => text !== '');
  const known = roles.filter(isRole);
  const [unknown] = roles.filter((role) => !isRole(role));
  if (unknown !== undefined) throw new CommandFailure(EXIT.usage, `There is no role "${unknown}".${ROLES_HELP}`);
  return [...new Set(known)];
}

function addInvite(operators: Command, context: CommandContext): void {
  operators
    .command('invite')
    .argument('<handle>', 'their short name, as the record will show it for ever')
    .option('--role <role...>', 'one or several; leave it out to make a new link for somebody who lost theirs')
    .option('--json', 'write as JSON')
    .option('--as <operator>', 'your name, where the account of the machine is not yours')
    .description('Print a link that lets one person in, once, within a day. The first administrator is made so.')
    .addHelpText('after', `${ROLES_HELP}\n\nExample:\n  latchkey operators invite olwen --role administrator`)
    .action((handle: string, options: As & { role?: string[]; json?: boolean }) =>
      withOperators(context, async (staff) => {
        const done =
          options.role === undefined
            ? await staff.inviteAgain(handle, act(options))
            : await staff.invite({ handle, roles: await readRoles(options.role) }, act(options));
        const { link, expiresAt } = orFail(done);
        const { terminal } = context;
        if (options.json) return terminal.out(json({ handle, link, expiresAt }));
        terminal.err(`Give this link to ${handle} only. It works once, until ${expiresAt.toISOString()}:\n`);
        return terminal.out(`${link}\n`);
      }),
    );
}

function addList(operators: Command, context: CommandContext): void {
  const { terminal } = context;
  operators
    .command('list')
    .description('Every operator, with their roles, status, passkeys and tokens')
    .option('--json', 'write as JSON')
    .action((options: { json?: boolean }) =>
      withOperators(context, async (staff) => {
        const all = await staff.list();
        if (options.json) return terminal.out(json(all));
        const head = ['HANDLE', 'STATUS', 'ROLES', 'PASSKEYS', 'SESSIONS', 'TOKENS'];
        return terminal.out(table([head, ...all.map(rowOf)]));
      }),
    );
}

const rowOf = ({ handle, status, roles, passkeys, sessions, tokens }: ListedOperator): readonly string[] => [
  handle,
  status,
  roles.join(','),
  String(passkeys),
  String(sessions),
  tokens.map(({ tokenId, expiresAt }) => `${tokenId} until ${expiresAt.toISOString().slice(0, 10)}`).join(', '),
];

function addChanges(operators: Command, context: CommandContext): void {
  const { terminal } = context;
  const command = (name: string, description: string): Command =>
    operators
      .command(name)
      .argument('<handle>')
      .option('--as <operator>', 'your name, where the account of the machine is not yours')
      .description(description);
  command('roles', 'Give somebody these roles and no others; their sessions end')
    .argument('<role...>')
    .addHelpText('after', `${ROLES_HELP}\n\nExample:\n  latchkey operators roles bryn viewer approver`)
    .action((handle: string, given: string[], options: As) =>
      withOperators(context, async (staff) => {
        orFail(await staff.changeRoles(handle, await readRoles(given), act(options)));
        terminal.out(`${handle}: the roles are changed.\n`);
      }),
    );
  command('suspend', 'Out at once: sessions, tokens and invitations stop working').action(
    (handle: string, options: As) =>
      withOperators(context, async (staff) => {
        orFail(await staff.suspend(handle, act(options)));
        terminal.out(`${handle} is suspended.\n`);
      }),
  );
  command('restore', 'Let somebody who was suspended sign in again').action((handle: string, options: As) =>
    withOperators(context, async (staff) => {
      orFail(await staff.restore(handle, act(options)));
      terminal.out(`${handle} may sign in again.\n`);
    }),
  );
  command('end-sessions', 'Sign somebody out everywhere').action((handle: string, options: As) =>
    withOperators(context, async (staff) => {
      const { count } = orFail(await staff.endSessions(handle, act(options)));
      terminal.out(`${handle}: ${count} sessions ended.\n`);
    }),
  );
}

function addTokens(operators: Command, context: CommandContext): void {
  const { terminal } = context;
  operators
    .command('token')
    .argument('<handle>', 'whose name the program acts in')
    .requiredOption('--role <role...>', 'what it may do: roles that its owner has, never administrator')
    .option('--days <n>', 'how long it works, at most 90', '30')
    .option('--json', 'write as JSON')
    .option('--as <operator>', 'your name, where the account of the machine is not yours')
    .description('Print a token for the API, once: `Authorization: Bearer …` at /operators/api')
    .addHelpText('after', `${ROLES_HELP}\n\nExample:\n  latchkey operators token bryn --role viewer --days 7`)
    .action((handle: string, options: As & { role: string[]; days: string; json?: boolean }) =>
      withOperators(context, async (staff) => {
        const wanted = { roles: await readRoles(options.role), days: Number(options.days) };
        const made = orFail(await staff.makeToken(handle, wanted, act(options)));
        const { token, tokenId, expiresAt } = made;
        if (options.json) return terminal.out(json({ handle, tokenId, token, expiresAt }));
        terminal.err(`Token ${tokenId} of ${handle}, until ${expiresAt.toISOString()}. It is not shown again:\n`);
        return terminal.out(`${token}\n`);
      }),
    );
  operators
    .command('revoke-token')
    .argument('<handle>')
    .argument('<token id>', 'as `latchkey operators list` shows it')
    .option('--as <operator>', 'your name, where the account of the machine is not yours')
    .description('End a token at once')
    .action((handle: string, tokenId: string, options: As) =>
      withOperators(context, async (staff) => {
        orFail(await staff.revokeToken(handle, tokenId, act(options)));
        terminal.out('The token opens nothing any more.\n');
      }),
    );
}
