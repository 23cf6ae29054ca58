import { pbkdf2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import type { ParsedHash, Verifier } from './verifier.ts';

const derive = promisify(pbkdf2);

const FORM = /^pbkdf2_(sha1|sha256)\$([1-9]\d{0,9})\$([^$]{1,128})\$([A-Za-z0-9+/]{27,43}=)$/;
const DIGEST_BYTES = { sha1: 20, sha256: 32 } as const;
/** About a quarter of a second. Django's own default is 1,200,000 and rises every year. */
const MAX_ITERATIONS = 2_000_000;

interface Parts {
  readonly digest: 'sha1' | 'sha256';
  readonly iterations: number;
  readonly salt: string;
  readonly expected: Buffer;
}

/** Django's `pbkdf2_sha256$iterations$salt$base64` and `pbkdf2_sha1$…`; cost is the iterations. The salt is text. */
export const djangoPbkdf2Verifier: Verifier = {
  scheme: 'django-pbkdf2',
  commonCost: 600_000,

  parse(encoded): ParsedHash {
    if (!/^pbkdf2_sha(?:1|256)\$/.test(encoded)) return { mine: false };
    const parts = split(encoded);
    if (!parts) return { mine: true, problem: 'malformed' };
    if (parts.iterations > MAX_ITERATIONS) return { mine: true, problem: 'cost-too-high' };
    return { mine: true, cost: parts.iterations };
  },

  async verify(encoded, password) {
    const parts = split(encoded);
    if (!parts || parts.iterations > MAX_ITERATIONS) return false;
    const { digest, iterations, salt, expected } = parts;
    const actual = await derive(password, salt, iterations, DIGEST_BYTES[digest], digest);
    return timingSafeEqual(actual, expected);
  },

  decoy(cost) {
    const iterations = Math.min(Math.max(Math.trunc(cost), 1), MAX_ITERATIONS);
    return `pbkdf2_sha256$${iterations}$${randomBytes(16).toString('hex')}$${randomBytes(32).toString('base64')}`;
  },

  truncates: () => false,
};

function split(encoded: string): Parts | undefined {
  const match = FORM.exec(encoded);
  if (!match) return undefined;
  const [, name, iterations, salt = '', text = ''] = match;
  const digest = name === 'sha1' ? 'sha1' : 'sha256';
  const expected = Buffer.from(text, 'base64');
  if (expected.length !== DIGEST_BYTES[digest]) return undefined;
  return { digest, iterations: Number(iterations), salt, expected };
}
