import { Type, type Static } from 'typebox';

const seconds = (description: string, minimum: number, maximum: number, fallback: number) =>
  Type.Integer({ description: `${description} (seconds)`, minimum, maximum, default: fallback });

const secretKey = (description: string) =>
  Type.String({ description: `${description}: 32 bytes, base64url`, pattern: '^[A-Za-z0-9_-]{43}$', secret: true });

/** The whole configuration. Every key has a description: `docs/configuration.md` is generated from it. */
export const ConfigSchema = Type.Object(
  {
    environment: Type.Enum(['development', 'test', 'production'], {
      description: 'Development secrets, the development inbox and plain http are refused in production',
    }),
    issuer: Type.String({
      description: 'The public origin, as in every token: no path, no trailing slash',
      pattern: '^https?://[^/?#]+$',
    }),
    http: Type.Object(
      {
        host: Type.String({ description: 'Address to listen on', default: '127.0.0.1' }),
        port: Type.Integer({
          description: 'Port to listen on; 0 takes a free one',
          minimum: 0,
          maximum: 65535,
          default: 3000,
        }),
        trustProxy: Type.Boolean({
          description: 'Believe X-Forwarded-* because a TLS proxy stands in front',
          default: false,
        }),
        drainSeconds: seconds('How long requests may finish after SIGTERM', 0, 300, 10),
        metricsToken: Type.Optional(
          Type.String({
            description: 'Bearer token that /metrics asks for; without it only loopback may read',
            minLength: 16,
            secret: true,
          }),
        ),
      },
      { additionalProperties: false, default: {} },
    ),
    postgres: Type.Object(
      {
        url: Type.String({ description: 'Connection string', secret: true }),
        poolSize: Type.Integer({ description: 'Connections of one process', minimum: 1, maximum: 200, default: 10 }),
        statementTimeoutMs: Type.Integer({
          description: 'A statement is ended after this',
          minimum: 100,
          maximum: 600000,
          default: 5000,
        }),
        connectTimeoutMs: Type.Integer({
          description: 'Wait for a connection',
          minimum: 50,
          maximum: 60000,
          default: 2000,
        }),
      },
      { additionalProperties: false },
    ),
    redis: Type.Object(
      {
        url: Type.Optional(Type.String({ description: 'Without it perishable state lives in Postgres', secret: true })),
        timeoutMs: Type.Integer({
          description: 'A command is given up after this, and Postgres is asked',
          minimum: 10,
          maximum: 5000,
          default: 100,
        }),
      },
      { additionalProperties: false, default: {} },
    ),
    secrets: Type.Object(
      {
        masterKeys: Type.Array(secretKey('Key that wraps every other key; newest first'), { minItems: 1, maxItems: 5 }),
        lookupKey: secretKey('Key of the look-up hashes; never rotates'),
        pairwiseSalt: secretKey('Key of pairwise subjects; never rotates'),
        cookieKeys: Type.Array(secretKey('Signs cookies; newest first'), { minItems: 1, maxItems: 5 }),
      },
      { additionalProperties: false },
    ),
    sourceSecrets: Type.Record(
      Type.String({ pattern: '^[a-z][a-z0-9-]{0,62}$' }),
      Type.String({ minLength: 1, maxLength: 16384 }),
      {
        description:
          'What sources need and definitions must not hold (peppers, bind passwords, keys as PEM), by the name that a source gives',
        secret: true,
        default: {},
      },
    ),
    oldSystems: Type.Object(
      {
        allow: Type.Array(Type.String({ pattern: '^(?:\\*\\.)?[A-Za-z0-9.:\\[\\]-]{1,253}:(?:\\*|[0-9]{1,5})$' }), {
          description:
            'Where old systems may be asked: `host:port`, `*.host:port` or `host:*`. Nothing else is connected to; a wildcard never leads into a private network',
          maxItems: 1000,
          default: [],
        }),
      },
      { additionalProperties: false, default: {} },
    ),
    passwords: Type.Object(
      {
        minimumLength: Type.Integer({
          description: 'Characters, where the password stands alone (NIST SP 800-63B 3.1.1.2)',
          minimum: 8,
          maximum: 64,
          default: 15,
        }),
        memoryKiB: Type.Integer({ description: 'argon2id memory', minimum: 19456, maximum: 1048576, default: 19456 }),
        iterations: Type.Integer({ description: 'argon2id passes', minimum: 2, maximum: 20, default: 2 }),
        parallelism: Type.Integer({ description: 'argon2id lanes', minimum: 1, maximum: 4, default: 1 }),
        workers: Type.Integer({
          description: 'Hashes at once in one process; fewer than `threads`, which signing and look-ups need too',
          minimum: 1,
          maximum: 64,
          default: 2,
        }),
        threads: Type.Integer({
          description: 'Size of libuv’s thread pool: set UV_THREADPOOL_SIZE for the process, which sets this too',
          minimum: 2,
          maximum: 1024,
          default: 4,
        }),
        queue: Type.Integer({
          description: 'Hashes that may wait; past it 503 with Retry-After',
          minimum: 0,
          maximum: 10000,
          default: 64,
        }),
      },
      { additionalProperties: false, default: {} },
    ),
    lifetimes: Type.Object(
      {
        sessionIdle: seconds('A session ends when unused for', 60, 86400, 3600),
        sessionAbsolute: seconds('A session ends in any case after', 300, 86400, 43200),
        interaction: seconds('A citizen may take this long to sign in', 300, 7200, 3600),
        authorizationCode: seconds('Authorization code', 10, 60, 60),
        accessToken: seconds('Access token', 60, 3600, 300),
        idToken: seconds('ID token', 60, 3600, 120),
        refreshToken: seconds('Refresh token, absolute over all rotations', 3600, 7776000, 2592000),
        emailCode: seconds('Code sent by e-mail', 300, 3600, 600),
        signUpCode: seconds('Code sent by e-mail at sign-up', 600, 7200, 3600),
      },
      { additionalProperties: false, default: {} },
    ),
    runs: Type.Object(
      {
        folder: Type.Optional(
          Type.String({
            description:
              'Where files of migration runs are put by operators’ pages and the API, and read by every worker; without it none can be sent there',
            minLength: 1,
            maxLength: 4096,
          }),
        ),
      },
      { additionalProperties: false, default: {} },
    ),
    operators: Type.Object(
      {
        sessionIdle: seconds('An operator’s session ends when unused for', 60, 3600, 900),
        sessionAbsolute: seconds('An operator’s session ends in any case after', 300, 43200, 28800),
        invitation: seconds('An operator’s invitation is good for', 300, 86400, 86400),
      },
      { additionalProperties: false, default: {} },
    ),
    notify: Type.Object(
      {
        sender: Type.Enum(['inbox', 'smtp', 'govuk-notify'], {
          description: 'Where mail and texts go; inbox is a development page',
          default: 'inbox',
        }),
        from: Type.String({ description: 'From address of mail by SMTP', default: 'Latchkey <no-reply@localhost>' }),
        smtpUrl: Type.Optional(Type.String({ description: 'smtp:// or smtps:// URL', secret: true })),
        govukNotify: Type.Optional(
          Type.Object(
            {
              apiKey: Type.String({ description: 'API key', secret: true }),
              baseUrl: Type.Optional(Type.String({ description: 'Another base URL, for tests' })),
              emailTemplateId: Type.String({ description: 'Template with ((subject)) and ((body))' }),
              smsTemplateId: Type.String({ description: 'Template with ((body))' }),
              letterTemplateId: Type.Optional(Type.String({ description: 'Template of a letter with ((body))' })),
            },
            { additionalProperties: false },
          ),
        ),
      },
      { additionalProperties: false, default: {} },
    ),
    subjects: Type.Object(
      {
        prefix: Type.String({
          description: 'Stands before every derived pairwise subject',
          maxLength: 64,
          default: 'urn:fdc:latchkey:2026:',
        }),
      },
      { additionalProperties: false, default: {} },
    ),
    services: Type.Object(
      {
        quota: Type.Object(
          {
            perSecond: Type.Integer({
              description:
                'What one service may ask of /token, /par, /introspect and /revoke together, of each process, in the long run; past it 429 with Retry-After',
              minimum: 1,
              maximum: 1000000,
              default: 100,
            }),
            burst: Type.Integer({
              description: 'What it may ask at once after a rest',
              minimum: 1,
              maximum: 10000000,
              default: 1000,
            }),
          },
          { additionalProperties: false, default: {} },
        ),
      },
      { additionalProperties: false, default: {} },
    ),
    log: Type.Object(
      {
        level: Type.Enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent'], {
          description: 'Least level that is written',
          default: 'info',
        }),
      },
      { additionalProperties: false, default: {} },
    ),
  },
  { additionalProperties: false },
);

type DeepReadonly<T> = T extends (infer U)[]
  ? readonly DeepReadonly<U>[]
  : T extends object
    ? { readonly [K in keyof T]: DeepReadonly<T[K]> }
    : T;

export type Config = DeepReadonly<Static<typeof ConfigSchema>>;
