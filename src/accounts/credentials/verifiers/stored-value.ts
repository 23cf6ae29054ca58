import { Value } from 'typebox/value';
import { type CostClass, type HashProblem, type Read, type SchemeRow, malformed, tooCostly } from './scheme.ts';
import { SideInput } from './side.ts';

/** Longer than any hash; passport-local's key of 512 bytes in hex comes nearest. */
export const MAX_HASH_LENGTH = 1024;
const MAX_ENCODED_LENGTH = 8192;

const ENVELOPE = /^\$latchkey\$1\$([A-Za-z0-9_-]+)\$/;

/** One text of a stored value and of what stands beside it (salt column, user name, recipe), for one sealed column. */
export function encodeWithSide(stored: string, side: SideInput): string {
  if (Object.keys(side).length === 0) return stored;
  return `$latchkey$1$${Buffer.from(JSON.stringify(side)).toString('base64url')}$${stored}`;
}

export interface StoredValue {
  readonly stored: string;
  readonly side: SideInput;
}

export function openStored(encoded: string): StoredValue | { readonly problem: HashProblem } {
  if (encoded.length > MAX_ENCODED_LENGTH) return { problem: 'too-long' };
  const match = ENVELOPE.exec(encoded);
  const stored = match ? encoded.slice(match[0].length) : encoded;
  if (stored.length > MAX_HASH_LENGTH) return { problem: 'too-long' };
  if (!match) return { stored, side: {} };
  const side = parseJson(Buffer.from(match[1] ?? '', 'base64url').toString());
  return Value.Check(SideInput, side) ? { stored, side } : malformed;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The most that all tries of one sign-in may cost together, in the unit of the class: several character sets share it. */
const BUDGETS: Record<Exclude<CostClass, 'bcrypt'>, number> = {
  fast: 200_000,
  argon2: 1_572_864,
  scrypt: 2 ** 21,
  yescrypt: 1_000_000,
  'pbkdf2-sha1': 2_000_000,
  'pbkdf2-sha256': 2_000_000,
  'pbkdf2-sha512': 2_000_000,
  'md5-rounds': 800_000,
  'sha1-rounds': 1_000_000,
  'sha256-rounds': 700_000,
  'sha512-rounds': 700_000,
  'des-passes': 20_000,
  wrapped: 200_000,
};
const BCRYPT_BUDGET = 2 ** 14;

function fits(costClass: CostClass, cost: number, tries: number): boolean {
  return costClass === 'bcrypt' ? 2 ** cost * tries <= BCRYPT_BUDGET : cost * tries <= BUDGETS[costClass];
}

/** A stored value by its scheme, bounds checked: the same at import and at sign-in (linking-attacks 22). */
export function readStored(row: SchemeRow, value: StoredValue): Read {
  const read = row.read(value.stored, value.side);
  if ('problem' in read) return read;
  if (read.expected.length < 7) return malformed;
  const { costClass, cost } = read.bounded ?? { costClass: row.costClass, cost: read.cost };
  return fits(costClass, cost, value.side.charsets?.length ?? 1) ? read : tooCostly;
}
