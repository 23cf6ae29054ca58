import { Value } from 'typebox/value';
import { type Config, ConfigSchema } from './config-schema.ts';
import type { Setting } from './list-settings.ts';

/** What the schema refuses: one line for each key, saying what it must be and never what it was. */
export function schemaProblems(candidate: unknown, settings: readonly Setting[]): string[] {
  const problems = new Set<string>();
  for (const error of Value.Errors(ConfigSchema, candidate)) {
    const path = error.instancePath.split('/').filter(Boolean);
    if (error.keyword === 'required') {
      for (const name of missingNames(error.params)) addMissing([...path, name].join('.'), settings, problems);
    } else if (error.keyword !== 'additionalProperties') {
      problems.add(describe(path, settings));
    }
  }
  return [...problems];
}

function missingNames(parameters: unknown): string[] {
  if (typeof parameters !== 'object' || parameters === null || !('requiredProperties' in parameters)) return [];
  return Array.isArray(parameters.requiredProperties) ? parameters.requiredProperties.map(String) : [];
}

function addMissing(key: string, settings: readonly Setting[], problems: Set<string>): void {
  for (const setting of settings) {
    if (setting.key !== key && !(setting.key.startsWith(`${key}.`) && setting.isRequired)) continue;
    problems.add(`${setting.key} (${setting.variable}) is missing: ${setting.expected}`);
  }
}

function describe(path: readonly string[], settings: readonly Setting[]): string {
  const key = path.join('.');
  const setting = settings.find((candidate) => candidate.key === key || key.startsWith(`${candidate.key}.`));
  if (setting !== undefined) return `${setting.key} (${setting.variable}) must be ${setting.expected}`;
  const isSection = settings.some((candidate) => candidate.key.startsWith(`${key}.`));
  return isSection ? `${key} must be an object` : `${key} is not a setting`;
}

/** What no schema can say: values that do not go together, or not with the environment (A12). */
export function crossProblems(config: Config, developmentSecrets: ReadonlySet<string>): string[] {
  const problems: string[] = [];
  const { issuer, notify } = config;
  if (!URL.canParse(issuer) || new URL(issuer).origin !== issuer) {
    problems.push('issuer (LATCHKEY_ISSUER) must be an origin as browsers write it: lower case, no default port');
  }
  if (notify.sender === 'smtp' && notify.smtpUrl === undefined) {
    problems.push('notify.smtpUrl (LATCHKEY_NOTIFY_SMTP_URL) is missing: notify.sender is smtp');
  }
  if (notify.sender === 'govuk-notify' && notify.govukNotify === undefined) {
    problems.push('notify.govukNotify (LATCHKEY_NOTIFY_GOVUK_NOTIFY_…) is missing: notify.sender is govuk-notify');
  }
  if (config.environment === 'production') problems.push(...productionProblems(config, developmentSecrets));
  return problems;
}

function productionProblems(config: Config, developmentSecrets: ReadonlySet<string>): string[] {
  const problems: string[] = [];
  if (!config.issuer.startsWith('https:')) {
    problems.push('issuer (LATCHKEY_ISSUER) must be https in production');
  }
  if (!config.http.trustProxy) {
    problems.push(
      'http.trustProxy (LATCHKEY_HTTP_TRUST_PROXY) must be true in production: a proxy ends TLS, and without its word ' +
        'everybody has one address',
    );
  }
  if (config.notify.sender === 'inbox') {
    problems.push(
      'notify.sender (LATCHKEY_NOTIFY_SENDER) must not be inbox in production: anybody could read the mail',
    );
  }
  const { masterKeys, cookieKeys, lookupKey, pairwiseSalt } = config.secrets;
  const secrets: [string, string, readonly string[]][] = [
    ['secrets.masterKeys', 'LATCHKEY_SECRETS_MASTER_KEYS', masterKeys],
    ['secrets.lookupKey', 'LATCHKEY_SECRETS_LOOKUP_KEY', [lookupKey]],
    ['secrets.pairwiseSalt', 'LATCHKEY_SECRETS_PAIRWISE_SALT', [pairwiseSalt]],
    ['secrets.cookieKeys', 'LATCHKEY_SECRETS_COOKIE_KEYS', cookieKeys],
  ];
  for (const [key, variable, values] of secrets) {
    if (values.some((value) => developmentSecrets.has(value))) {
      problems.push(`${key} (${variable}) is a development secret, which everybody can read in the repository`);
    }
  }
  return problems;
}
