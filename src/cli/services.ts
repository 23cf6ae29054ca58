import type { Command } from 'commander';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import type { Service } from '../relying-parties/index.ts';
import { CommandFailure, EXIT } from './exit-codes.ts';
import { readJsonFile, refusal } from './read-json-file.ts';
import { type CommandContext, json, operatorActor, table } from './terminal.ts';
import { withHouse } from './with-house.ts';

const EXAMPLE = `
Example: latchkey services add rent.json, where rent.json holds
  {
    "clientId": "rent-web",
    "department": { "departmentId": "homes", "name": { "en": "Department for Homes" } },
    "metadata": {
      "name": { "en": "Rent", "cy": "Rhent" },
      "redirectUris": ["https://rent.example/callback"],
      "authMethod": "client_secret_post",
      "scopes": ["openid"]
    }
  }`;

export function addServices(program: Command, context: CommandContext): void {
  const { terminal } = context;
  const services = program.command('services').description('The services that people sign in to');
  services
    .command('list')
    .description('Every service on record')
    .option('--json', 'write as JSON')
    .action((options: { json?: boolean }) =>
      withHouse(context, async ({ relyingParties }) => {
        const all = await relyingParties.list();
        const header = ['CLIENT ID', 'STATUS', 'VERSION', 'DEPARTMENT', 'NAME'];
        terminal.out(options.json ? json(all) : table([header, ...all.map(row)]));
      }),
    );
  services
    .command('add')
    .argument('<file>', 'JSON: {"clientId", "department": {"departmentId", "name"}, "metadata"}')
    .description('Put a service on record, or a new version of it. A secret is shown once.')
    .addHelpText('after', EXAMPLE)
    .action((file: string) => addService(file, context));
  services
    .command('show')
    .argument('<clientId>')
    .description('One service as it is live')
    .action((clientId: string) =>
      withHouse(context, async ({ relyingParties }) => {
        const service = await relyingParties.find(clientId);
        if (!service) throw new CommandFailure(EXIT.usage, `There is no service "${clientId}".`);
        terminal.out(json(service));
      }),
    );
  for (const verb of ['suspend', 'resume'] as const) {
    services
      .command(verb)
      .argument('<clientId>')
      .description(verb === 'suspend' ? 'Stop a service within seconds' : 'Let a suspended service work again')
      .action((clientId: string) =>
        withHouse(context, async ({ relyingParties }) => {
          await relyingParties[verb](clientId, { actor: operatorActor() });
          terminal.out(`${clientId} is ${verb === 'suspend' ? 'suspended' : 'live'}.\n`);
        }),
      );
  }
  services
    .command('new-secret')
    .argument('<clientId>')
    .description('Replace the shared secret. The old one stops at once; the new one is shown this once.')
    .action((clientId: string) =>
      withHouse(context, async ({ relyingParties }) => {
        terminal.out(`${await relyingParties.newSecret(clientId, { actor: operatorActor() })}\n`);
      }),
    );
}

const row = ({ clientId, status, version, departmentId, metadata }: Service): string[] => [
  clientId,
  status,
  `${version}`,
  departmentId,
  metadata.name.en,
];

async function addService(file: string, context: CommandContext): Promise<void> {
  const submission = await readJsonFile(file);
  if (!Value.Check(Outline, submission))
    throw new CommandFailure(
      EXIT.usage,
      `${file} needs "clientId", "department" with "departmentId" and "name", and "metadata".`,
    );
  await withHouse(context, async ({ relyingParties }) => {
    const result = await relyingParties.submit(submission, { actor: operatorActor() });
    if (result.outcome === 'refused') throw refusal(file, result.problems);
    context.terminal.out(`${result.service.clientId} ${result.outcome} (version ${result.service.version})\n`);
    if ('secret' in result && result.secret !== undefined)
      context.terminal.out(`secret, shown this once: ${result.secret}\n`);
  });
}

const Outline = Type.Object({
  clientId: Type.String(),
  department: Type.Object({
    departmentId: Type.String(),
    name: Type.Object({ en: Type.String(), cy: Type.Optional(Type.String()) }),
  }),
  metadata: Type.Unknown(),
});
