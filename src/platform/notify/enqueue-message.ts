import { Value } from 'typebox/value';
import type { KeyRing } from '../crypto/key-ring.ts';
import { uuidv7 } from '../crypto/uuid.ts';
import type { Transaction } from '../postgres/database.ts';
import { isSignal, laneOf, type OutgoingMessage, PAYLOADS } from './message.ts';

const BUCKETS = 16;

/**
 * Puts a message into the outbox in the caller's transaction: it leaves if, and only if, that commits. Call the worker's
 * `nudge` after the commit, or it waits for the next poll (a second). Content and recipient are sealed.
 */
export async function enqueueMessage(
  tx: Transaction,
  keyRing: KeyRing,
  message: OutgoingMessage,
  now: Date = new Date(),
): Promise<void> {
  const { kind, expiresAt } = message;
  const payload = payloadOf(message);
  if (!Value.Check(PAYLOADS[kind], payload)) throw new Error(`a message of kind ${kind} has the wrong shape`);
  const messageId = uuidv7(now.getTime());
  await tx.query({
    name: 'enqueue-message',
    text: `INSERT INTO outbox (bucket, message_id, kind, payload_sealed, attempts, next_attempt_at, expires_at, created_at)
           VALUES ($1, $2, $3, $4, 0, $5, $6, $5)`,
    values: [
      bucketOf(keyRing, message, payload, messageId),
      messageId,
      kind,
      keyRing.seal('outbox', JSON.stringify(payload), messageId),
      now,
      expiresAt,
    ],
  });
}

function payloadOf(message: OutgoingMessage): Readonly<Record<string, string>> {
  if ('payload' in message) return message.payload;
  const { to, body } = message;
  return message.kind === 'email' ? { to, subject: message.subject, body } : { to, body };
}

/**
 * All messages to one person share a bucket, so that they leave in order. What services are told has no order: it is
 * spread, so that a service with many sessions is served by all workers.
 */
function bucketOf(
  keyRing: KeyRing,
  { kind }: OutgoingMessage,
  payload: Readonly<Record<string, string>>,
  messageId: string,
): number {
  const lane = isSignal(kind) ? messageId : laneOf(kind, payload);
  return (keyRing.lookupKey('outbox-bucket', lane)[0] ?? 0) % BUCKETS;
}
