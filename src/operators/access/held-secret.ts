import { randomBytes } from 'node:crypto';
import type { KeyRing } from '../../platform/crypto/key-ring.ts';

/** What a person or a program holds: a cookie, an invitation, a token. We keep its keyed hash only. */
export type HeldKind = 'session' | 'invitation' | 'token';

export interface Held {
  readonly operatorId: string;
  readonly key: Buffer;
}

// The operator's id stands in front, so that one shard is read, and the key is bound to it.
const SHAPE = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.([A-Za-z0-9_-]{43})$/;
/** Tells secret scanners what they found. */
const MARK = { session: '', invitation: '', token: 'lko_' } as const satisfies Record<HeldKind, string>;
const BYTES = 32;

export function makeHeld(
  keyRing: KeyRing,
  kind: HeldKind,
  operatorId: string,
  random: (size: number) => Buffer = randomBytes,
): Held & { readonly text: string } {
  const secret = random(BYTES).toString('base64url');
  return { operatorId, text: `${MARK[kind]}${operatorId}.${secret}`, key: keyOf(keyRing, kind, operatorId, secret) };
}

/** Undefined when it is not of the shape; whether it opens anything, only its row says. */
export function readHeld(keyRing: KeyRing, kind: HeldKind, text: string): Held | undefined {
  if (!text.startsWith(MARK[kind])) return undefined;
  const [, operatorId, secret] = SHAPE.exec(text.slice(MARK[kind].length)) ?? [];
  if (operatorId === undefined || secret === undefined) return undefined;
  return { operatorId, key: keyOf(keyRing, kind, operatorId, secret) };
}

const keyOf = (keyRing: KeyRing, kind: HeldKind, operatorId: string, secret: string): Buffer =>
  keyRing.lookupKey(`operator-${kind}`, operatorId, secret);
