import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { Transaction } from '../../../platform/postgres/database.ts';
import type { AccessDeps } from '../access-deps.ts';

/** What an answer may be used for, and by whom: `['sign-in', browser]`, `['passkey', operator, place]`. */
export type ChallengeBinding = readonly [purpose: 'sign-in' | 'passkey', ...of: readonly string[]];

type Deps = Pick<AccessDeps, 'keyRing' | 'now'>;

const LIVES_MS = 5 * 60 * 1000;
const RANDOM_BYTES = 32;
const TIME_BYTES = 6;
const SIGNED_BYTES = RANDOM_BYTES + TIME_BYTES;

/**
 * A challenge for an authenticator (B2): random, good for five minutes, in this place only. It says so itself under a MAC,
 * so that showing a page writes nothing; being answered once is a row.
 */
export function makeChallenge(
  { keyRing, now }: Deps,
  binding: ChallengeBinding,
  random: (size: number) => Buffer = randomBytes,
): Buffer<ArrayBuffer> {
  const time = Buffer.alloc(TIME_BYTES);
  time.writeUIntBE(now().getTime() + LIVES_MS, 0, TIME_BYTES);
  const signed = Buffer.concat([random(RANDOM_BYTES), time]);
  return Buffer.concat([signed, macOf({ keyRing }, signed, binding)]);
}

/** Whether we made it, for this, and not too long ago. */
export function isChallenge(deps: Deps, text: string, binding: ChallengeBinding): boolean {
  const bytes = Buffer.from(text, 'base64url');
  const signed = bytes.subarray(0, SIGNED_BYTES);
  const mac = bytes.subarray(SIGNED_BYTES);
  const expected = macOf(deps, signed, binding);
  return mac.length === expected.length && timingSafeEqual(mac, expected) && endOf(signed) > deps.now();
}

/** Takes it; false when it was answered before. Insert-only, in the transaction of what the answer does. */
export async function takeChallenge({ keyRing, now }: Deps, tx: Transaction, text: string): Promise<boolean> {
  const bytes = Buffer.from(text, 'base64url');
  const rows = await tx.query({
    text: `INSERT INTO operator_challenges (challenge_key, answered_at, expires_at) VALUES ($1, $2, $3)
           ON CONFLICT (challenge_key) DO NOTHING RETURNING 1`,
    values: [keyRing.lookupKey('operator-challenge', bytes.toString('hex')), now(), endOf(bytes)],
  });
  return rows.length === 1;
}

const endOf = (bytes: Buffer): Date => new Date(bytes.readUIntBE(RANDOM_BYTES, TIME_BYTES));

const macOf = ({ keyRing }: Pick<Deps, 'keyRing'>, signed: Buffer, binding: ChallengeBinding): Buffer =>
  keyRing.lookupKey('operator-challenge-mac', signed.toString('hex'), ...binding);
