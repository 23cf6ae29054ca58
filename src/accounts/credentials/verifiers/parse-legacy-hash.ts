import { type LegacyScheme, REGISTRY, schemeRow } from './registry.ts';
import type { HashProblem, SchemeRow } from './scheme.ts';
import { type StoredValue, openStored, readStored } from './stored-value.ts';

export interface GoodLegacyHash {
  readonly scheme: LegacyScheme;
  readonly encoded: string;
  /** Work factor in the scheme's own unit: for a decoy of the same cost. */
  readonly cost: number;
  /** A bare weak digest: to be wrapped before it is stored. */
  readonly weak?: true;
}

export type ParsedLegacyHash = GoodLegacyHash | { readonly problem: HashProblem };

/**
 * Reads one hash of an export, by shape; with a hint only that scheme is tried. Validates, never repairs, but for
 * surrounding blanks. Nothing is accepted whose verification would take much longer than a second. Without a hint only
 * schemes whose shape is theirs alone are taken: what is ambiguous has to be named, and proved with known pairs.
 */
export function parseLegacyHash(encoded: string, hint?: LegacyScheme): ParsedLegacyHash {
  const text = hint === 'plaintext' ? encoded : encoded.trim();
  const value = openStored(text);
  if ('problem' in value) return { problem: value.problem };
  return hint === undefined ? parseByShape(text, value) : parseAs(hint, text, value);
}

function parseAs(hint: LegacyScheme, encoded: string, value: StoredValue): ParsedLegacyHash {
  const row = schemeRow(hint);
  if (!row) return { problem: 'unknown-format' };
  const parsed = take(row, encoded, value);
  const foreign = 'problem' in parsed && parsed.problem === 'malformed' && row.shape?.test(value.stored) === false;
  return foreign ? { problem: 'unknown-format' } : parsed;
}

function parseByShape(encoded: string, value: StoredValue): ParsedLegacyHash {
  let problem: HashProblem = 'unknown-format';
  for (const row of REGISTRY) {
    if (row.explicit || !row.shape?.test(value.stored)) continue;
    const parsed = take(row, encoded, value);
    if (!('problem' in parsed)) return parsed;
    if (problem === 'unknown-format') ({ problem } = parsed);
  }
  return { problem };
}

function take(row: SchemeRow<Exclude<LegacyScheme, 'wrapped'>>, encoded: string, value: StoredValue): ParsedLegacyHash {
  const read = readStored(row, value);
  if ('problem' in read) return { problem: read.problem };
  return { scheme: row.id, encoded, cost: read.cost, ...(read.blank !== undefined && { weak: true }) };
}
