import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import * as jose from 'jose';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { LatchkeyError } from '../../platform/failure/latchkey-error.ts';
import type { AdapterContext, Arrival } from '../adapter.ts';
import { type LegacyRefusal, refused } from '../answer.ts';
import { fetchThrough } from '../egress/fetch-through.ts';
import { askHttp } from '../egress/ask-http.ts';
import { LegacyFault } from '../legacy-fault.ts';
import { identify, readPath } from '../assertions/identify-claims.ts';
import type { Reader } from './create-edge-adapter.ts';
import type { TokenSettings } from './settings.ts';

type Verified =
  | { readonly outcome: 'verified'; readonly payload: jose.JWTPayload }
  | { readonly outcome: 'refused'; readonly reason: LegacyRefusal };

const MAX_AGE_SECONDS = 120;
const SKEW_SECONDS = 60;
const MOST_BYTES = 256 * 1024;

/** M24, signed: for us, made a moment ago, for this journey where the gateway can say so, and good once. */
export function createTokenReader(settings: TokenSettings, context: AdapterContext): Reader {
  const finders = createKeys(settings, context);
  const { tokenHeader, keys, ca } = settings;
  return {
    headers: [tokenHeader],
    async read(arrival, hear) {
      const said = hear(arrival.headers, tokenHeader);
      if (said.outcome !== 'said') return refused(said.outcome === 'forged' ? 'forged' : 'unsigned');
      const token = said.value.replace(/^Bearer +/i, '');
      const verified = await verifyByAny(token, { settings, finders, now: context.now() });
      if (verified.outcome === 'refused') return verified;
      const { payload } = verified;
      if (!isForThisJourney(payload, settings, arrival)) return refused('not-bound');
      const answer = identify(saidBy(payload, settings), context);
      // Last, so that a token that is good for nothing is not remembered.
      if (answer.outcome === 'identified' && !(await isFirstUse(token, payload, context))) return refused('replayed');
      return answer;
    },
    health: 'url' in keys ? (signal) => askForKeys(keys.url, { context, signal, ca }) : undefined,
  };
}

interface Means {
  readonly settings: TokenSettings;
  readonly finders: readonly KeyFinder[];
  readonly now: Date;
}

type KeyFinder = jose.JWTVerifyGetKey;

async function verifyByAny(token: string, means: Means): Promise<Verified> {
  let last: Verified = { outcome: 'refused', reason: 'bad-signature' };
  for (const finder of means.finders) {
    // oxlint-disable-next-line no-await-in-loop -- the next key only where this one has not signed it
    last = await verify(token, finder, means);
    if (last.outcome === 'verified' || last.reason !== 'bad-signature') return last;
  }
  return last;
}

async function verify(token: string, key: KeyFinder, { settings, now }: Means): Promise<Verified> {
  try {
    const { payload } = await jose.jwtVerify(token, key, {
      issuer: settings.issuer,
      audience: settings.audience,
      algorithms: settings.algorithms,
      requiredClaims: ['iss', 'aud', 'exp', 'iat'],
      maxTokenAge: settings.maxAgeSeconds ?? MAX_AGE_SECONDS,
      clockTolerance: settings.clockSkewSeconds ?? SKEW_SECONDS,
      currentDate: now,
    });
    return { outcome: 'verified', payload };
  } catch (error) {
    return { outcome: 'refused', reason: refusalOf(error) };
  }
}

const BY_CLAIM: Readonly<Record<string, LegacyRefusal>> = { iss: 'wrong-issuer', aud: 'wrong-audience' };

const { errors } = jose;
const BAD_SIGNATURE = [
  errors.JWSSignatureVerificationFailed,
  errors.JWKSNoMatchingKey,
  errors.JWKSMultipleMatchingKeys,
  errors.JOSENotSupported,
];
const MISSHAPEN = [errors.JWTInvalid, errors.JWSInvalid];

/** What is wrong with a token is not an outage; whatever else went wrong is none of the token's. */
function refusalOf(error: unknown): LegacyRefusal {
  if (error instanceof errors.JWTExpired) return 'stale';
  if (error instanceof errors.JWTClaimValidationFailed) return BY_CLAIM[error.claim] ?? 'stale';
  if (error instanceof errors.JOSEAlgNotAllowed) return 'unsigned';
  if (MISSHAPEN.some((kind) => error instanceof kind)) return 'misshapen';
  if (BAD_SIGNATURE.some((kind) => error instanceof kind)) return 'bad-signature';
  if (error instanceof errors.JWKSTimeout) throw new LegacyFault('timed-out', 'keys of the gateway', error);
  if (error instanceof errors.JOSEError) throw new LegacyFault('garbage', error.code, error);
  throw error;
}

/** L7: what was said for one journey is nothing to another. */
function isForThisJourney(payload: jose.JWTPayload, { handleClaim }: TokenSettings, { handle }: Arrival): boolean {
  return handleClaim === undefined || readPath(payload, handleClaim) === handle;
}

const saidBy = (claims: jose.JWTPayload, settings: TokenSettings): Parameters<typeof identify>[0] => ({
  settings,
  claims,
  identifier: (settings.identifier ?? ['sub']).map((claim) => readPath(claims, claim)),
  contexts: [readPath(claims, settings.levelClaim ?? 'acr')].flat().filter((value) => typeof value === 'string'),
});

/** By its bytes: a token without `jti` is one, too. Good for as long as any of its times lets it be used. */
async function isFirstUse(token: string, { exp = 0 }: jose.JWTPayload, { replays }: AdapterContext): Promise<boolean> {
  // Of the signed part: ECDSA signatures have a twin that is as good.
  const signed = token.slice(0, token.lastIndexOf('.'));
  const key = createHash('sha256').update(signed).digest('hex');
  return replays.once(`jwt:${key}`, new Date((exp + 2 * SKEW_SECONDS + 300) * 1000));
}

function createKeys({ keys, ca }: TokenSettings, { source, egress }: AdapterContext): readonly KeyFinder[] {
  if ('pem' in keys) return keys.pem.map((pem) => configuredKey(pem, source));
  const tls = ca === undefined ? undefined : { ca };
  const fetch = fetchThrough(egress, { tls, maxBytes: MOST_BYTES });
  const finder = jose.createRemoteJWKSet(new URL(keys.url), {
    [jose.customFetch]: (url, { headers, method, signal }) => fetch(url, { headers, method, signal }),
    timeoutDuration: 3500,
  });
  return [finder];
}

const FEWEST_BITS = 2048;

/** A configured key has no id: the token's own tells nothing of it. */
function configuredKey(pem: string, source: string): KeyFinder {
  const key = readKey(pem);
  const { modulusLength = FEWEST_BITS } = key?.asymmetricKeyDetails ?? {};
  if (!key || modulusLength < FEWEST_BITS)
    throw new LatchkeyError(
      'config_invalid',
      `The source ${source} has a key of a gateway that is none, or too short.`,
    );
  const set = jose.createLocalJWKSet({ keys: [key.export({ format: 'jwk' })] });
  return (header, token) => set({ ...header, kid: undefined }, token);
}

function readKey(pem: string): KeyObject | undefined {
  try {
    return createPublicKey(pem);
  } catch {
    return undefined;
  }
}

async function askForKeys(
  url: string,
  { context, signal, ca }: { context: AdapterContext; signal: AbortSignal; ca: string | undefined },
): Promise<void> {
  const tls = ca === undefined ? undefined : { ca };
  const { status, body } = await askHttp(context.egress, { url, signal, maxBytes: MOST_BYTES, tls });
  if (status !== 200) throw new LegacyFault('server-error', `status ${status}`);
  if (!isKeySet(body)) throw new LegacyFault('garbage', 'no set of keys');
}

function isKeySet(body: Buffer): boolean {
  try {
    return Value.Check(KeySet, JSON.parse(body.toString('utf8')));
  } catch {
    return false;
  }
}

const KeySet = Type.Object({ keys: Type.Array(Type.Object({ kty: Type.String() }), { minItems: 1 }) });
