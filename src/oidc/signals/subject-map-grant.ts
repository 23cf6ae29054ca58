import { randomUUID } from 'node:crypto';
import { errors, type Provider } from 'oidc-provider';
import type { SubjectMap, Subjects } from '../../accounts/index.ts';
import { LatchkeyError } from '../../platform/failure/latchkey-error.ts';
import type { RelyingParties } from '../../relying-parties/index.ts';
import type { Statement } from './sign-statement.ts';

/** How a service asks for the map: an extension grant (RFC 6749 §4.5). Announced in `grant_types_supported`. */
export const SUBJECT_MAP_GRANT = 'urn:fdc:latchkey:2026:grant-type:subject-map';

const LARGEST_PAGE = 1000;
const GOOD_FOR_SECONDS = 300;
const LONGEST_CURSOR = 2048;

interface Deps {
  readonly issuer: string;
  readonly subjects: Pick<Subjects, 'mapOf'>;
  readonly relyingParties: Pick<RelyingParties, 'find'>;
  readonly sign: (statement: Statement) => Promise<string>;
}

/**
 * Answers the map of its own sector to a service that has proved itself at the token endpoint: the library's client
 * authentication, with its replay memory, and no second one of ours. A request cannot name a sector (E11).
 */
export function registerSubjectMap(provider: Provider, { issuer, subjects, relyingParties, sign }: Deps): void {
  const handle = async (clientId: string, asked: Asked): Promise<object> => {
    const service = await relyingParties.find(clientId);
    if (service?.status !== 'live') throw new errors.InvalidClientAuth('client not found');
    const { sector, idTokenAlg } = service.metadata;
    const iat = Math.floor(Date.now() / 1000);
    const { since, after, limit } = asked;
    const map = await subjects
      .mapOf({ sector, clientId, limit, after, since: since === undefined ? undefined : new Date(since * 1000) })
      .catch(refuseCursor);
    const claims = {
      iss: issuer,
      aud: clientId,
      iat,
      exp: iat + GOOD_FOR_SECONDS,
      jti: randomUUID(),
      sector,
      // What was asked is signed, too: a page of changes cannot be passed off as the whole.
      ...(since === undefined ? {} : { since }),
      ...(after === undefined ? {} : { after }),
      entries: map.rows.map((row) => entryOf(row, sector)),
      ...(map.next === undefined ? {} : { next: map.next }),
    };
    return {
      // The names that a token response must have (RFC 6749 §5.1), as RFC 8693 §2.2.1 uses them for what is no access token.
      access_token: await sign({ alg: idTokenAlg, typ: 'subject-map+jwt', claims }),
      issued_token_type: 'urn:ietf:params:oauth:token-type:jwt',
      token_type: 'N_A',
      expires_in: GOOD_FOR_SECONDS,
    };
  };
  provider.registerGrantType(
    SUBJECT_MAP_GRANT,
    async (ctx) => {
      ctx.body = await handle(ctx.oidc.client.clientId, readAsked(ctx.oidc.params));
    },
    ['since', 'after', 'limit'],
  );
}

interface Asked {
  readonly since: number | undefined;
  readonly after: string | undefined;
  readonly limit: number;
}

function readAsked({ since, after, limit }: Record<string, unknown>): Asked {
  const cursor = typeof after === 'string' && after !== '' ? after : undefined;
  if (cursor !== undefined && cursor.length > LONGEST_CURSOR) throw new errors.InvalidRequest('after is not a cursor');
  return {
    since: readNumber('since', since, 9_999_999_999),
    after: cursor,
    limit: Math.max(1, readNumber('limit', limit, LARGEST_PAGE) ?? LARGEST_PAGE),
  };
}

function readNumber(name: string, value: unknown, most: number): number | undefined {
  if (typeof value !== 'string' || value === '') return undefined;
  const number = /^\d{1,10}$/.test(value) ? Number(value) : Number.POSITIVE_INFINITY;
  if (number > most) throw new errors.InvalidRequest(`${name} must be a whole number up to ${most}`);
  return number;
}

function refuseCursor(error: unknown): never {
  if (error instanceof LatchkeyError && error.code === 'input_invalid') {
    throw new errors.InvalidRequest('after is not a cursor');
  }
  throw error;
}

function entryOf({ fromSector, from, to, change, at }: SubjectMap['rows'][number], sector: string): object {
  const other = fromSector === sector ? {} : { from_sector: fromSector };
  return { from, to, change, at: Math.floor(at.getTime() / 1000), ...other };
}
