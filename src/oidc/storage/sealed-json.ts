import type { KeyRing } from '../../platform/crypto/key-ring.ts';

const PURPOSE = 'oidc-storage';

/** Seals a JSON object for one place; `context` (the table or model) is bound in, so rows cannot be swapped. */
export function sealJson(keyRing: KeyRing, context: string, value: object): Buffer {
  return keyRing.seal(PURPOSE, JSON.stringify(value), context);
}

/** Opens what `sealJson` made for the same context. @throws Error when the bytes were changed or moved. */
export function openJson(keyRing: KeyRing, context: string, sealed: Uint8Array): Record<string, unknown> {
  return parseRecord(keyRing.open(PURPOSE, sealed, context).toString('utf8'));
}

export function parseRecord(json: string): Record<string, unknown> {
  const value: unknown = JSON.parse(json);
  if (!isRecord(value)) throw new Error('sealed value is not an object');
  return value;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
