import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { acceptForms } from '../../platform/http/parse-form.ts';
import type { ReturnKind } from '../../migration/index.ts';
import type { JourneyDeps } from '../journey-deps.ts';
import { FIRST_PAGE } from '../old-accounts/adding.ts';
import { cameOf } from './came-of.ts';

type SourceRequest = FastifyRequest<{ Params: { source: string } }>;

/**
 * Where old systems send browsers back to: `/old-sign-in/<source>`. A post from another site comes without our cookies,
 * so nothing is believed here: what came is kept, and the browser is sent on to the page of the journey that it names,
 * where its cookie decides. No other page of ours takes a post of another site.
 */
export function registerReturnRoutes(app: FastifyInstance, deps: JourneyDeps): void {
  acceptForms(app);
  app.get('/old-sign-in/:source', (request: SourceRequest, reply) => goOn(deps, request, reply, request.query));
  app.post('/old-sign-in/:source', { bodyLimit: MOST_BYTES }, (request: SourceRequest, reply) =>
    goOn(deps, request, reply, request.body),
  );
  app.get('/old-sign-in/:source/enter', (request: SourceRequest, reply) => enter(deps, request, reply));
}

async function goOn(deps: JourneyDeps, request: SourceRequest, reply: FastifyReply, said: unknown): Promise<unknown> {
  const { source } = request.params;
  const parameters = asParameters(said);
  const handle = parameters && (await deps.migration.proving.handleOf(source, parameters));
  if (!parameters || handle === undefined) return reply.errorPage('expired');
  return sendOn(deps, request, reply, { handle, parameters, kind: 'callback' });
}

/**
 * The gateway in front of us passes the browser through here; whether it is the gateway is for the adapter to judge, who
 * gets to see no header but those that it names.
 */
async function enter(deps: JourneyDeps, request: SourceRequest, reply: FastifyReply): Promise<unknown> {
  const handle = asParameters(request.query)?.['handle'];
  const came = cameOf(request.raw);
  const sifted = handle !== undefined && (await deps.migration.proving.sift(request.params.source, came));
  if (handle === undefined || !sifted) return reply.errorPage('expired');
  const { headers, isFromGateway } = sifted;
  const parameters = { handle, arrival: JSON.stringify({ ...came, headers }) };
  // Where the gateway does not say whom it speaks for, everybody who passes through it shares one count.
  const limit = isFromGateway && request.ip === came.peer ? MOST_OF_A_GATEWAY : AT_MOST.limit;
  return sendOn(deps, request, reply, { handle, parameters, kind: 'arrival', limit });
}

interface Kept {
  readonly handle: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly kind: ReturnKind;
  /** In five minutes, of one network. */
  readonly limit?: number;
}

/** Encrypted assertions of federations are long. */
const MOST_BYTES = 512 * 1024;
const AT_MOST = { what: 'legacy-return', limit: 300, windowSeconds: 300 } as const;
const MOST_OF_A_GATEWAY = 30_000;
/** What is longer than nearly all are is kept less often: five minutes of the longest are 30 MiB, not 150. */
const LONG_CHARACTERS = 64 * 1024;
const MOST_LONG = 60;

/** Every handle begins with the journey it belongs to; `a`: somebody signed in who adds an old account. */
async function sendOn(
  deps: JourneyDeps,
  request: SourceRequest,
  reply: FastifyReply,
  { handle, parameters, kind, limit = AT_MOST.limit }: Kept,
): Promise<unknown> {
  const [, tag] = /^([A-Za-z0-9_-]{1,43})\.[A-Za-z0-9_-]{36}$/.exec(handle) ?? [];
  if (tag === undefined) return reply.errorPage('expired');
  // Anybody may post here: one network cannot fill the table.
  const isLong = Object.values(parameters).join('').length > LONG_CHARACTERS;
  const counted = isLong ? { limit: MOST_LONG, who: `long ${request.ip}` } : { limit, who: request.ip };
  const taken = await deps.accounts.attempts.take({ ...AT_MOST, ...counted });
  if (!taken.allowed) return reply.errorPage('tooMany', { retryAfter: taken.retryAfterSeconds });
  const kept = await deps.migration.returns.keep({ source: request.params.source, kind }, parameters);
  const page = tag === 'a' ? `${FIRST_PAGE}/return` : `/sign-in/${encodeURIComponent(tag)}/old-account/return`;
  // The gateway may have a name of its own, to which the browser does not send the journey's cookie.
  return reply.redirect(`${deps.config.issuer}${page}?kept=${kept}`, 303);
}

/** Undefined for what gives a parameter twice. */
function asParameters(said: unknown): Readonly<Record<string, string>> | undefined {
  if (typeof said !== 'object' || said === null) return undefined;
  const entries = Object.entries(said);
  if (entries.length > 50 || entries.some(([, value]) => typeof value !== 'string')) return undefined;
  return Object.fromEntries(entries.map(([name, value]) => [name, String(value)]));
}
