import { randomBytes } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';

/** argon2id cost. @see OWASP Password Storage: at least 19 MiB, t=2, p=1 */
export interface Argon2idCost {
  readonly memoryKiB: number;
  readonly iterations: number;
  readonly parallelism: number;
}

const PHC = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$/;

// The engine is one file so that it can be changed; docs/decisions/0002-argon2-engine.md says why it is this one.
// Its default algorithm is argon2id v1.3 with a fresh 16-byte salt and a 32-byte digest.
export function hashArgon2id(password: string, cost: Argon2idCost): Promise<string> {
  return hash(password, { memoryCost: cost.memoryKiB, timeCost: cost.iterations, parallelism: cost.parallelism });
}

/** Costs come from the string. @throws Error when it is no argon2 PHC string. */
export function verifyArgon2id(encoded: string, password: string): Promise<boolean> {
  return verify(encoded, password);
}

/** The cost that a PHC string states; undefined when it is not argon2id v1.3. */
export function argon2idCost(encoded: string): Argon2idCost | undefined {
  const match = PHC.exec(encoded);
  if (!match) return undefined;
  return { memoryKiB: Number(match[1]), iterations: Number(match[2]), parallelism: Number(match[3]) };
}

/** A well-formed hash that no password has: verifying against it costs what a real one costs (A11). */
export function decoyArgon2id(cost: Argon2idCost): string {
  const { memoryKiB, iterations, parallelism } = cost;
  return `$argon2id$v=19$m=${memoryKiB},t=${iterations},p=${parallelism}$${unpadded(randomBytes(16))}$${unpadded(randomBytes(32))}`;
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}
