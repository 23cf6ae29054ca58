import type { Problem } from '../../sources/definition.ts';
import type { RejectCode } from '../row-codes.ts';
import { type Line, MAX_LINE_BYTES } from './read-lines.ts';
import { type Columns, type FileLayout, type ReadRow, type RowReader, rowFields, unreadable } from './row-reader.ts';
import type { SplitResult } from './split-csv.ts';
import { createSplitter } from './split-escaped.ts';

const MAX_RECORD_LINES = 50;

const FAULTS = {
  open: 'unclosed_quote',
  'bad-quote': 'bad_quote',
  'bad-escape': 'bad_escape',
} as const satisfies Record<Extract<SplitResult, string>, RejectCode>;

export function createCsvReader(columns: Columns, file: FileLayout): RowReader {
  const { delimiter = ',', quote = '"', escape = 'doubled' } = file;
  const split = createSplitter({ delimiter, quote: quote === 'none' ? undefined : quote, escape });
  const shape = createShape(columns, file);
  let header: Line | undefined;
  let open: Line[] = [];

  const readHeader = (line: Line): void => {
    header = line;
    const names = line.text === undefined ? 'open' : split(line.text);
    shape.name(typeof names === 'string' ? undefined : names);
  };

  const toRow = (line: number, raw: string, values: readonly string[]): ReadRow => {
    const places = shape.places(values);
    if (!places) return { line, raw, reject: 'column_count' };
    return { line, raw, fields: rowFields(columns, (_column, index) => values[places[index] ?? -1] ?? '') };
  };

  /** The quote that was never closed costs its own line only: the lines after it are read afresh. */
  const giveUp = (): ReadRow[] => {
    const [first, ...rest] = open;
    open = [];
    if (!first) return [];
    return [{ line: first.number, raw: first.text, reject: 'unclosed_quote' }, ...rest.flatMap(readLine)];
  };

  const readLine = (line: Line): ReadRow[] => {
    if (line.text === undefined) return [...giveUp(), unreadable(line)];
    if (open.length === 0 && line.text.trim() === '') return [];
    const first = open[0] ?? line;
    const record = open.length === 0 ? line.text : [...open, line].map(({ text }) => text).join('\n');
    const values = split(record);
    if (values === 'open') {
      open.push(line);
      return open.length >= MAX_RECORD_LINES || record.length > MAX_LINE_BYTES ? giveUp() : [];
    }
    if (typeof values === 'string' && open.length > 0) return [...giveUp(), ...readLine(line)];
    open = [];
    if (typeof values === 'string') return [{ line: first.number, raw: record, reject: FAULTS[values] }];
    return [toRow(first.number, record, values)];
  };

  return {
    read(line) {
      if (header || file.header === false) return readLine(line);
      if (line.text === undefined || line.text.trim() !== '') readHeader(line);
      return [];
    },
    end() {
      if (!header && file.header !== false) shape.name([]);
      const rows: ReadRow[] = [];
      while (open.length > 0) rows.push(...giveUp());
      return rows;
    },
    refusal: shape.problems,
    head: () => (header?.text === undefined ? '' : `${header.text}\n`),
  };
}

/** How many fields a record has, and which of them are wanted. */
interface Shape {
  /** Undefined: the header cannot be read. */
  name(header: readonly string[] | undefined): void;
  /** Undefined: the record has not the number of fields that it should have. */
  places(values: readonly string[]): readonly number[] | undefined;
  readonly problems: () => readonly Problem[] | undefined;
}

function createShape(columns: Columns, file: FileLayout): Shape {
  const isNumbered = file.header === false;
  // A delimiter at the end of each line is one more field, always empty.
  const extra = file.trailingDelimiter === true ? 1 : 0;
  let places = isNumbered ? columns.map(({ name }) => Number(name) - 1) : [];
  let width: number | undefined;
  let problems: readonly Problem[] | undefined;
  return {
    name(names) {
      const header = names?.map((name) => name.trim()) ?? [];
      if (extra === 1 && header.at(-1) === '') header.pop();
      problems = names ? headerProblems(columns, header) : [unreadableHeader];
      width = header.length;
      places = columns.map(({ name }) => header.indexOf(name));
    },
    places(values) {
      if (width === undefined) {
        width = values.length - extra;
        problems = numberProblems(columns, width);
      }
      if (values.length !== width + extra) return undefined;
      return extra === 0 || values.at(-1) === '' ? places : undefined;
    },
    problems: () => problems,
  };
}

const unreadableHeader: Problem = {
  field: 'file',
  code: 'header_unreadable',
  message: 'The first line cannot be read as a header: `latchkey sources detect FILE` says what the file looks like.',
};

const fieldOf = ({ role }: Columns[number]): string =>
  typeof role === 'string' ? `file.columns.${role}` : `file.extras.${role.extra}`;

function headerProblems(columns: Columns, header: readonly string[]): readonly Problem[] | undefined {
  const problems = columns.flatMap((column): Problem[] => {
    const { name } = column;
    const count = header.filter((other) => other === name).length;
    if (count === 1) return [];
    const message = count === 0 ? `The header has no column "${name}".` : `The header has "${name}" ${count} times.`;
    return [{ field: fieldOf(column), code: count === 0 ? 'column_missing' : 'column_twice', message }];
  });
  return problems.length > 0 ? problems : undefined;
}

function numberProblems(columns: Columns, width: number): readonly Problem[] | undefined {
  const problems = columns
    .filter(({ name }) => Number(name) > width)
    .map((column): Problem => {
      const message = `There is no column ${column.name}: the first row has ${width}.`;
      return { field: fieldOf(column), code: 'column_missing', message };
    });
  return problems.length > 0 ? problems : undefined;
}
