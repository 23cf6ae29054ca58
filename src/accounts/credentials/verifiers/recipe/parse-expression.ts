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
export const MAX_TURNS = 100_000;
const MAX_PAD = 1024;

export interface ExpressionParser {
  whole(): RecipeNode;
}

type Call = (of: RecipeNode, at: number) => RecipeNode;

/** Recursive descent: expression = term { "." term }; term = name | text | call. */
export function createExpressionParser(
  tokens: readonly Token[],
  kinds: Readonly<Record<InputName, Kind>>,
  rounds: boolean,
): ExpressionParser {
  let next = 0;
  let depth = 0;

  const peek = (): Token => tokens[next] ?? { type: 'end', at: 0 };
  const take = (): Token => {
    const token = peek();
    next += 1;
    return token;
  };
  const expect = (type: Token['type']): Token => {
    const token = take();
    if (token.type !== type) throw new RecipeError(token.at, `expected ${type === 'end' ? 'the end' : `"${type}"`}`);
    return token;
  };
  const number = (maximum: number): number => {
    const token = take();
    if (token.type !== 'number') throw new RecipeError(token.at, 'expected a number');
    if (token.value > maximum) throw new RecipeError(token.at, `more than ${maximum}`);
    return token.value;
  };

  const expression = (): RecipeNode => {
    depth += 1;
    const { at } = peek();
    if (depth > MAX_DEPTH) throw new RecipeError(at, `nested more than ${MAX_DEPTH} deep`);
    const parts = [term()];
    while (peek().type === '.') {
      take();
      parts.push(term());
    }
    depth -= 1;
    const [only] = parts;
    if (only && parts.length === 1) return only;
    return { op: 'join', parts, at, kind: joinedKind(parts) };
  };

  const term = (): RecipeNode => {
    const token = take();
    if (token.type === 'string') return { op: 'literal', text: token.text, at: token.at, kind: 'text' };
    if (token.type !== 'name') throw new RecipeError(token.at, 'expected an input, a text or a function');
    if (peek().type === '(') return call(token.text, token.at);
    const name = INPUTS.find((input) => input === token.text);
    if (!name) throw new RecipeError(token.at, `"${token.text}" is no input`);
    return { op: 'input', name, at: token.at, kind: kinds[name] };
  };

  const call = (name: string, at: number): RecipeNode => {
    expect('(');
    const node = special(name, at) ?? simple(name, at)(expression(), at);
    expect(')');
    return node;
  };

  const special = (name: string, at: number): RecipeNode | undefined => {
    if (name === 'hmac') return hmac(at);
    if (name === 'cut') return cut(at);
    if (name === 'pad') return pad(at);
    return name === 'iterate' ? iterate(at) : undefined;
  };

  const hmac = (at: number): RecipeNode => {
    const token = take();
    const name = token.type === 'name' ? token.text : undefined;
    if (!isDigestName(name)) throw new RecipeError(token.at, 'expected the name of a digest');
    expect(',');
    const key = expression();
    expect(',');
    return { op: 'hmac', name, key, of: expression(), at, kind: 'digest' };
  };

  const cut = (at: number): RecipeNode => {
    const of = expression();
    expect(',');
    const start = number(MAX_PAD);
    expect(',');
    return { op: 'cut', of: characters(of), start, length: number(MAX_PAD), at, kind: textKind(of) };
  };

  const pad = (at: number): RecipeNode => {
    const of = expression();
    expect(',');
    return { op: 'pad', of, length: number(MAX_PAD), at, kind: 'bytes' };
  };

  const iterate = (at: number): RecipeNode => {
    const times = turns();
    expect(',');
    const seed = expression();
    expect(',');
    const step = expression();
    if (step.kind !== 'digest') throw new RecipeError(step.at, 'the step of an iterate() must be a digest');
    return { op: 'iterate', times, seed, step, at, kind: 'digest' };
  };

  const turns = (): number | 'rounds' => {
    const token = peek();
    if (token.type !== 'name') return number(MAX_TURNS);
    if (!rounds || token.text !== 'rounds') throw new RecipeError(token.at, 'expected a number');
    take();
    return 'rounds';
  };

  return {
    whole() {
      const root = expression();
      expect('end');
      return root;
    },
  };
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
