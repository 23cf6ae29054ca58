import { createPrivateKey, type KeyObject } from 'node:crypto';
import * as client from 'openid-client';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import type { AdapterContext, Departure, RedirectAdapter, Return } from '../adapter.ts';
import { type Answered, refused } from '../answer.ts';
import { fetchThrough } from '../egress/fetch-through.ts';
import { LegacyFault } from '../legacy-fault.ts';
import { identify, readPath } from '../assertions/identify-claims.ts';
import { refusalOf } from './refusal-of.ts';
import type { OpenIdSettings } from './settings.ts';

const State = Type.Object({ verifier: Type.String(), nonce: Type.String() });
const KEEP_MS = 10 * 60_000;
const DEFAULT_SKEW = 60;
/** How long ago a sign-in may be that is to be one of just now. */
const JUST_NOW_SECONDS = 300;
/** What a browser may bring is sent on: a partner must not break over it, or anybody could close the source. */
const CODE = /^[\x20-\x7e]{1,2048}$/;

/**
 * M20. `openid-client` makes every check of OpenID Connect Core 3.1.3.7; the signature of the ID token is checked, too,
 * which a client of the code flow need not do, so that keys that changed or an answer from elsewhere show (E4).
 */
export function createOpenIdAdapter(settings: OpenIdSettings, context: AdapterContext): RedirectAdapter {
  const configuration = keepFor(KEEP_MS, context.now, () => discover(settings, context));
  const { scopes = ['openid'], reauthenticate = true } = settings;

  const depart = async ({ callbackUrl, handle, language }: Departure) => {
    const config = await configuration.read();
    const verifier = client.randomPKCECodeVerifier();
    const nonce = client.randomNonce();
    const url = client.buildAuthorizationUrl(config, {
      redirect_uri: callbackUrl,
      scope: [...new Set(['openid', ...scopes])].join(' '),
      state: handle,
      nonce,
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      ui_locales: language,
      ...(reauthenticate && { prompt: 'login', max_age: '0' }),
      ...(settings.contexts && { acr_values: settings.contexts.join(' ') }),
      ...(settings.vectors && { vtr: JSON.stringify(settings.vectors) }),
    });
    return { outcome: 'redirect', url: url.href, state: JSON.stringify({ verifier, nonce }) } as const;
  };

  const finish = async (back: Return): Promise<Answered> => {
    const { verifier, nonce } = Value.Parse(State, JSON.parse(back.state));
    if (!CODE.test(back.parameters['code'] ?? 'none')) return refused('misshapen');
    const config = await configuration.read();
    const url = new URL(back.callbackUrl);
    for (const [name, value] of Object.entries(back.parameters)) url.searchParams.set(name, value);
    let tokens: Awaited<ReturnType<typeof client.authorizationCodeGrant>>;
    try {
      tokens = await client.authorizationCodeGrant(config, url, {
        pkceCodeVerifier: verifier,
        expectedState: back.handle,
        expectedNonce: nonce,
        idTokenExpected: true,
        ...(reauthenticate && { maxAge: JUST_NOW_SECONDS }),
      });
    } catch (error) {
      // Keys may have been rotated: the next question asks for them anew. What the browser made up is no reason to.
      if (!(error instanceof client.ResponseBodyError)) configuration.forget();
      return refused(refusalOf(error));
    }
    const idToken = tokens.claims();
    if (!idToken) return refused('unsigned');
    const more = settings.userinfo === true ? await client.fetchUserInfo(config, tokens.access_token, idToken.sub) : {};
    const identifier = (settings.identifier ?? ['sub']).map((claim) => readPath(idToken, claim));
    const contexts = textsOf(readPath(idToken, settings.levelClaim ?? 'acr'));
    return identify({ settings, identifier, claims: { ...more, ...idToken }, contexts }, context);
  };

  return {
    kind: 'redirect',
    family: 'oidc',
    depart: (departure) => asFault(() => depart(departure)),
    handleOf: ({ state }) => state,
    finish: (back) => asFault(() => finish(back)),
    async health() {
      configuration.forget();
      await configuration.read();
    },
    close: async () => {},
  };
}

const textsOf = (said: unknown): readonly string[] =>
  (Array.isArray(said) ? said : [said]).filter((value) => typeof value === 'string');

async function discover(settings: OpenIdSettings, context: AdapterContext): Promise<client.Configuration> {
  const { issuer, clientId, idTokenAlg = 'RS256', ca, clockSkewSeconds = DEFAULT_SKEW } = settings;
  const through = fetchThrough(context.egress, { tls: ca === undefined ? undefined : { ca }, maxBytes: 256 * 1024 });
  const metadata = { id_token_signed_response_alg: idTokenAlg, [client.clockTolerance]: clockSkewSeconds };
  // The allow-list decides where a partner may be asked; one without TLS is there on purpose.
  // eslint-disable-next-line typescript/no-deprecated -- the library's way of making it stand out
  const plain = new URL(issuer).protocol === 'http:' ? [client.allowInsecureRequests] : [];
  return asFault(async () =>
    client.discovery(new URL(issuer), clientId, metadata, await authenticate(settings, context), {
      execute: [client.enableNonRepudiationChecks, ...plain],
      [client.customFetch]: (url, { body, headers, method, signal }) =>
        through(url, {
          method,
          headers,
          body: body instanceof Uint8Array ? Buffer.from(body) : body,
          signal: signal ?? null,
        }),
      timeout: 4,
    }),
  );
}

async function authenticate(
  { authentication: how }: OpenIdSettings,
  { secret }: Pick<AdapterContext, 'secret'>,
): Promise<client.ClientAuth> {
  if (!('keySecret' in how)) {
    const given = secret(how.secret);
    return how.kind === 'client_secret_basic' ? client.ClientSecretBasic(given) : client.ClientSecretPost(given);
  }
  const key = await importKey(createPrivateKey(secret(how.keySecret)), how.alg);
  return client.PrivateKeyJwt(how.kid === undefined ? key : { key, kid: how.kid });
}

const IMPORT = {
  RS256: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
  PS256: { name: 'RSA-PSS', hash: 'SHA-256' },
  ES256: { name: 'ECDSA', namedCurve: 'P-256' },
} as const;

const importKey = (key: KeyObject, alg: keyof typeof IMPORT): Promise<CryptoKey> =>
  crypto.subtle.importKey('pkcs8', new Uint8Array(key.export({ type: 'pkcs8', format: 'der' })), IMPORT[alg], false, [
    'sign',
  ]);

/** What went wrong under the library is a fault of the other side; it wraps what our own network threw. */
async function asFault<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    for (let cause: unknown = error; cause instanceof Error; cause = cause.cause)
      if (cause instanceof LegacyFault) throw cause;
    if (error instanceof client.ClientError) throw new LegacyFault('garbage', error.code ?? 'answer', error);
    throw error;
  }
}

/** Asked once for everybody, and again after a while; one that failed is not kept. */
function keepFor<T>(ms: number, now: () => Date, make: () => Promise<T>): { read(): Promise<T>; forget(): void } {
  let kept: { readonly at: number; readonly value: Promise<T> } | undefined;
  return {
    read() {
      const at = now().getTime();
      if (kept && at - kept.at < ms) return kept.value;
      const value = make();
      const made = { at, value };
      kept = made;
      value.catch(() => {
        if (kept === made) kept = undefined;
      });
      return value;
    },
    forget() {
      kept = undefined;
    },
  };
}
