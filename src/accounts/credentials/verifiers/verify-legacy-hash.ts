import type { PasswordWork } from '../../../platform/crypto/password-work.ts';
import { isOverlong } from '../hash-password.ts';
import { sameBytes, tryPassword } from './compare.ts';
import { spendDecoy } from './decoy-work.ts';
import { passwordCandidates } from './password-candidates.ts';
import type { Charset } from './primitives/charsets.ts';
import { type LegacyScheme, schemeRow } from './registry.ts';
import type { SchemeRow } from './scheme.ts';
import { openStored, readStored } from './stored-value.ts';
import { type Unverifiable, unusableReason } from './unusable.ts';
import { isWrapped, openWrapped, wrapInput } from './wrapped.ts';

/** Old hashes, checked through the bounded queue. A password is compared as typed: old systems did not normalise. */
export interface LegacyVerifiers {
  /**
   * Bounds are checked again. What cannot be read is a mismatch of the same cost: of `instead` when it is known what the
   * others of the source cost. @throws LatchkeyError `busy`.
   */
  verifyLegacyHash(
    encoded: string,
    scheme: LegacyScheme,
    password: string,
    instead?: LegacyDecoy,
  ): Promise<'match' | 'mismatch'>;
  /**
   * The same work for somebody who is not there; `cost` and `charsets` of the source's hashes, else what was common
   * (A11).
   */
  decoyLegacyWork(
    scheme: LegacyScheme,
    password: string,
    cost?: number,
    charsets?: readonly Charset[],
  ): Promise<'mismatch'>;
}

/** What a decoy has to look like. */
export interface LegacyDecoy {
  readonly scheme: LegacyScheme;
  readonly cost?: number | undefined;
  readonly charsets?: readonly Charset[] | undefined;
}

export interface LegacyVerifierHooks {
  /** A stored value that cannot be verified: for a counter by scheme and reason. Holds nothing of the value. */
  readonly onUnverifiable?: (event: { readonly scheme: LegacyScheme; readonly reason: Unverifiable }) => void;
}

export function createLegacyVerifiers(work: PasswordWork, hooks: LegacyVerifierHooks = {}): LegacyVerifiers {
  const decoy = async (scheme: LegacyScheme, typed: string, cost?: number, charsets?: readonly Charset[]) => {
    const candidates = passwordCandidates(typed, charsets ? { charsets: [...charsets] } : {});
    const row = schemeRow(scheme);
    for (const candidate of candidates.length > 0 ? candidates : passwordCandidates(typed, {})) {
      if (row) await work.run(() => spendDecoy(row.costClass, cost ?? row.commonCost, candidate));
      else await wrappedDecoy(work, cost ?? 1, candidate);
    }
    return 'mismatch' as const;
  };

  const refuser = (scheme: LegacyScheme, typed: string, instead: LegacyDecoy = { scheme }) => {
    return (reason: Unverifiable): Promise<'mismatch'> => {
      hooks.onUnverifiable?.({ scheme, reason });
      return decoy(instead.scheme, typed, instead.cost, instead.charsets);
    };
  };

  return {
    async verifyLegacyHash(encoded, scheme, password, instead) {
      if (isOverlong(password)) return 'mismatch';
      const refuse = refuser(scheme, password, instead);
      if (scheme === 'wrapped') {
        const value = openWrapped(encoded);
        if ('problem' in value) return refuse(value.problem);
        return answer(await verifyWrapped(work, encoded, password));
      }
      const row = schemeRow(scheme);
      if (!row) return refuse('unknown-scheme');
      const value = openStored(encoded);
      if ('problem' in value) return refuse(value.problem);
      const read = readStored(row, value);
      if ('problem' in read) return refuse(unusableReason(value.stored) ?? read.problem);
      const judge = (actual: Buffer | undefined): boolean => sameBytes(actual, read.expected);
      return answer(await work.run(() => tryPassword(row, read, { typed: password, side: value.side }, judge)));
    },
    decoyLegacyWork: (scheme, password, cost, charsets) => decoy(scheme, password, cost, charsets),
  };
}

const answer = (matches: boolean): 'match' | 'mismatch' => (matches ? 'match' : 'mismatch');

/** From plain text to the old digest, and only that digest to argon2id. False for what is no wrapped value. */
export async function verifyWrapped(work: PasswordWork, encoded: string, typed: string): Promise<boolean> {
  const value = openWrapped(encoded);
  if ('problem' in value) return false;
  const judge = async (actual: Buffer | undefined): Promise<boolean> => {
    const matches = await work.verify(value.argon2, wrapInput(value.row.id, actual ?? Buffer.alloc(0)));
    return matches && actual !== undefined;
  };
  return tryPassword(value.row, value, { typed, side: value.side }, judge);
}

async function wrappedDecoy(work: PasswordWork, cost: number, candidate: Parameters<typeof spendDecoy>[2]) {
  await spendDecoy('sha256-rounds', cost, candidate);
  await work.verify(work.decoy, 'nothing');
}

/** Whether the scheme saw only the beginning of this password (bcrypt: 72 bytes): then it is to be chosen anew. */
export function legacyHashTruncates(scheme: LegacyScheme, password: string, encoded = ''): boolean {
  const row: SchemeRow | undefined = scheme === 'wrapped' ? wrappedRow(encoded) : schemeRow(scheme);
  return row?.sees !== undefined && Buffer.byteLength(password) > row.sees;
}

function wrappedRow(encoded: string): SchemeRow | undefined {
  const value = isWrapped(encoded) ? openWrapped(encoded) : undefined;
  return value && 'row' in value ? value.row : undefined;
}
