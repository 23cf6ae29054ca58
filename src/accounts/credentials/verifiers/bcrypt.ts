import { randomBytes } from 'node:crypto';
import { verify } from '@node-rs/bcrypt';
import type { ParsedHash, Verifier } from './verifier.ts';

// $2x$ marks hashes made with PHP's sign bug: they are not $2y$ and are not mapped to it (linking-attacks 24).
const FORM = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/;
const MIN_COST = 4;
/** 14 takes about 0.75 s; each step doubles it. */
const MAX_COST = 14;
const SEEN_BYTES = 72;

/** bcrypt `$2a$`, `$2b$`, `$2y$`; cost is the exponent. The library compares in constant time. */
export const bcryptVerifier: Verifier = {
  scheme: 'bcrypt',
  commonCost: 10,

  parse(encoded): ParsedHash {
    if (!/^\$2[aby]\$/.test(encoded)) return { mine: false };
    const cost = Number(FORM.exec(encoded)?.[1] ?? Number.NaN);
    if (Number.isNaN(cost)) return { mine: true, problem: 'malformed' };
    if (cost > MAX_COST) return { mine: true, problem: 'cost-too-high' };
    if (cost < MIN_COST) return { mine: true, problem: 'malformed' };
    return { mine: true, cost };
  },

  async verify(encoded, password) {
    // C implementations stop at NUL, so 'a\0b' would open what 'a' opens; ours does not, and refuses instead.
    const bytes = Buffer.from(password);
    if (bytes.includes(0)) return false;
    return verify(bytes.subarray(0, SEEN_BYTES), encoded);
  },

  decoy(cost) {
    const bounded = Math.min(Math.max(Math.trunc(cost), MIN_COST), MAX_COST);
    return `$2b$${String(bounded).padStart(2, '0')}$${alphabet(21)}.${alphabet(30)}.`;
  },

  truncates: (password) => Buffer.byteLength(password) > SEEN_BYTES,
};

const DIGITS = './ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

function alphabet(length: number): string {
  return Array.from(randomBytes(length), (byte) => DIGITS[byte % DIGITS.length]).join('');
}
