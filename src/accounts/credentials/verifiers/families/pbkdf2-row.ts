import { PBKDF2_DIGESTS, pbkdf2Digest } from '../primitives/derive.ts';
import { type CostClass, type Read, type SchemeRow, malformed } from '../scheme.ts';
import type { SideInput } from '../side.ts';
import { replaceLast } from './digest-form.ts';
import { type Pbkdf2Parts, pbkdf2Reading } from './pbkdf2-reading.ts';

type Split = (groups: Partial<Record<string, string>>, side: SideInput) => Omit<Pbkdf2Parts, 'blank'>;

interface Pbkdf2Row<Id extends string> {
  readonly id: Id;
  readonly form: RegExp;
  readonly split: Split;
  /** Its beginning, where that alone tells it. */
  readonly shape?: RegExp;
  readonly note: string;
  readonly common?: number;
  readonly class?: CostClass;
  readonly explicit?: true;
  /** Salt and key in one text: it cannot be blanked by its letters, so it is not wrapped. */
  readonly composite?: true;
  readonly needs?: readonly (keyof SideInput)[];
  readonly family?: string;
}

/** A form with the named groups `iterations`, `salt`, `digest` (what is blanked) and `name`. */
export function pbkdf2Row<const Id extends string>(row: Pbkdf2Row<Id>): SchemeRow<Id> {
  return {
    id: row.id,
    family: row.family ?? 'pbkdf2',
    shape: row.explicit ? undefined : (row.shape ?? row.form),
    costClass: row.class ?? 'pbkdf2-sha256',
    commonCost: row.common ?? 100_000,
    bounds: 'iterations × blocks ≤ 2,000,000 of SHA-1 or SHA-256, a third of that of SHA-512; key of 12 bytes or more',
    note: row.note,
    ...(row.needs && { needs: row.needs }),
    read(stored, side): Read {
      const groups = row.form.exec(stored)?.groups;
      if (!groups) return malformed;
      const text = groups['digest'] ?? '';
      const zero = /^[0-9a-f]+$/i.test(text) ? '0' : 'A';
      const blank = replaceLast(stored, text, text.replace(/[^=]/g, zero));
      return pbkdf2Reading({ ...row.split(groups, side), ...(!row.composite && { blank }) });
    },
  };
}

export const whole = (bytes: Buffer | undefined, length: number): Buffer | undefined =>
  bytes && bytes.length === length ? bytes : undefined;

/** A key as long as its digest, no byte more or less. */
export const fullKey = (name: string | undefined, bytes: Buffer | undefined): Buffer | undefined => {
  const digest = pbkdf2Digest(name);
  return digest && whole(bytes, PBKDF2_DIGESTS[digest]);
};
