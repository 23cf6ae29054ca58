import type { PasswordWork } from '../../../platform/crypto/password-work.ts';

export type LegacyScheme = 'bcrypt' | 'django-pbkdf2' | 'salted-sha512';

/** `not-mine`: another verifier of the chain knows this form. */
export type VerifierAnswer = 'match' | 'match-needs-rehash' | 'mismatch' | 'not-mine';

/** Why a stored hash cannot be taken over. Stable: written to the reject file of an import. */
export type HashProblem = 'unknown-format' | 'malformed' | 'cost-too-high' | 'cost-too-low' | 'too-long';

export type ParsedHash =
  /** `cost`: work factor of one verification, in the scheme's own unit. */
  | { readonly mine: true; readonly cost: number }
  | { readonly mine: true; readonly problem: HashProblem }
  | { readonly mine: false };

/** One family of password hashes. Bounds are checked at import and again at every verification (linking-attacks 22). */
export interface Verifier {
  readonly scheme: LegacyScheme;
  parse(encoded: string): ParsedHash;
  /** Only called with what `parse` accepted. Never throws for what is in the string. */
  verify(encoded: string, password: string): Promise<boolean>;
  /** A hash of this cost that nobody's password has. */
  decoy(cost: number): string;
  /** What an old system of this scheme commonly used. */
  readonly commonCost: number;
  /** Whether the scheme looks at part of this password only. */
  truncates(password: string): boolean;
}

/** Longer than any hash of these schemes. */
export const MAX_HASH_LENGTH = 1024;

/** One verifier's answer, through the bounded queue. Every old format is to be hashed anew. @throws LatchkeyError `busy` */
export async function askVerifier(
  work: PasswordWork,
  verifier: Verifier,
  encoded: string,
  password: string,
): Promise<VerifierAnswer> {
  const parsed: ParsedHash = encoded.length <= MAX_HASH_LENGTH ? verifier.parse(encoded) : { mine: false };
  if (!parsed.mine) return 'not-mine';
  if ('problem' in parsed) return 'mismatch';
  return (await work.run(() => verifier.verify(encoded, password))) ? 'match-needs-rehash' : 'mismatch';
}
