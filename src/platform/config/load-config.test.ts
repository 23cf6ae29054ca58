import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LatchkeyError } from '../failure/latchkey-error.ts';
import { redact } from '../telemetry/redact.ts';
import { ConfigSchema } from './config-schema.ts';
import { describeConfiguration } from './describe-configuration.ts';
import { listSettings } from './list-settings.ts';
import { type ConfigSources, loadConfig } from './load-config.ts';

const key = (letter: string): string => `${letter}${'bcdefghijklmnopqrstuvwxyz0123456789'.repeat(2)}`.slice(0, 43);
const development: unknown = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../../config/development.json'), 'utf8'),
);

const production = {
  LATCHKEY_ISSUER: 'https://id.example',
  LATCHKEY_HTTP_TRUST_PROXY: 'true',
  LATCHKEY_POSTGRES_URL: 'postgres://somebody:hunter2@db/latchkey',
  LATCHKEY_SECRETS_MASTER_KEYS: `${key('A')}, ${key('B')}`,
  LATCHKEY_SECRETS_LOOKUP_KEY: key('C'),
  LATCHKEY_SECRETS_PAIRWISE_SALT: key('D'),
  LATCHKEY_SECRETS_COOKIE_KEYS: key('E'),
  LATCHKEY_NOTIFY_SENDER: 'smtp',
  LATCHKEY_NOTIFY_SMTP_URL: 'smtp://mail',
  PATH: '/bin',
};

function problemsOf(sources: ConfigSources): string {
  try {
    loadConfig(sources);
  } catch (error) {
    if (error instanceof LatchkeyError && error.code === 'config_invalid') return error.message;
    throw error;
  }
  return 'none';
}

describe('loadConfig', () => {
  it('is production unless told otherwise, takes variables over files over defaults, and freezes the whole', () => {
    const config = loadConfig({ env: { ...production, LATCHKEY_HTTP_PORT: '8080' } });
    expect(config).toMatchObject({
      environment: 'production',
      http: { host: '0.0.0.0', port: 8080, trustProxy: true, drainSeconds: 10 },
      secrets: { masterKeys: [key('A'), key('B')] },
    });
    expect(Object.isFrozen(config)).toBe(true);
    expect(Object.isFrozen(config.secrets.masterKeys)).toBe(true);
  });

  it('development needs only a database, also by the names that platforms give', () => {
    const env = {
      LATCHKEY_ENVIRONMENT: 'development',
      DATABASE_URL: 'postgres://x/y',
      PORT: '0',
      REDIS_URL: 'redis://r',
    };
    expect(loadConfig({ env })).toMatchObject({
      environment: 'development',
      issuer: 'http://localhost:3000',
      http: { port: 0 },
      postgres: { url: 'postgres://x/y' },
      redis: { url: 'redis://r' },
    });
    const both = loadConfig({ env: { ...env, LATCHKEY_HTTP_PORT: '7', LATCHKEY_REDIS_URL: '' } });
    expect([both.http.port, both.redis.url]).toEqual([7, 'redis://r']);
  });

  it('secrets of old systems come by name, one variable each, and none of them is ever printed', () => {
    const named = { LATCHKEY_SOURCE_SECRET_RENT_PEPPER: ' blanks stay ', LATCHKEY_SOURCE_SECRET_EMPTY: '' };
    const config = loadConfig({ env: { ...production, ...named } });
    expect(config.sourceSecrets).toEqual({ 'rent-pepper': ' blanks stay ' });
    expect(Object.isFrozen(config.sourceSecrets)).toBe(true);
    expect(loadConfig({ env: production }).sourceSecrets).toEqual({});
    const bad = { LATCHKEY_SOURCE_SECRET_: 'hunter2', LATCHKEY_SOURCE_SECRET_LONG: 'hunter2'.repeat(3000) };
    const message = problemsOf({ env: { ...production, ...bad } });
    expect(message).toMatch(/sourceSecrets \(LATCHKEY_SOURCE_SECRET_\) must be names of/);
    expect(message).toContain('LATCHKEY_SOURCE_SECRET_ is not a variable');
    expect(message).not.toContain('hunter2');
    expect(redact({ config })).toMatchObject({ config: { sourceSecrets: '[redacted]' } });
  });

  it('A12: names every wrong key and variable at once, and prints no value', () => {
    const message = problemsOf({
      env: {
        ...production,
        LATCHKEY_HTTP_PORT: 'hunter2',
        LATCHKEY_HTTP_TRUST_PROXY: 'yes',
        LATCHKEY_HTTP_PROT: '1',
        LATCHKEY_SECRETS_LOOKUP_KEY: 'hunter2',
        LATCHKEY_SECRETS_MASTER_KEYS: 'hunter2',
        LATCHKEY_POSTGRES_URL: '',
        LATCHKEY_LOG_LEVEL: 'loud',
      },
    });
    for (const part of [
      'LATCHKEY_HTTP_PROT is not a variable we know',
      'http.port (LATCHKEY_HTTP_PORT) must be a whole number from 0 to 65535',
      'http.trustProxy (LATCHKEY_HTTP_TRUST_PROXY) must be true or false',
      'secrets.lookupKey (LATCHKEY_SECRETS_LOOKUP_KEY) must be text that matches',
      'secrets.masterKeys (LATCHKEY_SECRETS_MASTER_KEYS) must be a list',
      'postgres.url (LATCHKEY_POSTGRES_URL) is missing',
      'log.level (LATCHKEY_LOG_LEVEL) must be one of fatal, error',
    ]) {
      expect(message).toContain(part);
    }
    expect(message).not.toMatch(/hunter2|loud|yes/);
    expect(message.split('\n- ')).toHaveLength(8);
  });

  it('A12: an empty environment names every key that has no default', () => {
    const message = problemsOf({ env: {} });
    const needed = listSettings(ConfigSchema).filter(
      ({ isRequired, key: name }) => isRequired && name !== 'environment',
    );
    expect(needed.length).toBeGreaterThan(4);
    expect(needed.filter((setting) => !message.includes(setting.variable))).toEqual([]);
  });

  it('A12: production refuses published secrets, plain http, the inbox and a missing proxy', () => {
    const secrets =
      typeof development === 'object' && development !== null && 'secrets' in development ? development.secrets : {};
    const folder = mkdtempSync(join(tmpdir(), 'latchkey-config-'));
    writeFileSync(join(folder, 'default.json'), JSON.stringify({ secrets, postgres: { url: 'postgres://x' } }));
    const message = problemsOf({
      folder,
      env: { LATCHKEY_ENVIRONMENT: 'production', LATCHKEY_ISSUER: 'http://id.example' },
    });
    rmSync(folder, { recursive: true });
    for (const name of ['masterKeys', 'lookupKey', 'pairwiseSalt', 'cookieKeys']) {
      expect(message).toMatch(new RegExp(`secrets\\.${name} .* is a development secret`));
    }
    expect(message).toContain('issuer (LATCHKEY_ISSUER) must be https');
    expect(message).toContain('must not be inbox');
    expect(message).toContain('http.trustProxy');
    expect(message.split('\n- ')).toHaveLength(8);
  });

  it('values that do not go together are named', () => {
    expect(problemsOf({ env: { ...production, LATCHKEY_NOTIFY_SMTP_URL: '' } })).toContain('notify.smtpUrl');
    expect(problemsOf({ env: { ...production, LATCHKEY_NOTIFY_SENDER: 'govuk-notify' } })).toContain(
      'notify.govukNotify',
    );
    for (const issuer of [
      'https://ID.example',
      'https://id.example:443',
      'https://me@id.example',
      'https://id.example/',
    ]) {
      expect(problemsOf({ env: { ...production, LATCHKEY_ISSUER: issuer } })).toContain('LATCHKEY_ISSUER');
    }
  });
});

describe('files', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'latchkey-config-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('A12: an unknown key of a file stops the start', () => {
    writeFileSync(join(folder, 'default.json'), '{"http": {"prot": 1}, "extra": {"x": "hunter2"}, "redis": 5}');
    const message = problemsOf({ folder, env: production });
    expect(message).toContain('http.prot is not a setting');
    expect(message).toContain('extra is not a setting');
    expect(message).toContain('redis must be an object');
    expect(message).not.toContain('hunter2');
  });

  it('a broken file is named and not quoted', () => {
    writeFileSync(join(folder, 'default.json'), '{"secrets": hunter2}');
    expect(problemsOf({ folder, env: production })).toMatch(/default\.json is not a JSON object$/);
  });
});

describe('documentation', () => {
  it('docs/configuration.md is what the schema says; run `node scripts/generate-configuration-doc.ts`', () => {
    const written = readFileSync(join(import.meta.dirname, '../../../docs/configuration.md'), 'utf8');
    expect(written).toBe(describeConfiguration());
  });

  it('every setting has a description and a variable of its own', () => {
    const settings = listSettings(ConfigSchema);
    expect(settings.filter((setting) => setting.description === '')).toEqual([]);
    expect(new Set(settings.map((setting) => setting.variable)).size).toBe(settings.length);
    expect(settings.find(({ key: name }) => name === 'passwords.memoryKiB')?.variable).toBe(
      'LATCHKEY_PASSWORDS_MEMORY_KIB',
    );
  });
});
