import type { RecipeProblem } from './recipe-node.ts';

export type Token = { readonly at: number } & (
  | { readonly type: 'name'; readonly text: string }
  | { readonly type: 'number'; readonly value: number }
  | { readonly type: 'string'; readonly text: string }
  | { readonly type: '(' | ')' | ',' | '.' | 'end' }
);

/** Thrown inside the parser only. */
export class RecipeError extends Error {
  readonly position: number;
  constructor(position: number, message: string) {
    super(message);
    this.position = position;
  }
  get problem(): RecipeProblem {
    return { position: this.position, message: this.message };
  }
}

const NAME = /[A-Za-z][A-Za-z0-9]*/y;
const NUMBER = /\d+/y;
const STRING = /"((?:[^"\\\n]|\\(?:["\\nrt0]|x[0-9a-fA-F]{2}))*)"/y;
const PUNCTUATION = /[().,]/y;

export function readTokens(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    if (text[at] === ' ') {
      at += 1;
      continue;
    }
    const [token, end] = readToken(text, at);
    tokens.push(token);
    at = end;
  }
  tokens.push({ type: 'end', at });
  return tokens;
}

function readToken(text: string, at: number): [token: Token, end: number] {
  const take = (form: RegExp): RegExpExecArray | null => {
    form.lastIndex = at;
    return form.exec(text);
  };
  const name = take(NAME);
  if (name) return [{ type: 'name', text: name[0], at }, at + name[0].length];
  const number = take(NUMBER);
  if (number) return [{ type: 'number', value: numberOf(number[0], at), at }, at + number[0].length];
  const literal = take(STRING);
  if (literal) return [{ type: 'string', text: unescape(literal[1] ?? ''), at }, at + literal[0].length];
  const mark = take(PUNCTUATION)?.[0];
  if (mark === '(' || mark === ')' || mark === ',' || mark === '.') return [{ type: mark, at }, at + 1];
  throw new RecipeError(at, text[at] === '"' ? 'a text without its end' : 'an unexpected character');
}

function numberOf(digits: string, at: number): number {
  if (digits.length > 7) throw new RecipeError(at, 'a number with too many digits');
  return Number(digits);
}

const ESCAPES: Record<string, string> = { n: '\n', r: '\r', t: '\t', '0': '\0', '"': '"', '\\': '\\' };

const unescape = (text: string): string =>
  text.replace(/\\(x[0-9a-fA-F]{2}|.)/g, (_, code: string) =>
    code.startsWith('x') ? String.fromCharCode(parseInt(code.slice(1), 16)) : (ESCAPES[code] ?? ''),
  );
