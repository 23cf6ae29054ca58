import { type DigestName, isDigestName } from '../primitives/digests.ts';
import { RecipeError, type Token } from './read-tokens.ts';
import {
  BYTE_STEPS,
  CHARSET_STEPS,
  INPUTS,
  type InputName,
  type Kind,
  type RecipeNode,
  TEXT_STEPS,
} from './recipe-node.ts';

const MAX_DEPTH = 12;
const MAX_TURNS = 100_000;
const MAX_PAD = 1024;

type Call = (of: RecipeNode, at: number) => RecipeNode;

interface Reader {
  readonly tokens: readonly Token[];
  readonly kinds: Readonly<Record<InputName, Kind>>;
  /** Whether `rounds` may be used. */
  readonly rounds: boolean;
  next: number;
  depth: number;
}

/** Recursive descent: expression = term { "." term }; term = name | text | call. @throws RecipeError */
export function parseExpression(form: Pick<Reader, 'tokens' | 'kinds' | 'rounds'>): RecipeNode {
  const reader = { ...form, next: 0, depth: 0 };
  const root = expression(reader);
  expect(reader, 'end');
  return root;
}

const peek = ({ tokens, next }: Reader): Token => tokens[next] ?? { type: 'end', at: 0 };

function take(reader: Reader): Token {
  const token = peek(reader);
  reader.next += 1;
  return token;
}

function expect(reader: Reader, type: Token['type']): void {
  const token = take(reader);
  if (token.type !== type) throw new RecipeError(token.at, `expected ${type === 'end' ? 'the end' : `"${type}"`}`);
}

function number(reader: Reader, maximum: number): number {
  const token = take(reader);
  if (token.type !== 'number') throw new RecipeError(token.at, 'expected a number');
  if (token.value > maximum) throw new RecipeError(token.at, `more than ${maximum}`);
  return token.value;
}

function expression(reader: Reader): RecipeNode {
  const { at } = peek(reader);
  reader.depth += 1;
  if (reader.depth > MAX_DEPTH) throw new RecipeError(at, `nested more than ${MAX_DEPTH} deep`);
  const first = term(reader);
  const parts = [first];
  while (peek(reader).type === '.') {
    take(reader);
    parts.push(term(reader));
  }
  reader.depth -= 1;
  return parts.length === 1 ? first : { op: 'join', parts, at, kind: joinedKind(parts) };
}

function term(reader: Reader): RecipeNode {
  const token = take(reader);
  if (token.type === 'string') return { op: 'literal', text: token.text, at: token.at, kind: 'text' };
  if (token.type !== 'name') throw new RecipeError(token.at, 'expected an input, a text or a function');
  if (peek(reader).type === '(') return call(reader, token.text, token.at);
  const name = INPUTS.find((input) => input === token.text);
  if (!name) throw new RecipeError(token.at, `"${token.text}" is no input`);
  return { op: 'input', name, at: token.at, kind: reader.kinds[name] };
}

function call(reader: Reader, name: string, at: number): RecipeNode {
  expect(reader, '(');
  const special = Object.hasOwn(SPECIAL, name) ? SPECIAL[name] : undefined;
  const node = special ? special(reader, at) : simple(name, at)(expression(reader), at);
  expect(reader, ')');
  return node;
}

/** Functions whose arguments are not one expression. */
const SPECIAL: Partial<Record<string, (reader: Reader, at: number) => RecipeNode>> = {
  hmac(reader, at) {
    const token = take(reader);
    const name = token.type === 'name' ? token.text : undefined;
    if (!isDigestName(name)) throw new RecipeError(token.at, 'expected the name of a digest');
    expect(reader, ',');
    const key = expression(reader);
    expect(reader, ',');
    return { op: 'hmac', name, key, of: expression(reader), at, kind: 'digest' };
  },

  cut(reader, at) {
    const of = characters(expression(reader));
    expect(reader, ',');
    const start = number(reader, MAX_PAD);
    expect(reader, ',');
    return { op: 'cut', of, start, length: number(reader, MAX_PAD), at, kind: textKind(of) };
  },

  pad(reader, at) {
    const of = expression(reader);
    expect(reader, ',');
    return { op: 'pad', of, length: number(reader, MAX_PAD), at, kind: 'bytes' };
  },

  iterate(reader, at) {
    const times = turns(reader);
    expect(reader, ',');
    const seed = expression(reader);
    expect(reader, ',');
    const step = expression(reader);
    if (step.kind !== 'digest') throw new RecipeError(step.at, 'the step of an iterate() must be a digest');
    return { op: 'iterate', times, seed, step, at, kind: 'digest' };
  },
};

function turns(reader: Reader): number | 'rounds' {
  const token = peek(reader);
  if (token.type !== 'name') return number(reader, MAX_TURNS);
  if (!reader.rounds || token.text !== 'rounds') throw new RecipeError(token.at, 'expected a number');
  take(reader);
  return 'rounds';
}

const isWritten = ({ kind }: RecipeNode): boolean => kind === 'written' || kind === 'digest';

function joinedKind(parts: readonly RecipeNode[]): Kind {
  if (parts.some(({ kind }) => kind === 'bytes')) return 'bytes';
  return parts.every(isWritten) ? 'written' : 'text';
}

function simple(name: string, position: number): Call {
  if (isDigestName(name)) return digestCall(name);
  const text = TEXT_STEPS.find((step) => step === name);
  if (text) return (of, at) => ({ op: 'text-step', step: text, of: characters(of), at, kind: textKind(of) });
  const charset = CHARSET_STEPS.find((step) => step === name);
  if (charset) return (of, at) => ({ op: 'charset', step: charset, of: characters(of), at, kind: 'bytes' });
  const bytes = BYTE_STEPS.find((step) => step === name);
  if (bytes === 'raw')
    return (of, at) => {
      if (of.kind !== 'digest') throw new RecipeError(of.at, 'raw() takes a digest');
      return { op: 'bytes', step: bytes, of, at, kind: 'bytes' };
    };
  // The hex of a password is still the password: `text`, not `written`.
  if (bytes) return (of, at) => ({ op: 'bytes', step: bytes, of, at, kind: isWritten(of) ? 'written' : 'text' });
  throw new RecipeError(position, `"${name}" is no function`);
}

const digestCall =
  (name: DigestName): Call =>
  (of, at) => ({ op: 'digest', name, of, at, kind: 'digest' });

const textKind = (of: RecipeNode): Kind => (of.kind === 'digest' ? 'written' : of.kind);

function characters(of: RecipeNode): RecipeNode {
  if (of.kind === 'bytes') throw new RecipeError(of.at, 'these are bytes; this function takes characters');
  return of;
}
