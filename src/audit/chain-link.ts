import { createHash } from 'node:crypto';
import type { AuditValue, BatchedAuditEvent } from './audit-event.ts';

export type AuditBody = Readonly<Record<string, AuditValue | Readonly<Record<string, AuditValue>>>>;

/** Where an event stands. */
export interface Place {
  readonly chainId: string;
  readonly seq: number;
  readonly type: string;
  readonly at: Date;
}

/** Hash of nothing: what the first event of a chain follows. */
export const CHAIN_START = Buffer.alloc(0);

export function bodyOf(event: BatchedAuditEvent): AuditBody {
  const body: Record<string, AuditBody[string]> = { actor: event.actor };
  if (event.accountId !== undefined) body['accountId'] = event.accountId;
  if (event.clientId !== undefined) body['clientId'] = event.clientId;
  if (event.correlationId !== undefined) body['correlationId'] = event.correlationId;
  if (event.detail !== undefined) body['detail'] = event.detail;
  return body;
}

/** All of an event but its place in the chain, with sorted keys: equal before and after a trip through jsonb. */
export function canonicalEvent(place: Omit<Place, 'seq'>, body: unknown): string {
  return canonicalJson({ at: place.at.toISOString(), body, chain: place.chainId, type: place.type });
}

/** sha256(previous hash ‖ seq as 8 bytes ‖ canonical event). The SQL in append-audit.ts computes the same. */
export function chainHash(previous: Uint8Array, seq: number, canonical: string): Buffer {
  const place = Buffer.alloc(8);
  place.writeBigInt64BE(BigInt(seq));
  return createHash('sha256').update(previous).update(place).update(canonical).digest();
}

/** JSON with sorted keys and no blanks. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join(',')}}`;
}
