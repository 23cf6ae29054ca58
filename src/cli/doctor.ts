import type { Command } from 'commander';
import type { House } from '../house.ts';
import { CommandFailure, EXIT, explainFailure } from './exit-codes.ts';
import type { Finding } from './examinations.ts';
import { type CommandContext, json, table } from './terminal.ts';
import { withHouse } from './with-house.ts';

export function addDoctor(program: Command, context: CommandContext): void {
  const { terminal } = context;
  program
    .command('doctor')
    .description(
      'Look at configuration, Postgres, migrations, Redis, signing keys, clock, mail sender and audit chains',
    )
    .option('--json', 'write the findings as JSON')
    .addHelpText('after', '\nExample:\n  latchkey doctor && latchkey serve')
    .action(async (options: { json?: boolean }) => {
      const findings = await examine(context);
      terminal.out(options.json ? json(findings) : sheet(findings));
      const ill = findings.filter(({ ok }) => !ok);
      if (ill.length > 0) throw new CommandFailure(EXIT.unhealthy, `${ill.length} of ${findings.length} need mending.`);
    });
}

type Named = Finding & { readonly name: string };

async function examine(context: CommandContext): Promise<readonly Named[]> {
  try {
    return await withHouse(context, examineHouse);
  } catch (error) {
    return [{ name: 'configuration', ok: false, says: explainFailure(error).message }];
  }
}

async function examineHouse(house: House): Promise<readonly Named[]> {
  const findings: Named[] = [
    { name: 'configuration', ok: true, says: `${house.config.environment}, ${house.config.issuer}` },
  ];
  const { examinations } = await import('./examinations.ts');
  for (const [name, look] of examinations) {
    try {
      findings.push({ name, ...(await look(house)) });
    } catch (error) {
      findings.push({ name, ok: false, says: explainFailure(error).message });
    }
  }
  return findings;
}

const sheet = (findings: readonly Named[]): string =>
  table(findings.map(({ name, ok, says }) => [ok ? 'ok' : 'MEND', name, says]));
