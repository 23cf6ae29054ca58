import { type SplitResult, splitCsv } from './split-csv.ts';

export interface Dialect {
  readonly delimiter: string;
  /** Undefined: no field is quoted. */
  readonly quote: string | undefined;
  readonly escape: 'doubled' | 'backslash';
}

/** How the records of a dialect are split. */
export function createSplitter({ delimiter, quote, escape }: Dialect): (record: string) => SplitResult {
  const plain = (record: string): SplitResult =>
    quote === undefined ? record.split(delimiter) : splitCsv(record, delimiter, quote);
  if (escape === 'doubled') return plain;
  return (record) => (record.includes('\\') ? splitEscaped(record, delimiter, quote) : plain(record));
}

/** What MySQL, PostgreSQL and PHP write after a backslash. Anything else is reported, not guessed at. */
const MEANT: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', 0: '\0', '\n': '\n', '\\': '\\' };

type Cut = { readonly value: string; readonly end: number } | 'open' | 'bad-quote' | 'bad-escape';

function splitEscaped(record: string, delimiter: string, quote: string | undefined): SplitResult {
  const fields: string[] = [];
  let position = 0;
  for (;;) {
    const isQuoted = quote !== undefined && record[position] === quote;
    const field = isQuoted
      ? cutQuoted(record, position + 1, { delimiter, quote })
      : cutPlain(record, position, { delimiter, quote });
    if (typeof field === 'string') return field;
    fields.push(field.value);
    if (field.end === record.length) return fields;
    if (record[field.end] !== delimiter) return 'bad-quote';
    position = field.end + 1;
  }
}

interface Marks {
  readonly delimiter: string;
  readonly quote: string | undefined;
}

function cutPlain(record: string, start: number, marks: Marks): Cut {
  let value = '';
  // \N, alone, is how databases write that there is nothing.
  const afterNull = record[start + 2];
  const isNull = record.startsWith('\\N', start) && (afterNull === undefined || afterNull === marks.delimiter);
  let at = isNull ? start + 2 : start;
  for (;;) {
    const character = record[at];
    if (character === undefined || character === marks.delimiter) break;
    if (character === marks.quote) return 'bad-quote';
    const next = readCharacter(record, at, marks);
    if (typeof next === 'string') return next;
    value += next.value;
    at = next.end;
  }
  return { value, end: at };
}

function cutQuoted(record: string, start: number, marks: Marks): Cut {
  let value = '';
  let at = start;
  for (;;) {
    const character = record[at];
    if (character === undefined) return 'open';
    const isQuote = character === marks.quote;
    if (isQuote && record[at + 1] !== marks.quote) return { value, end: at + 1 };
    const next = isQuote ? { value: character, end: at + 2 } : readCharacter(record, at, marks);
    if (typeof next === 'string') return next;
    value += next.value;
    at = next.end;
  }
}

function readCharacter(record: string, at: number, { delimiter, quote }: Marks): Cut {
  const character = record[at] ?? '';
  if (character !== '\\') return { value: character, end: at + 1 };
  const next = record[at + 1];
  if (next === undefined) return 'open';
  const meant = next === delimiter || next === quote ? next : MEANT[next];
  return meant === undefined ? 'bad-escape' : { value: meant, end: at + 2 };
}
