import { generateKeyPair, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Type } from 'typebox';
import { Value } from 'typebox/value';

/**
 * What the old systems of the demo share with Latchkey, by the names that their definitions use. An operator
 * would have a vault.
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

/** The same at every start with this folder: a letter that was posted before the last stop still counts. */
export async function keepDemoSecrets(folder: string): Promise<Readonly<Record<string, string>>> {
  const file = join(folder, 'source-secrets.json');
  if (existsSync(file)) return Value.Parse(Kept, JSON.parse(readFileSync(file, 'utf8')));
  const secrets = await makeDemoSecrets();
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(file, JSON.stringify(secrets), { mode: 0o600 });
  return secrets;
}

const Kept = Type.Record(Type.String(), Type.String());

/** As the environment would hold them. */
export const asEnvironment = (secrets: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(secrets).map(([name, value]) => [
      `LATCHKEY_SOURCE_SECRET_${name.toUpperCase().replaceAll('-', '_')}`,
      value,
    ]),
  );
