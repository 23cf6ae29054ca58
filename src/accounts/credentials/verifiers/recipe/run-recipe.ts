import { type Charset, encodeText, utf16be, utf16le } from '../primitives/charsets.ts';
import { digest, hmac } from '../primitives/digests.ts';
import { repeat } from '../primitives/repeat.ts';
import type { ByteStep, CharsetStep, InputName, Recipe, RecipeNode, TextStep } from './recipe-node.ts';

export type RecipeInputs = Partial<Record<Exclude<InputName, 'prev' | 'pass'>, string | Buffer>> & {
  readonly pass: string;
  /** The set in which characters become bytes where the recipe does not name one. */
  readonly charset: Charset;
  readonly rounds?: number;
};

type Value =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'bytes' | 'digest'; readonly bytes: Buffer };

interface Scope {
  readonly inputs: RecipeInputs;
  prev?: Value;
  looped?: Value;
}

/** Thrown inside the walk only: the character set has not all characters of a text. */
class NotInCharset extends Error {}

/**
 * The result of a recipe: a digest's bytes, or the characters the recipe wrote it in. Undefined when the password has
 * characters that the character set has not: no such password was ever hashed in it.
 */
export async function runRecipe(recipe: Recipe, inputs: RecipeInputs): Promise<Buffer | undefined> {
  const scope: Scope = { inputs };
  try {
    if (recipe.loop) await runLoop(recipe.loop, scope);
    const result = evaluate(recipe.root, scope);
    return result.kind === 'text' ? Buffer.from(result.text) : result.bytes;
  } catch (error) {
    if (error instanceof NotInCharset) return undefined;
    throw error;
  }
}

async function runLoop(loop: Extract<RecipeNode, { op: 'iterate' }>, scope: Scope): Promise<void> {
  scope.prev = evaluate(loop.seed, scope);
  const times = loop.times === 'rounds' ? (scope.inputs.rounds ?? 0) : loop.times;
  await repeat(times, () => {
    scope.prev = evaluate(loop.step, scope);
  });
  scope.looped = scope.prev;
}

function evaluate(node: RecipeNode, scope: Scope): Value {
  const bytes = (of: RecipeNode): Buffer => toBytes(evaluate(of, scope), scope.inputs.charset);
  if (node.op === 'literal') return { kind: 'text', text: node.text };
  if (node.op === 'input') return readInput(node.name, scope);
  if (node.op === 'join') return join(node.parts, scope);
  if (node.op === 'digest') return { kind: 'digest', bytes: digest(node.name, bytes(node.of)) };
  if (node.op === 'hmac') return { kind: 'digest', bytes: hmac(node.name, bytes(node.key), bytes(node.of)) };
  if (node.op === 'iterate') return given(scope.looped);
  if (node.op === 'pad') return { kind: 'bytes', bytes: padded(bytes(node.of), node.length) };
  return takeStep(node, evaluate(node.of, scope), scope.inputs.charset);
}

type Step = Extract<RecipeNode, { op: 'bytes' | 'cut' | 'text-step' | 'charset' }>;

function takeStep(node: Step, of: Value, charset: Charset): Value {
  if (node.op === 'bytes') return writeBytes(node.step, of, charset);
  if (node.op === 'cut') return cut(characters(of), node.start, node.length);
  if (node.op === 'text-step') return { kind: 'text', text: TEXT[node.step](characters(of)) };
  return { kind: 'bytes', bytes: CHARSET[node.step](characters(of)) };
}

function readInput(name: InputName, scope: Scope): Value {
  if (name === 'prev') return given(scope.prev);
  const input = scope.inputs[name] ?? '';
  return typeof input === 'string' ? { kind: 'text', text: input } : { kind: 'bytes', bytes: input };
}

function given(value: Value | undefined): Value {
  if (!value) throw new Error('a recipe was run that the parser does not let through');
  return value;
}

/** Characters stay characters, so that a character set can still be chosen for the whole. */
function join(parts: readonly RecipeNode[], scope: Scope): Value {
  const values = parts.map((part) => evaluate(part, scope));
  if (values.every(({ kind }) => kind !== 'bytes')) return { kind: 'text', text: values.map(characters).join('') };
  return { kind: 'bytes', bytes: Buffer.concat(values.map((value) => toBytes(value, scope.inputs.charset))) };
}

function characters(value: Value): string {
  if (value.kind === 'text') return value.text;
  return value.bytes.toString(value.kind === 'digest' ? 'hex' : 'latin1');
}

function toBytes(value: Value, charset: Charset): Buffer {
  if (value.kind === 'text') return inCharset(value.text, charset);
  return value.kind === 'digest' ? Buffer.from(value.bytes.toString('hex')) : value.bytes;
}

function inCharset(text: string, charset: Charset): Buffer {
  const bytes = encodeText(text, charset);
  if (!bytes) throw new NotInCharset();
  return bytes;
}

function writeBytes(step: ByteStep, value: Value, charset: Charset): Value {
  const bytes = value.kind === 'text' ? inCharset(value.text, charset) : value.bytes;
  if (step === 'raw') return { kind: 'bytes', bytes };
  const text = bytes.toString(step === 'base64' ? 'base64' : 'hex');
  return { kind: 'text', text: step === 'HEX' ? text.toUpperCase() : text };
}

function padded(bytes: Buffer, length: number): Buffer {
  const filled = Buffer.alloc(Math.max(length, bytes.length));
  filled.set(bytes);
  return filled;
}

const cut = (text: string, start: number, length: number): Value => ({
  kind: 'text',
  text: Array.from(text)
    .slice(start, start + length)
    .join(''),
});

const TEXT: Record<TextStep, (text: string) => string> = {
  upper: (text) => text.toUpperCase(),
  lower: (text) => text.toLowerCase(),
  trim: (text) => text.trim(),
  reverse: (text) => Array.from(text).toReversed().join(''),
};

const CHARSET: Record<CharsetStep, (text: string) => Buffer> = {
  utf8: (text) => Buffer.from(text),
  latin1: (text) => inCharset(text, 'latin-1'),
  windows1252: (text) => inCharset(text, 'windows-1252'),
  utf16le,
  utf16be,
};
