import { Value } from 'typebox/value';
import type { KeyRing } from '../crypto/key-ring.ts';
import type { DeliveryHandlers, DeliveryMeta, DeliveryOutcome } from './delivery.ts';
import { isSignal, type MessageKind, PAYLOADS } from './message.ts';
import type { Claimed } from './outbox-store.ts';

/** Opens a message; undefined when it was sealed under a key that is gone, or changed. */
export function openPayload(keyRing: KeyRing, message: Claimed): Readonly<Record<string, string>> | undefined {
  try {
    const payload: unknown = JSON.parse(keyRing.open('outbox', message.sealed, message.messageId).toString('utf8'));
    return Value.Check(PAYLOADS[message.kind], payload) ? payload : undefined;
  } catch {
    return undefined;
  }
}

/** One try, bounded in time. Never throws: an exception is a failed try. */
export async function deliverMessage(
  handlers: DeliveryHandlers,
  message: Claimed,
  payload: unknown,
  timeoutMs: number,
): Promise<DeliveryOutcome> {
  const abort = new AbortController();
  const meta = { messageId: message.messageId, attempts: message.attempts, signal: abort.signal };
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<DeliveryOutcome>((resolve) => {
    timer = setTimeout(
      () => resolve({ outcome: 'failed', reason: 'timeout', blame: 'recipient', unsure: true }),
      timeoutMs,
    );
  });
  try {
    return await Promise.race([hand(handlers, message.kind, payload, meta), tooLong]);
  } catch (error) {
    return { outcome: 'failed', reason: reasonOf(error), blame: 'recipient' };
  } finally {
    clearTimeout(timer);
    abort.abort();
  }
}

async function hand(
  handlers: DeliveryHandlers,
  kind: MessageKind,
  payload: unknown,
  meta: DeliveryMeta,
): Promise<DeliveryOutcome> {
  const outcome = await choose(handlers, kind, payload, meta);
  return outcome ?? { outcome: 'sent' };
}

function choose(
  handlers: DeliveryHandlers,
  kind: MessageKind,
  payload: unknown,
  meta: DeliveryMeta,
): Promise<DeliveryOutcome | void> {
  if (kind === 'email' && Value.Check(PAYLOADS.email, payload)) return handlers.email(payload, meta);
  if (kind === 'sms' && Value.Check(PAYLOADS.sms, payload)) return handlers.sms(payload, meta);
  if (kind === 'voice' && Value.Check(PAYLOADS.voice, payload)) return handlers.voice(payload, meta);
  if (kind === 'letter' && Value.Check(PAYLOADS.letter, payload)) return handlers.letter(payload, meta);
  if (isSignal(kind) && Value.Check(PAYLOADS[kind], payload)) return handlers[kind](payload, meta);
  return Promise.resolve({ outcome: 'failed', reason: 'unreadable', blame: 'recipient' });
}

/** A name or a code. Messages of exceptions may quote an address, so they stay out of the table and the log. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  return 'code' in error && typeof error.code === 'string' ? error.code.slice(0, 64) : error.name.slice(0, 64);
}
