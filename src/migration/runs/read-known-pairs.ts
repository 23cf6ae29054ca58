import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import type { Problem } from '../sources/definition.ts';
import { splitCsv } from './reading/split-csv.ts';

const Pair = Type.Object({
  login: Type.String({ minLength: 1, maxLength: 255 }),
  password: Type.String({ minLength: 1, maxLength: 1024 }),
});

/** A login and the password that its owner says it has in the old system. Never logged, never stored. */
export type LoginAndPassword = Readonly<Static<typeof Pair>>;

/** More prove nothing more. */
const MAX_PAIRS = 100;

/**
 * Reads pairs as NDJSON (`{"login":…,"password":…}`) or CSV with the header `login,password`. A password is taken as it
 * stands, blanks and all. What is wrong is told by line, never by what stands there.
 */
export function readKnownPairs(
  text: string,
): { readonly pairs: readonly LoginAndPassword[] } | { readonly problems: readonly Problem[] } {
  const lines = text
    .replace(/^\ufeff/, '')
    .split(/\r?\n/)
    .map((line, index) => ({ line, number: index + 1 }))
    .filter(({ line }) => line.trim() !== '');
  const isJson = lines[0]?.line.trimStart().startsWith('{') === true;
  if (!isJson && lines[0] && lines[0].line.trim() !== 'login,password')
    return problem('The first line must be the header login,password, or the file one JSON object a line.');
  const rows = isJson ? lines : lines.slice(1);
  const pairs: LoginAndPassword[] = [];
  for (const { line, number } of rows) {
    const pair = isJson ? parseObject(line) : parseRecord(line);
    if (!Value.Check(Pair, pair)) return problem(`Line ${number} is no pair of a login and a password.`);
    pairs.push({ login: pair.login, password: pair.password });
  }
  return pairs.length > MAX_PAIRS ? problem(`More than ${MAX_PAIRS} pairs: fewer are enough.`) : { pairs };
}

const problem = (message: string) => ({ problems: [{ field: 'known pairs', code: 'known_pairs_file', message }] });

function parseObject(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function parseRecord(line: string): unknown {
  const values = splitCsv(line, ',');
  if (typeof values === 'string' || values.length !== 2) return undefined;
  const [login, password] = values;
  return { login, password };
}
