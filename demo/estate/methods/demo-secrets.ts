import { generateKeyPair, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';

/**
 * What the old systems of the demo share with Latchkey, by the names that their definitions use. Made anew at every start,
 * in the background of everything else; an operator would have a vault.
 */
export async function makeDemoSecrets(): Promise<Readonly<Record<string, string>>> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
  const random = Object.fromEntries(RANDOM.map((name) => [name, randomBytes(32).toString('base64url')]));
  return { ...random, ...KNOWN, 'old-hub-decryption': privateKey.export({ type: 'pkcs8', format: 'pem' }) };
}

const RANDOM = ['radius-shared', 'positions-key', 'letter-key', 'edge-gateway'];
/** The stand-ins know these by themselves. */
const KNOWN = {
  'directory-reader': 'reader-of-the-demonstration',
  'partner-secret': 'a secret that the demonstration may know',
};

/** As the environment would hold them. */
export const asEnvironment = (secrets: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(secrets).map(([name, value]) => [
      `LATCHKEY_SOURCE_SECRET_${name.toUpperCase().replaceAll('-', '_')}`,
      value,
    ]),
  );
