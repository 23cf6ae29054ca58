import type { AdapterContext, Arrival, AssertionAdapter } from '../adapter.ts';
import { type Answered, refused } from '../answer.ts';
import { askHttp } from '../egress/ask-http.ts';
import { LegacyFault } from '../legacy-fault.ts';
import { createGateway, type Gateway } from './gateway.ts';
import { createCardReader } from './read-card.ts';
import { createHeaderReader } from './read-headers.ts';
import { createTicketReader } from './read-ticket.ts';
import { createTokenReader } from './read-token.ts';
import type { EdgeSettings } from './settings.ts';

/** What one method makes of the headers of the gateway. */
export interface Reader {
  /** Headers that it looks at. */
  readonly headers: readonly string[];
  read(arrival: Arrival, hear: Gateway['hear']): Promise<Answered>;
  /** Whether what it needs beside the gateway is there. @throws LegacyFault */
  readonly health?: ((signal: AbortSignal) => Promise<void>) | undefined;
}

/** F8: somebody in front of us says who somebody is, and only a named peer is believed. */
export function createEdgeAdapter(settings: EdgeSettings, context: AdapterContext): AssertionAdapter {
  const reader = createReader(settings, context);
  const gateway = createGateway(settings, reader.headers, context);
  return {
    kind: 'assertion',
    family: 'edge',
    entryUrl: settings.entryUrl,
    sift: (came) => gateway.sift(came),
    async read(arrival) {
      // Before anything else: what a stranger says is not even looked at.
      if (!gateway.knows(arrival)) return refused('forged');
      return reader.read(arrival, (headers, name) => gateway.hear(headers, name));
    },
    async health(signal) {
      await reader.health?.(signal);
      if (settings.healthUrl !== undefined) await knock(settings.healthUrl, context, signal);
    },
    close: async () => {},
  };
}

function createReader(settings: EdgeSettings, context: AdapterContext): Reader {
  switch (settings.method) {
    case 'M15':
      return createTicketReader(settings, context);
    case 'M24':
      return settings.statement === 'jwt'
        ? createTokenReader(settings, context)
        : createHeaderReader(settings, context);
    case 'M40':
    case 'M41':
      return createCardReader(settings, context);
    default:
      throw new Error('no such method');
  }
}

/** It asks for a ticket or a certificate that we have not: any answer but a failure means that it is there. */
async function knock(url: string, { egress }: AdapterContext, signal: AbortSignal): Promise<void> {
  const { status } = await askHttp(egress, { url, signal });
  if (status >= 500) throw new LegacyFault('server-error', `status ${status}`);
}
