import { argon2idCost } from '../../../platform/crypto/argon2id.ts';
import type { PasswordWork } from '../../../platform/crypto/password-work.ts';
import { normalisePassword } from '../hash-password.ts';
import { bcryptVerifier } from './bcrypt.ts';
import { djangoPbkdf2Verifier } from './django-pbkdf2.ts';
import { saltedSha512Verifier } from './salted-sha512.ts';
import { type Verifier, type VerifierAnswer, askVerifier } from './verifier.ts';

type Ask = (work: PasswordWork, encoded: string, password: string) => Promise<VerifierAnswer>;

/** Asked in this order until one says that the hash is its own: today's format first. */
const CHAIN: readonly Ask[] = [
  askArgon2id,
  legacy(bcryptVerifier),
  legacy(djangoPbkdf2Verifier),
  legacy(saltedSha512Verifier),
];

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

function legacy(verifier: Verifier): Ask {
  return (work, encoded, password) => askVerifier(work, verifier, encoded, password);
}
