import { argon2idCost } from '../../../platform/crypto/argon2id.ts';
import type { PasswordWork } from '../../../platform/crypto/password-work.ts';
import { normalisePassword } from '../hash-password.ts';
import { parseLegacyHash } from './parse-legacy-hash.ts';
import type { VerifierAnswer } from './scheme.ts';
import { createLegacyVerifiers, verifyWrapped } from './verify-legacy-hash.ts';
import { isWrapped } from './wrapped.ts';

type Ask = (work: PasswordWork, encoded: string, password: string) => Promise<VerifierAnswer>;

/** Asked in this order until one says that the hash is its own: today's format first. */
const CHAIN: readonly Ask[] = [askArgon2id, askWrapped, askLegacy];

/** Checks a stored hash of any known format, through the bounded queue. @throws LatchkeyError `busy` */
export async function verifyHash(work: PasswordWork, encoded: string, password: string): Promise<VerifierAnswer> {
  for (const ask of CHAIN) {
    const answer = await ask(work, encoded, password);
    if (answer !== 'not-mine') return answer;
  }
  return 'not-mine';
}

async function askArgon2id(work: PasswordWork, encoded: string, password: string): Promise<VerifierAnswer> {
  if (!argon2idCost(encoded)) return 'not-mine';
  if (!(await work.verify(encoded, normalisePassword(password)))) return 'mismatch';
  return work.isCurrent(encoded) ? 'match' : 'match-needs-rehash';
}

async function askWrapped(work: PasswordWork, encoded: string, password: string): Promise<VerifierAnswer> {
  if (!isWrapped(encoded)) return 'not-mine';
  return (await verifyWrapped(work, encoded, password)) ? 'match-needs-rehash' : 'mismatch';
}

/** Every old format that names itself; all of them are to be hashed anew. */
async function askLegacy(work: PasswordWork, encoded: string, password: string): Promise<VerifierAnswer> {
  const parsed = parseLegacyHash(encoded);
  if ('problem' in parsed) return parsed.problem === 'unknown-format' ? 'not-mine' : 'mismatch';
  const answer = await createLegacyVerifiers(work).verifyLegacyHash(encoded, parsed.scheme, password);
  return answer === 'match' ? 'match-needs-rehash' : 'mismatch';
}
