import { Provider } from 'oidc-provider';
import type { ArtefactKey } from './artefact-storage.ts';
import type { StoredGrant } from './grants.ts';
import type { StoredSession } from './sessions.ts';

/**
 * What one request already read. The protocol library asks for the same session and grant several times in a request,
 * and hands the storage nothing but ids.
 */
export interface RequestMemory {
  readonly sessions: Map<string, StoredSession>;
  readonly grants: Map<string, StoredGrant>;
  /** Artefacts by model and id. The key that found one also consumes it: it knows in which store that was. */
  readonly found: Map<string, { key: ArtefactKey; grantId: string | undefined }>;
  /** The session came from Postgres although Redis should have it: it is copied again. */
  lacksCopy?: boolean;
  /** The epoch in which this request began to read. */
  epoch?: number;
  /** `iat` of this request's client assertion. */
  assertionIssuedAt?: number;
}

const memories = new WeakMap<object, RequestMemory>();
const empty = (): RequestMemory => ({ sessions: new Map(), grants: new Map(), found: new Map() });

/** The memory of the request under way; outside of one, an empty throw-away. */
export function requestMemory(): RequestMemory {
  const ctx = Provider.ctx;
  if (!ctx) return empty();
  let memory = memories.get(ctx);
  if (!memory) memories.set(ctx, (memory = empty()));
  return memory;
}

/** The client id that the request names, before the library has read it. */
export function requestedClientId(): string | undefined {
  const ctx = Provider.ctx;
  const id = ctx?.oidc.client?.clientId ?? ctx?.query['client_id'];
  return typeof id === 'string' ? id : undefined;
}
