import type { BatchedAuditEvent } from './audit-event.ts';

const ACTOR = /^(?:citizen|system|operator:[a-z0-9][a-z0-9._-]{0,63})$/;
const MAX_TEXT = 256;

// Addresses as typed, full-width, or percent-encoded; phone numbers in the international form; line breaks (K10).
const PERSONAL = [/\S(?:[@\uff20\ufe6b]|%40)\S/i, /^\+[\d ()-]{7,}$/];
// eslint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001f\u007f\u2028\u2029]/;

/**
 * The record outlives the person (erasure destroys a data key, not the audit), so nothing personal may enter it (G2).
 * @throws Error that names the field and never repeats its value.
 */
export function refusePersonalData(event: BatchedAuditEvent & { readonly chain?: string }): void {
  if (!ACTOR.test(event.actor)) throw new Error('audit: actor is not citizen, system or operator:<name>');
  refuseText('chain', event.chain);
  refuseText('accountId', event.accountId);
  refuseText('clientId', event.clientId);
  refuseText('correlationId', event.correlationId);
  for (const [key, value] of Object.entries(event.detail ?? {})) {
    refuseText('detail key', key);
    if (typeof value === 'string') refuseText(`detail.${key}`, value);
    else if (typeof value === 'number' && !Number.isFinite(value))
      throw new Error(`audit: detail.${key} is not finite`);
  }
}

function refuseText(field: string, value: string | undefined): void {
  if (value === undefined) return;
  if (value.length > MAX_TEXT || CONTROL.test(value) || !value.isWellFormed())
    throw new Error(`audit: ${field} is too long or not plain text`);
  if (PERSONAL.some((pattern) => pattern.test(value))) throw new Error(`audit: ${field} looks like personal data`);
}
