import type { JWK } from 'jose';
import type { Adapter, Client, Configuration, KoaContextWithOIDC, Provider } from 'oidc-provider';
import type { Accounts } from '../../accounts/index.ts';
import type { Config } from '../../platform/config/config-schema.ts';
import type { TokenBuckets } from '../../platform/http/token-buckets.ts';
import { assertClientAssertion } from './client-assertion.ts';
import type { CookieSigner } from './cookie-signer.ts';
import { loadGrant } from './existing-grant.ts';
import { createFindAccount, type TellOldAccounts } from './find-account.ts';
import { LEVELS } from './levels.ts';
import type { ProtocolPages } from './protocol-pages.ts';
import { SUBJECT_CHANGED } from '../signals/subject-event.ts';
import { createPromptPolicy } from './prompt-policy.ts';
import { requestedLevels } from './requested-levels.ts';
import { ROUTES } from './routes.ts';
import { asSigningKey } from './signing-key.ts';
import type { SubjectOf } from './subject-of.ts';

export interface ProviderDeps {
  readonly config: Config;
  readonly accounts: Accounts;
  readonly adapter: (model: string) => Adapter;
  readonly cookieSigner: CookieSigner;
  readonly pages: ProtocolPages;
  readonly subjectOf: SubjectOf;
  readonly tellOldAccounts: TellOldAccounts;
  /** How often each service may ask; they outlast a rotation of keys. */
  readonly quotas: TokenBuckets;
  /** Told of every provider that is built: the first, and one more after each rotation of keys. */
  readonly onBuilt: (provider: Provider) => void;
}

const SIGNATURE_ALGS = [
  'ES256',
  'ES384',
  'ES512',
  'PS256',
  'PS384',
  'PS512',
  'RS256',
  'RS384',
  'RS512',
  'EdDSA',
] as const;
const CLOCK_TOLERANCE_SECONDS = 10;

/** The protocol library's whole configuration. What it decides by default and we rely on is written out. */
export function configureProvider(
  { config, accounts, adapter, cookieSigner, pages, subjectOf, tellOldAccounts }: ProviderDeps,
  jwks: JWK[],
): Configuration {
  const { issuer } = config;
  return {
    adapter,
    jwks: { keys: jwks.map((key) => asSigningKey({ ...key, kty: key.kty ?? '' })) },
    routes: { ...ROUTES },
    features: features(pages, accounts),
    findAccount: createFindAccount({ accounts, issuer, tellOldAccounts }),
    pairwiseIdentifier: subjectOf,
    subjectTypes: ['pairwise'],
    loadExistingGrant: loadGrant,
    interactions: { policy: createPromptPolicy(), url: (_ctx, { uid }) => `/sign-in/${uid}` },
    renderError: pages.error,
    cookies: cookies(issuer, cookieSigner),
    claims: {
      openid: ['sub', 'at_hash', 'vot', 'vtm', 'sid', 'auth_time', 'acr', 'amr', 'iss'],
      email: ['email', 'email_verified'],
      profile: ['name', 'locale'],
      // By the claims parameter only.
      also_known_as: null,
      legacy_accounts: null,
      acts_for: null,
      organisations: null,
    },
    conformIdTokenClaims: true,
    acrValues: [...LEVELS],
    scopes: ['openid', 'offline_access'],
    extraParams: {
      vtr(ctx: KoaContextWithOIDC) {
        requestedLevels(ctx);
      },
      // A link of an old service's own page: the sign-in begins with an account of that source.
      old_source: null,
    },
    // They stay as they are written; the library gives camel case only to the names that it knows.
    extraClientMetadata: { properties: ['sector', 'levels', 'allowed_claims', 'pkce', 'high_security'] },
    responseTypes: ['code'],
    pkce: { required: (_ctx, client) => client['pkce'] !== 'optional' },
    clientAuthMethods: ['private_key_jwt', 'client_secret_post', 'none'],
    enabledJWA: {
      clientAuthSigningAlgValues: [...SIGNATURE_ALGS],
      idTokenSigningAlgValues: ['ES256', 'RS256'],
      requestObjectSigningAlgValues: [...SIGNATURE_ALGS],
    },
    assertJwtClientAuthClaimsAndHeader: assertClientAssertion,
    clientDefaults: { id_token_signed_response_alg: 'ES256', response_types: ['code'], subject_type: 'pairwise' },
    clockTolerance: CLOCK_TOLERANCE_SECONDS,
    // What a sign-out ends is decided by our sessions and grants, in one transaction (storage/end-sessions).
    expiresWithSession: async () => false,
    issueRefreshToken: async (_ctx, client, code) =>
      client.grantTypeAllowed('refresh_token') && code.scopes.has('offline_access'),
    rotateRefreshToken: true,
    // Services talk to us from their servers: no page of another origin reads a token (D24).
    clientBasedCORS: () => false,
    allowOmittingSingleRegisteredRedirectUri: false,
    enableHttpPostMethods: false,
    discovery: discovery(issuer),
    ttl: lifetimesOf(config),
    ...(config.environment === 'production' ? {} : { fetch: fetchFromAnywhere }),
  };
}

/** What we do that the library does not know of. */
function discovery(issuer: string): Configuration['discovery'] {
  return {
    claim_types_supported: ['normal'],
    ui_locales_supported: ['en', 'cy'],
    trustmarks: `${issuer}/trustmark`,
    security_events_supported: [SUBJECT_CHANGED],
    security_event_delivery_methods_supported: ['urn:ietf:rfc:8935'],
  };
}

function lifetimesOf(config: Config): Configuration['ttl'] {
  const { lifetimes } = config;
  return {
    Session: (_ctx, session) => sessionSeconds(config, session.loginTs),
    Interaction: lifetimes.interaction,
    Grant: ({ oidc: { client } }) => grantSeconds(config, client),
    AuthorizationCode: lifetimes.authorizationCode,
    AccessToken: lifetimes.accessToken,
    IdToken: lifetimes.idToken,
    RefreshToken: (_ctx, token) => Math.max(1, lifetimes.refreshToken - token.totalLifetime()),
    PushedAuthorizationRequest: 60,
  };
}

function features(pages: ProtocolPages, accounts: Accounts): Configuration['features'] {
  return {
    devInteractions: { enabled: false },
    backchannelLogout: { enabled: true },
    claimsParameter: { enabled: true },
    dPoP: { enabled: false },
    // Experimental: an upgrade that changes it stops the start, because the acknowledged version no longer fits.
    externalSigningSupport: { enabled: true, ack: 'experimental-01' },
    introspection: {
      enabled: true,
      allowedPolicy: async (_ctx, client, token) =>
        token.clientId === client.clientId && (await isActive(accounts, token)),
    },
    pushedAuthorizationRequests: { enabled: true },
    requestObjects: { enabled: true },
    resourceIndicators: { enabled: false },
    revocation: { enabled: true, allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId },
    rpInitiatedLogout: { enabled: true, logoutSource: pages.confirmSignOut, postLogoutSuccessSource: pages.signedOut },
    userinfo: { enabled: true },
  };
}

/** A token of an account that was suspended is worth nothing from that moment on (C4). */
async function isActive(accounts: Accounts, token: object): Promise<boolean> {
  const accountId = 'accountId' in token ? token.accountId : undefined;
  return typeof accountId === 'string' && (await accounts.read(accountId))?.status === 'active';
}

function cookies(issuer: string, keys: CookieSigner): Configuration['cookies'] {
  const secure = issuer.startsWith('https:');
  const shared = { httpOnly: true, sameSite: 'lax', signed: true, overwrite: true, secure } as const;
  return {
    // The interaction cookies are bound to a path, which `__Host-` forbids.
    names: secure
      ? { session: '__Host-session', interaction: '__Secure-interaction', resume: '__Secure-resume' }
      : { session: 'session', interaction: 'interaction', resume: 'resume' },
    long: { ...shared, path: '/' },
    short: { ...shared },
    keys,
  };
}

/** Idle time slides, but never past the absolute end that counts from the sign-in (NIST SP 800-63B §2.2.3). */
function sessionSeconds({ lifetimes }: Config, loginTs: number | undefined): number {
  if (loginTs === undefined) return lifetimes.sessionIdle;
  const left = loginTs + lifetimes.sessionAbsolute - Math.floor(Date.now() / 1000);
  return Math.max(1, Math.min(lifetimes.sessionIdle, left));
}

function grantSeconds({ lifetimes }: Config, client: Client | undefined): number {
  return client?.grantTypeAllowed('refresh_token')
    ? Math.max(lifetimes.refreshToken, lifetimes.sessionAbsolute)
    : lifetimes.sessionAbsolute;
}

/** Development only: demo services live on loopback, which the library's own fetch refuses (SSRF, guarantee R20). */
async function fetchFromAnywhere(input: string | URL | Request, init: RequestInit = {}): Promise<Response> {
  // Not a literal: whether `dispatcher` is known depends on whose types of `fetch` are about.
  return fetch(input, Object.assign({}, init, { dispatcher: undefined }));
}
