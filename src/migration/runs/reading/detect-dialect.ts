import type { FileLayout } from './row-reader.ts';
import { type Dialect, createSplitter } from './split-escaped.ts';

export type CsvLayout = Pick<FileLayout, 'delimiter' | 'quote' | 'escape' | 'header' | 'trailingDelimiter'>;

export interface DetectedDialect {
  readonly layout: CsvLayout;
  /** As the header has them, or numbers. */
  readonly columns: readonly (string | number)[];
  readonly confidence: { readonly dialect: number; readonly header: number };
}

const DELIMITERS = [',', ';', '\t', '|'] as const;
const QUOTES = ['"', 'none', "'"] as const;
const ESCAPES = ['doubled', 'backslash'] as const;

type Known = Required<Pick<CsvLayout, 'delimiter' | 'quote' | 'escape'>>;
type Candidate = Known & { readonly score: number; readonly share: number; readonly records: readonly string[][] };

/** The dialect in which most lines of a sample are records of one width. Of equals, the plainest. */
export function detectDialect(lines: readonly string[]): DetectedDialect {
  const candidates = QUOTES.flatMap((quote) =>
    ESCAPES.flatMap((escape) => DELIMITERS.map((delimiter) => judge(lines, { delimiter, quote, escape }))),
  );
  const best = candidates.reduce((one, other) => (other.score > one.score ? other : one));
  const { records, share } = best;
  const [first = [], ...rest] = records;
  const width = widthOf(rest.length > 0 ? rest : records);
  const header = headerConfidence(first, rest);
  const isHeader = header >= 0.5;
  return {
    layout: {
      ...unusual(best),
      ...(!isHeader && { header: false }),
      ...(hasTrailing(width, first, rest) && { trailingDelimiter: true }),
    },
    columns: isHeader ? first.map((name) => name.trim()) : first.map((_value, at) => at + 1),
    confidence: { dialect: width > 1 ? share : 0.3, header: isHeader ? header : 1 - header },
  };
}

/** What a definition has to say, because it is not what is taken otherwise. */
const unusual = ({ delimiter, quote, escape }: Known): CsvLayout => ({
  ...(delimiter !== ',' && { delimiter }),
  ...(quote !== '"' && { quote }),
  ...(escape !== 'doubled' && { escape }),
});

/** Where the header has it too, it is a column without a name, and nothing has to be said. */
const hasTrailing = (width: number, first: readonly string[], rest: readonly (readonly string[])[]): boolean =>
  width > 1 && rest.length > 0 && first.length < width && rest.every((record) => record.at(-1) === '');

function judge(lines: readonly string[], known: Known): Candidate {
  const { delimiter, quote, escape } = known;
  const dialect = { delimiter, quote: quote === 'none' ? undefined : quote, escape };
  const { records, faults } = recordsOf(lines, dialect);
  const width = widthOf(records);
  const share =
    records.filter(({ length }) => length === width || length === width - 1).length / (records.length + faults || 1);
  const evidence = evidenceOf(lines, known);
  return { ...known, records, share, score: share + 0.2 * evidence + 0.02 * Math.min(width, 10) };
}

const MAX_OPEN = 50;

function recordsOf(lines: readonly string[], dialect: Dialect): { records: string[][]; faults: number } {
  const split = createSplitter(dialect);
  const records: string[][] = [];
  let faults = 0;
  let open: string[] = [];
  for (const line of lines) {
    open.push(line);
    const values = split(open.join('\n'));
    if (values === 'open' && open.length < MAX_OPEN) continue;
    if (typeof values === 'string') faults += open.length;
    else records.push([...values]);
    open = [];
  }
  return { records, faults: faults + open.length };
}

function widthOf(records: readonly (readonly string[])[]): number {
  const widths = Map.groupBy(records, ({ length }) => length);
  return [...widths].reduce((best, one) => (one[1].length > best[1].length ? one : best), [
    0,
    [] as never[],
  ] as const)[0];
}

/** The share of lines that show what is particular to a dialect: a field that begins with its quote, a lone \N. */
function evidenceOf(lines: readonly string[], { delimiter, quote, escape }: Known): number {
  const begins =
    quote === 'none' ? undefined : (line: string) => line.startsWith(quote) || line.includes(delimiter + quote);
  const escapes =
    escape === 'doubled'
      ? undefined
      : (line: string) => NULLS.test(line) || (quote !== 'none' && line.includes(`\\${quote}`));
  const shows =
    lines.filter((line) => begins?.(line) === true).length + lines.filter((line) => escapes?.(line) === true).length;
  return Math.min(1, shows / (lines.length || 1));
}

const NULLS = /(?:^|[,;\t|])\\N(?:$|[,;\t|])/;
const WORDS =
  /^(?:.*[_ -])?(?:id|uid|no|nr|number|key|ref|login|user(?:name)?|logon|e?mail|pw|pass(?:word)?|hash|salt|name|surname|status|state|phone|tel|mobile|birth(?:date)?|dob|postcode|zip|created)(?:[_ -].*)?$/i;
const DATA = /@|^\d+$|^\d{4}-\d{2}-\d{2}|^.{41,}$|^\$|^\{/;

function headerConfidence(first: readonly string[], rest: readonly (readonly string[])[]): number {
  const names = first.map((name) => name.trim());
  const isNamed =
    names.every((name, at) => name !== '' || at === names.length - 1) && new Set(names).size === names.length;
  if (!isNamed || names.some((name) => DATA.test(name))) return 0.05;
  if (names.some((name) => WORDS.test(name))) return 0.97;
  const differs = rest.some((record) => record.some((value) => DATA.test(value)));
  return differs ? 0.75 : 0.5;
}
