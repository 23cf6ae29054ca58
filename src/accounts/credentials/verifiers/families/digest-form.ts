import { digestBytes } from '../primitives/digests.ts';
import { fromBase64, fromHex } from '../primitives/encodings.ts';
import { type ParsedRecipe, type RecipeForm, parseRecipe } from '../recipe/parse-recipe.ts';
import type { Recipe, RecipeNode } from '../recipe/recipe-node.ts';
import { type RecipeInputs, runRecipe } from '../recipe/run-recipe.ts';
import { type Read, type Reading, WEAK_BELOW, malformed, tooCostly } from '../scheme.ts';
import type { SideInput } from '../side.ts';

type TextEncoding = NonNullable<SideInput['saltEncoding']>;

/** Calls of a digest that take about a third of a second. */
export const MAX_CALLS = 200_000;

/** One way in which values of a digest scheme are written, and the recipe that makes the digest. */
export interface DigestForm {
  /** Named groups: `digest` (or `blob`: base64 of digest and salt), `salt`, `rounds`, `user`. */
  readonly form: RegExp;
  readonly recipe: string;
  /** How the salt in the value is written; a salt beside it says so itself. */
  readonly salt?: TextEncoding;
  readonly digest?: 'hex' | 'base64';
  readonly blob?: 'digest-salt' | 'salt-digest';
  /** Rounds that the recipe has run before its loop. */
  readonly roundsBefore?: number;
  /** What every value of this form has beside it. */
  readonly side?: SideInput;
}

/** Reads a value of one of these forms; malformed when it has none. */
export function readDigestForms(forms: readonly DigestForm[], stored: string, side: SideInput): Read {
  for (const form of forms) {
    const groups = form.form.exec(stored)?.groups;
    if (groups) return readDigestForm(form, groups, { stored, side: { ...form.side, ...side } });
  }
  return malformed;
}

interface Given {
  readonly stored: string;
  readonly side: SideInput;
}

interface Pieces {
  readonly salt: string | Buffer | undefined;
  readonly digestText: string;
  readonly expected: Buffer | undefined;
  readonly blank: string;
}

function readDigestForm(form: DigestForm, groups: Partial<Record<string, string>>, given: Given): Read {
  const { side, stored } = given;
  const saltEncoding = saltEncodingOf(form, groups, side);
  const parsed = recipeOf(form.recipe, { ...kindsOf(side, saltEncoding), rounds: true });
  if (parsed.outcome === 'problem') return malformed;
  const { recipe } = parsed;
  const pieces = splitStored(form, groups, { stored, side, root: recipe.root });
  const inputs = inputsOf(form, groups, { side, salt: pieces?.salt, saltEncoding });
  if (!pieces?.expected || !inputs) return malformed;
  const { expected, blank } = pieces;
  return recipeReading(recipe, { expected, blank, tries: side.charsets?.length ?? 1, inputs });
}

interface Salted {
  readonly side: SideInput;
  readonly salt: string | Buffer | undefined;
  readonly saltEncoding: TextEncoding;
}

function inputsOf(
  form: DigestForm,
  groups: Partial<Record<string, string>>,
  { side, salt: own, saltEncoding }: Salted,
): Inputs | undefined {
  const salt = own ?? decodeText(groups['salt'] ?? side.salt, saltEncoding);
  const pepper = decodeText(side.pepper, side.pepperEncoding ?? 'text');
  if (salt === null || pepper === null) return undefined;
  const rounds = Number(groups['rounds'] ?? side.iterations ?? 1) - (form.roundsBefore ?? 0);
  return { salt, pepper, ...namesOf(groups, side), rounds };
}

const namesOf = ({ user }: Partial<Record<string, string>>, side: SideInput) => ({
  user: user ?? side.user ?? '',
  realm: side.realm ?? '',
});

const splitStored = (
  form: DigestForm,
  groups: Partial<Record<string, string>>,
  given: Given & Rooted,
): Pieces | undefined =>
  form.blob ? splitBlob(form.blob, groups['blob'] ?? '', given) : splitText(form, groups, given);

function saltEncodingOf(form: DigestForm, groups: Partial<Record<string, string>>, side: SideInput): TextEncoding {
  if (form.blob) return 'hex';
  return groups['salt'] === undefined ? (side.saltEncoding ?? 'text') : (form.salt ?? 'text');
}

type Inputs = Omit<RecipeInputs, 'pass' | 'charset'> & { readonly rounds: number };

interface RecipeGiven {
  readonly expected: Buffer;
  readonly blank: string;
  readonly tries: number;
  readonly inputs: Inputs;
}

function recipeReading(recipe: Recipe, { expected, blank, tries, inputs }: RecipeGiven): Read {
  const { rounds } = inputs;
  if (!Number.isSafeInteger(rounds) || rounds < 0 || !hasInputs(recipe, inputs)) return malformed;
  const turns = recipe.loop?.times === 'rounds' ? rounds : (recipe.loop?.times ?? 0);
  const cost = recipe.calls + recipe.callsPerTurn * turns;
  if (cost * tries > MAX_CALLS) return tooCostly;
  const reading: Reading = {
    cost,
    expected,
    compute: async ({ text, charset }) => {
      const result = await runRecipe(recipe, { ...inputs, pass: text, charset });
      return result && recipe.root.kind === 'written' ? caseless(result) : result;
    },
  };
  return cost < WEAK_BELOW ? { ...reading, blank } : reading;
}

/** A recipe that asks for a salt or a user name must not be run without it. */
function hasInputs({ uses }: Recipe, { salt = '', user = '' }: Inputs): boolean {
  return (!uses.has('salt') || salt.length > 0) && (!uses.has('user') || user.length > 0);
}

const kindsOf = (side: SideInput, saltEncoding: TextEncoding): RecipeForm => ({
  salt: saltEncoding === 'text' ? 'text' : 'bytes',
  pepper: (side.pepperEncoding ?? 'text') === 'text' ? 'text' : 'bytes',
});

const parsed = new Map<string, ParsedRecipe>();
const KEPT = 500;

/** Recipes are few and rows are many. */
function recipeOf(text: string, form: RecipeForm): ParsedRecipe {
  const key = `${form.salt}:${form.pepper}:${text}`;
  const known = parsed.get(key);
  if (known) return known;
  const fresh = parseRecipe(text, form);
  if (parsed.size >= KEPT) parsed.clear();
  parsed.set(key, fresh);
  return fresh;
}

/** Null: it cannot be decoded. */
function decodeText(text: string | undefined, encoding: TextEncoding): string | Buffer | null | undefined {
  if (text === undefined || encoding === 'text') return text;
  return (encoding === 'hex' ? fromHex(text) : fromBase64(text)) ?? null;
}

interface Rooted {
  readonly stored: string;
  readonly root: RecipeNode;
}

function splitBlob(order: 'digest-salt' | 'salt-digest', text: string, { stored, root }: Rooted): Pieces | undefined {
  const bytes = fromBase64(text);
  const size = sizeOf(root);
  if (!bytes || size === undefined || bytes.length <= size) return undefined;
  const at = order === 'digest-salt' ? 0 : bytes.length - size;
  const blanked = Buffer.from(bytes)
    .fill(0, at, at + size)
    .toString('base64');
  return {
    salt: order === 'digest-salt' ? bytes.subarray(size) : bytes.subarray(0, at),
    digestText: text,
    expected: bytes.subarray(at, at + size),
    blank: replaceLast(stored, text, blanked),
  };
}

function splitText(
  form: DigestForm,
  groups: Partial<Record<string, string>>,
  { stored, side, root }: Given & Rooted,
): Pieces {
  const text = groups['digest'] ?? '';
  const encoding = form.digest ?? side.encoding ?? (/^[0-9a-f]+$/i.test(text) ? 'hex' : 'base64');
  const decoded = encoding === 'hex' ? fromHex(text) : fromBase64(text);
  const expected = root.kind === 'written' ? caseless(Buffer.from(text)) : sized(decoded, sizeOf(root));
  const zeros = encoding === 'hex' ? '0'.repeat(text.length) : text.replace(/[^=]/g, 'A');
  return { salt: undefined, digestText: text, expected, blank: replaceLast(stored, text, zeros) };
}

const sized = (bytes: Buffer | undefined, size: number | undefined): Buffer | undefined =>
  bytes && bytes.length === size ? bytes : undefined;

/** Hex is compared by value, in either case; base64 as it stands. */
function caseless(result: Buffer): Buffer {
  const text = result.toString('latin1');
  return /^[0-9a-f]+$/i.test(text) ? Buffer.from(text.toLowerCase()) : result;
}

function sizeOf(root: RecipeNode): number | undefined {
  if (root.op === 'iterate') return sizeOf(root.step);
  return root.op === 'digest' || root.op === 'hmac' ? digestBytes(root.name) : undefined;
}

export function replaceLast(text: string, part: string, by: string): string {
  const at = text.lastIndexOf(part);
  return at < 0 ? text : text.slice(0, at) + by + text.slice(at + part.length);
}
