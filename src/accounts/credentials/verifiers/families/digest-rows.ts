import type { CostClass, SchemeRow } from '../scheme.ts';
import type { SideInput } from '../side.ts';
import { type DigestForm, readDigestForms } from './digest-form.ts';

interface Digests<Id extends string> {
  readonly id: Id;
  readonly family: string;
  readonly forms: readonly DigestForm[];
  readonly note: string;
  /** Left out: nothing tells these values from others. */
  readonly shape?: RegExp;
  readonly explicit?: true;
  readonly needs?: readonly (keyof SideInput)[];
  /** Of those that repeat a digest. */
  readonly rounds?: { readonly class: CostClass; readonly common: number };
}

/** A scheme that is nothing but a recipe for each way it is written. */
export function digests<const Id extends string>(row: Digests<Id>): SchemeRow<Id> {
  const { id, family, forms, note, shape, explicit, needs, rounds } = row;
  return {
    id,
    family,
    shape,
    costClass: rounds?.class ?? 'fast',
    commonCost: rounds?.common ?? 1,
    bounds: rounds ? 'digest whole, rounds ≤ 200,000' : 'digest whole',
    note: `${note}; ${forms.map(({ recipe }) => recipe).join(' | ')}`,
    ...(explicit && { explicit }),
    ...(needs && { needs }),
    read: (stored, side) => readDigestForms(forms, stored, side),
  };
}

/** A bare hex digest of one recipe. */
export const bare = (hexDigits: number, recipe: string, side?: SideInput): DigestForm => ({
  form: new RegExp(`^(?<digest>[0-9a-f]{${hexDigits}})$`, 'i'),
  recipe,
  digest: 'hex',
  ...(side && { side }),
});

/** `digest:salt`, as many exports join them; the salt may hold colons. */
export const colon = (hexDigits: number, recipe: string): DigestForm => ({
  form: new RegExp(`^(?<digest>[0-9a-f]{${hexDigits}}):(?<salt>[^\\n]+)$`, 'i'),
  recipe,
  digest: 'hex',
});

/** Digest in one column, salt beside it or behind a colon. */
export const salted = (hexDigits: number, recipe: string): readonly DigestForm[] => [
  colon(hexDigits, recipe),
  bare(hexDigits, recipe),
];
