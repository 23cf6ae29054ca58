import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Database } from '../../platform/postgres/database.ts';
import type { BrowserCookies } from './browser-cookie.ts';
import { firstState } from './dispatch.ts';
import type { InteractionPort } from './interaction-port.ts';
import type { JourneyKey, JourneyStore } from './journey-store.ts';
import type { Journey } from './step.ts';

export interface RestoredJourney {
  readonly journey: Journey;
  readonly key: JourneyKey;
  readonly version: number;
}

/**
 * Brings the journey of this request back: the interaction the browser's own cookie names must be the one in the address
 * (guarantees.md X7, X10), and the journey must be this browser's. Undefined: there is none that this browser may go on
 * with, whatever the reason; the page is the same for all of them.
 */
export async function restoreJourney(
  deps: { port: InteractionPort; db: Database; store: JourneyStore; cookies: BrowserCookies },
  request: FastifyRequest<{ Params: { uid: string } }>,
  reply: FastifyReply,
): Promise<RestoredJourney | undefined> {
  const interaction = await deps.port.load(request, reply);
  if (!interaction || interaction.uid !== request.params.uid) return undefined;
  const id = interaction.uid;
  const key = { id, browserKey: deps.cookies.journeyKey(deps.cookies.ensureBrowser(request, reply), id) };
  const loaded = await deps.store.load(deps.db, key);
  if (loaded.outcome === 'another-browser') return undefined;
  const { version, state } =
    loaded.outcome === 'found' ? loaded.journey : { version: 0, state: firstState(interaction) };
  return { journey: { id, interaction, state }, key, version };
}
