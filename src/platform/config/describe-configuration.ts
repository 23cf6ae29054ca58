import { ConfigSchema } from './config-schema.ts';
import { listSettings, type Setting } from './list-settings.ts';
import { ALIASES } from './read-environment.ts';

const INTRODUCTION = `# Configuration

This page is made from the schema by \`node scripts/generate-configuration-doc.ts\`; do not edit it.

Latchkey reads \`config/default.json\`, then \`config/<environment>.json\`, then environment variables; what comes later wins.
Each key below may stand in a file (dots are nested objects) or in its variable. A list in a variable has commas between.
An empty variable sets nothing. The whole is checked once, at start: unknown keys, unknown \`LATCHKEY_\` variables and bad values
stop it, all named at once, and no value is ever printed.

The environment is \`production\` unless \`LATCHKEY_ENVIRONMENT\` says otherwise. In production these stop the start as well: a secret of
\`config/development.json\`, an issuer that is not https, the development inbox, and \`http.trustProxy\` not true.

Latchkey speaks plain HTTP and stands behind one proxy that ends TLS, passes \`Host\` on, and appends the caller's address to
\`X-Forwarded-For\`. Of that header only the last address is believed. Nothing but the proxy may reach the port.

Secrets belong in variables from a secret manager, never into files. A key is made with
\`node -e "console.log(crypto.randomBytes(32).toString('base64url'))"\`. To rotate \`secrets.masterKeys\` or \`secrets.cookieKeys\`, put the new key first
and keep the old one until nothing made with it is left.

\`LATCHKEY_SOURCE_SECRET_RENT_PEPPER\` sets the secret \`rent-pepper\`: a source's definition names it, as \`{ "secret": "rent-pepper" }\`, and never holds it.
`;

/** The text of docs/configuration.md. */
export function describeConfiguration(): string {
  const sections = Map.groupBy(listSettings(ConfigSchema), ({ path }) =>
    path.length === 1 ? 'General' : (path[0] ?? ''),
  );
  const parts = [...sections].map(([name, settings]) => `## ${name}\n\n${settings.map(entry).join('\n')}\n`);
  return [INTRODUCTION, ...parts].join('\n');
}

function entry(setting: Setting): string {
  const alias = ALIASES[setting.key];
  const own = setting.kind === 'named-texts' ? `${setting.variable}<NAME>` : setting.variable;
  const variables = alias === undefined ? `\`${own}\`` : `\`${own}\` or \`${alias}\``;
  const facts = [
    `\`${setting.expected}\``,
    setting.default === undefined ? (setting.isRequired ? 'required' : 'optional') : `default \`${setting.default}\``,
    ...(setting.isSecret ? ['secret'] : []),
  ];
  return `- **\`${setting.key}\`** (${variables}): ${setting.description}. ${capital(facts.join('; '))}.`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
