import type { PasswordWork } from '../../../platform/crypto/password-work.ts';
import { bcryptVerifier } from './bcrypt.ts';
import { djangoPbkdf2Verifier } from './django-pbkdf2.ts';
import { saltedSha512Verifier } from './salted-sha512.ts';
import { type HashProblem, type LegacyScheme, MAX_HASH_LENGTH, type Verifier, askVerifier } from './verifier.ts';

export { encodeSaltedSha512 } from './salted-sha512.ts';

/** Every old hash format that is understood, in the order in which a hash of unknown scheme is shown to them. */
const VERIFIERS = {
  bcrypt: bcryptVerifier,
  'django-pbkdf2': djangoPbkdf2Verifier,
  'salted-sha512': saltedSha512Verifier,
} as const satisfies Record<LegacyScheme, Verifier>;

export type ParsedLegacyHash =
  | {
      readonly scheme: LegacyScheme;
      readonly encoded: string;
      /** Work factor in the scheme's own unit: for a decoy of the same cost. */
      readonly cost: number;
    }
  | { readonly problem: HashProblem };

/**
 * Reads one hash of an export, by shape; with a hint only that scheme is tried. Validates, never repairs, but for
 * surrounding blanks. Nothing is accepted whose verification would take much longer than a second.
 */
export function parseLegacyHash(encoded: string, hint?: LegacyScheme): ParsedLegacyHash {
  const text = encoded.trim();
  if (text.length > MAX_HASH_LENGTH) return { problem: 'too-long' };
  for (const verifier of Object.values<Verifier>(VERIFIERS)) {
    if (hint !== undefined && verifier.scheme !== hint) continue;
    const parsed = verifier.parse(text);
    if (!parsed.mine) continue;
    if ('problem' in parsed) return { problem: parsed.problem };
    return { scheme: verifier.scheme, encoded: text, cost: parsed.cost };
  }
  return { problem: 'unknown-format' };
}

/** Whether the scheme saw only the beginning of this password (bcrypt: 72 bytes): then it is to be chosen anew. */
export function legacyHashTruncates(scheme: LegacyScheme, password: string): boolean {
  return VERIFIERS[scheme].truncates(password);
}

/** Old hashes, checked through the bounded queue. A password is compared as typed: old systems did not normalise. */
export interface LegacyVerifiers {
  /** Bounds are checked again. What cannot be read is a mismatch. @throws LatchkeyError `busy`. */
  verifyLegacyHash(encoded: string, scheme: LegacyScheme, password: string): Promise<'match' | 'mismatch'>;
  /** The same work for somebody who is not there; `cost` of the source's hashes, else what was common (A11). */
  decoyLegacyWork(scheme: LegacyScheme, password: string, cost?: number): Promise<'mismatch'>;
}

export function createLegacyVerifiers(work: PasswordWork): LegacyVerifiers {
  return {
    async verifyLegacyHash(encoded, scheme, password) {
      const answer = await askVerifier(work, VERIFIERS[scheme], encoded, password);
      return answer === 'match-needs-rehash' ? 'match' : 'mismatch';
    },
    async decoyLegacyWork(scheme, password, cost) {
      const verifier: Verifier = VERIFIERS[scheme];
      await askVerifier(work, verifier, verifier.decoy(cost ?? verifier.commonCost), password);
      return 'mismatch';
    },
  };
}
