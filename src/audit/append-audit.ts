import type { Transaction } from '../platform/postgres/database.ts';
import type { AuditEvent } from './audit-event.ts';
import { bodyOf, canonicalEvent } from './chain-link.ts';
import { refusePersonalData } from './refuse-personal-data.ts';

// Two transactions that append to one chain want the same seq: ON CONFLICT makes the second wait for the first, and then
// return no row instead of ending its transaction. A fresh statement sees the new head, so it simply tries again.
const APPEND = `
  INSERT INTO audit_events (chain_id, seq, type, at, body, hash)
  SELECT $1, coalesce(head.seq, 0) + 1, $2, $3, $4::jsonb,
         sha256(coalesce(head.hash, ''::bytea) || int8send(coalesce(head.seq, 0) + 1) || $5::bytea)
  FROM (SELECT 1) AS one
  LEFT JOIN (SELECT seq, hash FROM audit_events WHERE chain_id = $1 ORDER BY seq DESC LIMIT 1) AS head ON true
  ON CONFLICT (chain_id, seq) DO NOTHING
  RETURNING seq`;

const MAX_TRIES = 64;

/**
 * Records an event in the caller's transaction: it stands if and only if what it tells of stands (I7).
 * @throws Error when the event holds personal data; code 40001 (the transaction runs again) when the chain is contended.
 */
export async function appendAudit(tx: Transaction, event: AuditEvent): Promise<void> {
  refusePersonalData(event);
  const at = event.at ?? new Date();
  const body = bodyOf(event);
  const canonical = canonicalEvent({ chainId: event.chain, type: event.type, at }, body);
  const values = [event.chain, event.type, at, JSON.stringify(body), Buffer.from(canonical)];
  for (let attempt = 0; attempt < MAX_TRIES; attempt += 1) {
    const rows = await tx.query({ name: 'audit-append', text: APPEND, values });
    if (rows.length === 1) return;
  }
  throw Object.assign(new Error('audit: chain is contended'), { code: '40001' });
}
