import type { Problem, SourceColumn, SourceDefinition } from '../sources/definition.ts';
import { type Line, MAX_LINE_BYTES } from './read-lines.ts';
import type { RejectCode } from './row-codes.ts';
import { splitCsv } from './split-csv.ts';

/** One row as it stood in the file; a column that the source does not have is undefined. */
export type RowFields = { readonly [C in SourceColumn]?: string | undefined } & {
  /** By the names of `file.extras`. */
  readonly extras?: Readonly<Record<string, string>> | undefined;
};
export type ReadRow =
  | { readonly line: number; readonly fields: RowFields }
  | { readonly line: number; readonly reject: RejectCode };

/** Takes lines, gives rows. `refusal` is set when the header shows that nothing of the file can be read. */
export interface RowReader {
  read(line: Line): readonly ReadRow[];
  end(): readonly ReadRow[];
  refusal(): readonly Problem[] | undefined;
}

/** What is wanted of a row: a role or the name of an extra, and the column that holds it. */
interface Wanted {
  readonly role: SourceColumn | { readonly extra: string };
  readonly name: string;
}
type Columns = readonly Wanted[];

export function createRowReader(file: SourceDefinition['file']): RowReader {
  const columns = namedColumns(file);
  return file.format === 'csv' ? csvReader(columns, file.delimiter ?? ',') : jsonReader(columns);
}

const ROLES = [
  'id',
  'login',
  'hash',
  'salt',
  'user',
  'realm',
  'iterations',
  'email',
  'phone',
  'name',
  'birthDate',
  'postcode',
  'status',
  'subject',
] as const satisfies readonly SourceColumn[];

function namedColumns({ columns, extras = {} }: SourceDefinition['file']): Columns {
  const roles = ROLES.flatMap((role): Wanted[] => {
    const name = columns[role];
    return name === undefined ? [] : [{ role, name }];
  });
  return [...roles, ...Object.entries(extras).map(([extra, name]): Wanted => ({ role: { extra }, name }))];
}

function rowFields(columns: Columns, valueOf: (column: Wanted, index: number) => string): RowFields {
  const fields: { [C in SourceColumn]?: string } = {};
  let extras: Record<string, string> | undefined;
  for (const [index, column] of columns.entries()) {
    const { role } = column;
    const value = valueOf(column, index);
    if (typeof role === 'string') fields[role] = value;
    else if (value !== '') extras = { ...extras, [role.extra]: value };
  }
  return extras ? { ...fields, extras } : fields;
}

const unreadable = (line: Line): ReadRow => ({
  line: line.number,
  reject: line.fault === 'bad-utf8' ? 'bad_utf8' : 'line_too_long',
});

// ── CSV ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

const MAX_RECORD_LINES = 50;

function csvReader(columns: Columns, delimiter: string): RowReader {
  let places: readonly number[] | undefined;
  let width = 0;
  let problems: readonly Problem[] | undefined;
  let open: Line[] = [];

  const readHeader = (line: Line): void => {
    const names = line.text === undefined ? 'bad-quote' : splitCsv(line.text, delimiter);
    const header = typeof names === 'string' ? [] : names.map((name) => name.trim());
    problems = headerProblems(columns, header);
    width = header.length;
    places = columns.map(({ name }) => header.indexOf(name));
  };

  const toRow = (number: number, values: readonly string[]): ReadRow => {
    if (values.length !== width) return { line: number, reject: 'column_count' };
    return { line: number, fields: rowFields(columns, (_column, index) => values[places?.[index] ?? -1] ?? '') };
  };

  /** The quote that was never closed costs its own line only: the lines after it are read afresh. */
  const giveUp = (): ReadRow[] => {
    const [first, ...rest] = open;
    open = [];
    return first ? [{ line: first.number, reject: 'unclosed_quote' }, ...rest.flatMap((line) => readLine(line))] : [];
  };

  const readLine = (line: Line): ReadRow[] => {
    if (line.text === undefined) return [...giveUp(), unreadable(line)];
    if (open.length === 0 && line.text.trim() === '') return [];
    const first = open[0] ?? line;
    const record = open.length === 0 ? line.text : [...open, line].map(({ text }) => text).join('\n');
    const values = splitCsv(record, delimiter);
    if (values === 'open') {
      open.push(line);
      return open.length >= MAX_RECORD_LINES || record.length > MAX_LINE_BYTES ? giveUp() : [];
    }
    if (values === 'bad-quote' && open.length > 0) return [...giveUp(), ...readLine(line)];
    open = [];
    return [values === 'bad-quote' ? { line: first.number, reject: 'bad_quote' } : toRow(first.number, values)];
  };

  return {
    read(line) {
      if (places) return readLine(line);
      if (line.text === undefined || line.text.trim() !== '') readHeader(line);
      return [];
    },
    end() {
      if (!places) problems = headerProblems(columns, []);
      const rows: ReadRow[] = [];
      while (open.length > 0) rows.push(...giveUp());
      return rows;
    },
    refusal: () => problems,
  };
}

function headerProblems(columns: Columns, header: readonly string[]): readonly Problem[] | undefined {
  const problems = columns.flatMap(({ role, name }): Problem[] => {
    const count = header.filter((other) => other === name).length;
    if (count === 1) return [];
    const message = count === 0 ? `The header has no column "${name}".` : `The header has "${name}" ${count} times.`;
    const field = typeof role === 'string' ? `file.columns.${role}` : `file.extras.${role.extra}`;
    return [{ field, code: count === 0 ? 'column_missing' : 'column_twice', message }];
  });
  return problems.length > 0 ? problems : undefined;
}

// ── NDJSON ───────────────────────────────────────────────────────────────────────────────────────────────────────────

const KEY = /"(?:[^"\\]|\\.)*"(\s*:)?/g;

function jsonReader(columns: Columns): RowReader {
  return {
    read(line) {
      if (line.text === undefined) return [unreadable(line)];
      if (line.text.trim() === '') return [];
      const fields = readObject(line.text, columns);
      return [typeof fields === 'string' ? { line: line.number, reject: fields } : { line: line.number, fields }];
    },
    end: () => [],
    refusal: () => undefined,
  };
}

function readObject(text: string, columns: Columns): RowFields | RejectCode {
  const object = parseObject(text);
  if (!object) return 'bad_json';
  let keys = 0;
  for (const value of object.values()) {
    keys += 1;
    if (typeof value === 'object' && value !== null) return 'nested_value';
  }
  // JSON.parse keeps the last of two equal keys and says nothing; which one the old system meant nobody knows.
  if ([...text.matchAll(KEY)].filter(([, colon]) => colon !== undefined).length !== keys) return 'duplicate_key';
  return rowFields(columns, ({ name }) => asText(object.get(name)));
}

function parseObject(text: string): Map<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    return new Map(Object.entries(value));
  } catch {
    return undefined;
  }
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : typeof value === 'number' || typeof value === 'boolean' ? `${value}` : '';
}
