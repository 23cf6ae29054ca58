import { commonRecipes } from './common-recipes.ts';
import { detectScheme } from './detect-scheme.ts';
import { anyBase64, fromHex } from './primitives/encodings.ts';
import type { Charset } from './primitives/charsets.ts';
import { type LegacyScheme, schemeRow } from './registry.ts';
import type { HashProblem } from './scheme.ts';
import type { SideInput } from './side.ts';
import { encodeWithSide, openStored, readStored } from './stored-value.ts';
import type { LegacyVerifiers } from './verify-legacy-hash.ts';

/** How a column is to be read. */
export interface ColumnRecipe {
  readonly scheme: LegacyScheme;
  /** What holds for all rows: recipe, pepper, realm, character sets. */
  readonly side?: SideInput;
}

/** An account of the old system whose password its owner knows. */
export interface KnownPair {
  readonly stored: string;
  /** What stands beside this value: salt, user name. */
  readonly side?: SideInput;
  readonly password: string;
}

export interface FailedPair {
  readonly index: number;
  readonly reason: HashProblem | 'mismatch';
}

export type KnownPairsAnswer =
  | { readonly outcome: 'all-verify'; readonly pairs: number }
  | { readonly outcome: 'no-pairs' }
  | {
      readonly outcome: 'some-fail';
      readonly failed: readonly FailedPair[];
      /** How many other readings were tried. */
      readonly tried: number;
      /** Those by which every pair verifies. */
      readonly wouldVerify: readonly ColumnRecipe[];
    };

const MAX_PAIRS = 100;
const MAX_TRIES = 400;

/** The gate of an import: it is refused until every known pair verifies by the recipe that the source states. */
export async function checkKnownPairs(
  verifiers: LegacyVerifiers,
  recipe: ColumnRecipe,
  pairs: readonly KnownPair[],
): Promise<KnownPairsAnswer> {
  const taken = pairs.slice(0, MAX_PAIRS);
  if (taken.length === 0) return { outcome: 'no-pairs' };
  const failed: FailedPair[] = [];
  for (const [index, pair] of taken.entries()) {
    const reason = await whyNot(verifiers, recipe, pair);
    if (reason) failed.push({ index, reason });
  }
  if (failed.length === 0) return { outcome: 'all-verify', pairs: taken.length };
  const others = otherReadings(recipe, taken).slice(0, MAX_TRIES);
  const wouldVerify: ColumnRecipe[] = [];
  for (const other of others) if (await verifiesAll(verifiers, other, taken)) wouldVerify.push(other);
  return { outcome: 'some-fail', failed, tried: others.length, wouldVerify };
}

async function verifiesAll(verifiers: LegacyVerifiers, recipe: ColumnRecipe, pairs: readonly KnownPair[]) {
  for (const pair of pairs) if (await whyNot(verifiers, recipe, pair)) return false;
  return true;
}

async function whyNot(
  verifiers: LegacyVerifiers,
  { scheme, side }: ColumnRecipe,
  pair: KnownPair,
): Promise<FailedPair['reason'] | undefined> {
  const encoded = encodeWithSide(pair.stored, { ...side, ...pair.side });
  const value = openStored(encoded);
  if ('problem' in value) return value.problem;
  const row = schemeRow(scheme);
  const read = row ? readStored(row, value) : ({ problem: 'unknown-format' } as const);
  // Not even asked: a decoy's work for each of some hundred readings would take minutes.
  if ('problem' in read) return read.problem;
  return (await verifiers.verifyLegacyHash(encoded, scheme, pair.password)) === 'match' ? undefined : 'mismatch';
}

const OTHER_CHARSETS: readonly Charset[] = ['utf-8', 'windows-1252', 'latin-1'];

/** Cheap first: the same in other character sets and trimmed, what looks alike, recipes that were common. */
function otherReadings(recipe: ColumnRecipe, pairs: readonly KnownPair[]): readonly ColumnRecipe[] {
  const { scheme, side = {} } = recipe;
  const drifted: ColumnRecipe[] = [
    { scheme, side: { ...side, charsets: [...OTHER_CHARSETS] } },
    { scheme, side: { ...side, trim: true } },
  ];
  const alike = detectScheme(pairs.map(({ stored }) => stored))
    .candidates.filter((candidate) => candidate.scheme !== scheme && candidate.fits === pairs.length)
    .map((candidate): ColumnRecipe => ({ scheme: candidate.scheme, side }));
  return [...drifted, ...alike, ...expressions(side, pairs)];
}

function expressions(side: SideInput, pairs: readonly KnownPair[]): readonly ColumnRecipe[] {
  const [first] = pairs;
  const bytes = first && (fromHex(first.stored) ?? anyBase64(first.stored));
  if (!first || !bytes) return [];
  const beside = { ...side, ...first.side };
  const recipes = commonRecipes(bytes.length, beside);
  return saltEncodings(beside.salt).flatMap((saltEncoding) =>
    recipes.map((expr): ColumnRecipe => ({ scheme: 'digest-expr', side: { ...side, expr, saltEncoding } })),
  );
}

function saltEncodings(salt = ''): readonly NonNullable<SideInput['saltEncoding']>[] {
  return [
    'text',
    ...(fromHex(salt) ? (['hex'] as const) : []),
    ...(salt !== '' && anyBase64(salt) ? (['base64'] as const) : []),
  ];
}
