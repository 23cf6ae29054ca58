import { createHash } from 'node:crypto';
import type { Config } from '../../src/platform/config/config-schema.ts';

/** Keys that tests may know. The same in every run, so that a sealed value can be frozen into a fixture. */
const fixedKey = (name: string): string => createHash('sha256').update(`latchkey test ${name}`).digest('base64url');

const DEFAULTS: Config = {
  environment: 'test',
  issuer: 'http://localhost:3000',
  http: { host: '127.0.0.1', port: 0, trustProxy: false, drainSeconds: 2 },
  postgres: {
    url: 'postgres://nobody@127.0.0.1:1/none',
    poolSize: 5,
    statementTimeoutMs: 10_000,
    connectTimeoutMs: 5_000,
  },
  redis: { timeoutMs: 200 },
  secrets: {
    masterKeys: [fixedKey('master')],
    lookupKey: fixedKey('look-up'),
    pairwiseSalt: fixedKey('pairwise'),
    cookieKeys: [fixedKey('cookie')],
  },
  sourceSecrets: {},
  oldSystems: { allow: ['127.0.0.1:*', 'localhost:*'] },
  // Far below what a real configuration may have: what a hash costs is tested where it is the point (password-work.test).
  passwords: { minimumLength: 15, memoryKiB: 1024, iterations: 2, parallelism: 1, workers: 2, threads: 4, queue: 64 },
  lifetimes: {
    sessionIdle: 3600,
    sessionAbsolute: 43_200,
    interaction: 3600,
    authorizationCode: 60,
    accessToken: 300,
    idToken: 120,
    refreshToken: 2_592_000,
    emailCode: 600,
    signUpCode: 3600,
  },
  runs: {},
  operators: { sessionIdle: 900, sessionAbsolute: 28_800, invitation: 86_400 },
  notify: { sender: 'inbox', from: 'Latchkey <no-reply@localhost>' },
  subjects: { prefix: 'urn:fdc:latchkey:2026:' },
  services: { quota: { perSecond: 100, burst: 1000 } },
  log: { level: 'silent' },
};

type Overrides<T> = {
  readonly [K in keyof T]?: T[K] extends Named ? T[K] : T[K] extends object ? Partial<T[K]> : T[K];
};
type Named = Readonly<Record<string, string>>;

/** A whole, valid configuration with fixed secrets. Each section may be overridden in part; `postgres.url` usually is. */
export function testConfig(overrides: Overrides<Config> = {}): Config {
  return {
    environment: overrides.environment ?? DEFAULTS.environment,
    issuer: overrides.issuer ?? DEFAULTS.issuer,
    http: { ...DEFAULTS.http, ...overrides.http },
    postgres: { ...DEFAULTS.postgres, ...overrides.postgres },
    redis: { ...DEFAULTS.redis, ...overrides.redis },
    secrets: { ...DEFAULTS.secrets, ...overrides.secrets },
    sourceSecrets: overrides.sourceSecrets ?? DEFAULTS.sourceSecrets,
    oldSystems: { ...DEFAULTS.oldSystems, ...overrides.oldSystems },
    passwords: { ...DEFAULTS.passwords, ...overrides.passwords },
    lifetimes: { ...DEFAULTS.lifetimes, ...overrides.lifetimes },
    runs: { ...DEFAULTS.runs, ...overrides.runs },
    operators: { ...DEFAULTS.operators, ...overrides.operators },
    notify: { ...DEFAULTS.notify, ...overrides.notify },
    subjects: { ...DEFAULTS.subjects, ...overrides.subjects },
    services: { ...DEFAULTS.services, ...overrides.services },
    log: { ...DEFAULTS.log, ...overrides.log },
  };
}
