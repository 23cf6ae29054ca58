import type { PasswordWork } from '../../../platform/crypto/password-work.ts';
import { schemeRow } from './registry.ts';
import { encodeWithSide, openStored, readStored } from './stored-value.ts';
import type { GoodLegacyHash } from './parse-legacy-hash.ts';
import { wrapInput, writeWrapped } from './wrapped.ts';

/**
 * No bare weak digest at rest: argon2id over the old digest, with the recipe beside it. A slow hash is given back as it
 * is. One argon2id hash through the bounded queue. @throws LatchkeyError `busy`
 */
export async function wrapWeak(work: PasswordWork, parsed: GoodLegacyHash): Promise<GoodLegacyHash> {
  const row = schemeRow(parsed.scheme);
  const value = openStored(parsed.encoded);
  if (!row || 'problem' in value) return parsed;
  const read = readStored(row, value);
  if ('problem' in read || read.blank === undefined) return parsed;
  const argon2 = await work.hash(wrapInput(row.id, read.expected));
  const template = encodeWithSide(read.blank, read.blankSide ?? value.side);
  return { scheme: 'wrapped', encoded: writeWrapped(row.id, template, argon2), cost: parsed.cost };
}
