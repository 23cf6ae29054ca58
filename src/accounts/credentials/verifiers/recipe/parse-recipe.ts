import { digestBytes } from '../primitives/digests.ts';
import { RecipeError, readTokens } from './read-tokens.ts';
import { parseExpression } from './parse-expression.ts';
import type { InputName, Kind, Recipe, RecipeNode, RecipeProblem } from './recipe-node.ts';

export interface RecipeForm {
  /** Whether salt and pepper arrive as characters or as bytes (hex or base64 columns). */
  readonly salt?: 'text' | 'bytes';
  readonly pepper?: 'text' | 'bytes';
  /** Whether `rounds` may be used. */
  readonly rounds?: boolean;
}

export type ParsedRecipe =
  | { readonly outcome: 'recipe'; readonly recipe: Recipe }
  | { readonly outcome: 'problem'; readonly problem: RecipeProblem };

const MAX_LENGTH = 512;
const MAX_NODES = 64;
/** Fewer result characters than this and strangers' passwords begin to fit. */
const MIN_RESULT_CHARACTERS = 16;

/**
 * Reads a recipe such as `md5(md5(pass).salt)`. It becomes a small tree, bounded in length, depth, size and turns; it is
 * never run as code.
 *
 * A `.` joins. Digests (`md4 md5 ripemd160 sha1 sha224 sha256 sha384 sha512 whirlpool`, `hmac(name, key, message)`) give
 * lower-case hex where text is wanted; `raw(…)`, `hex(…)`, `HEX(…)`, `base64(…)` take their bytes. Inputs: `pass salt
 * pepper user realm "text"`. Text: `upper lower trim reverse cut(x, start, length)`, `utf8 latin1 windows1252 utf16le
 * utf16be`; `pad(x, bytes)` fills with NUL. `iterate(times, seed, step)` repeats `step`, in which `prev` is the last result.
 */
export function parseRecipe(text: string, form: RecipeForm = {}): ParsedRecipe {
  try {
    return { outcome: 'recipe', recipe: parse(text, form) };
  } catch (error) {
    if (error instanceof RecipeError) return { outcome: 'problem', problem: error.problem };
    throw error;
  }
}

function parse(text: string, form: RecipeForm): Recipe {
  if (text.length > MAX_LENGTH) throw new RecipeError(MAX_LENGTH, `longer than ${MAX_LENGTH} characters`);
  const root = parseExpression({ tokens: readTokens(text), kinds: kindsOf(form), rounds: form.rounds ?? false });
  const nodes = [...walk(root)];
  if (nodes.length > MAX_NODES) throw new RecipeError(0, `more than ${MAX_NODES} parts`);
  const [loop, second] = nodes.filter((node) => node.op === 'iterate');
  if (second) throw new RecipeError(second.at, 'a second iterate(); one is the limit');
  const inLoop = loop ? [...walk(loop.step)] : [];
  checkPrev(nodes, inLoop);
  checkResult(root);
  const uses = new Set<InputName>(nodes.flatMap((node) => (node.op === 'input' ? [node.name] : [])));
  if (!uses.has('pass')) throw new RecipeError(0, 'a recipe without pass opens to everybody');
  const callsPerTurn = countCalls(inLoop);
  return { text, root, loop, calls: countCalls(nodes) - callsPerTurn, callsPerTurn, uses };
}

const kindsOf = ({ salt = 'text', pepper = 'text' }: RecipeForm): Record<InputName, Kind> => ({
  pass: 'text',
  user: 'text',
  realm: 'text',
  prev: 'digest',
  salt,
  pepper,
});

function* walk(node: RecipeNode): Generator<RecipeNode> {
  yield node;
  if (node.op === 'join') for (const part of node.parts) yield* walk(part);
  if ('of' in node) yield* walk(node.of);
  if (node.op === 'hmac') yield* walk(node.key);
  if (node.op !== 'iterate') return;
  yield* walk(node.seed);
  yield* walk(node.step);
}

const countCalls = (nodes: readonly RecipeNode[]): number =>
  nodes.reduce((sum, { op }) => sum + (op === 'hmac' ? 2 : op === 'digest' ? 1 : 0), 0);

function checkPrev(nodes: readonly RecipeNode[], inLoop: readonly RecipeNode[]): void {
  const stray = nodes.find((node) => node.op === 'input' && node.name === 'prev' && !inLoop.includes(node));
  if (stray) throw new RecipeError(stray.at, 'prev outside the step of an iterate()');
}

function checkResult(root: RecipeNode): void {
  if (root.kind !== 'digest' && root.kind !== 'written')
    throw new RecipeError(root.at, 'the result is no digest: it would be the password itself, or open to others');
  if (lengthOf(root) < MIN_RESULT_CHARACTERS)
    throw new RecipeError(root.at, `a result under ${MIN_RESULT_CHARACTERS} characters fits strangers' passwords`);
}

/** Characters of a result that is made of digests. */
function lengthOf(node: RecipeNode): number {
  if (node.op === 'digest' || node.op === 'hmac') return digestBytes(node.name) * 2;
  if (node.op === 'iterate') return lengthOf(node.step);
  if (node.op === 'cut') return Math.min(node.length, lengthOf(node.of) - node.start);
  if (node.op === 'join') return node.parts.reduce((sum, part) => sum + lengthOf(part), 0);
  return node.op === 'text-step' || node.op === 'bytes' ? lengthOf(node.of) : 0;
}
