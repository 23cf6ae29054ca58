import type { Problem, SourceColumn, SourceDefinition } from '../../sources/definition.ts';
import type { RejectCode } from '../row-codes.ts';
import type { Line } from './read-lines.ts';

export type FileLayout = SourceDefinition['file'];

/** One row as it stood in the file; a column that the source does not have is undefined. */
export type RowFields = { readonly [C in SourceColumn]?: string | undefined } & {
  /** By the names of `file.extras`. */
  readonly extras?: Readonly<Record<string, string>> | undefined;
  /** A column had several values, and the first was taken. */
  readonly hadSeveral?: true | undefined;
};

/** A row as it came, without its last line end: text, or bytes where it is not valid in its encoding. */
export type RawRow = string | Buffer;

export type ReadRow =
  | { readonly line: number; readonly raw: RawRow; readonly fields: RowFields }
  /** `raw` is undefined where there is nothing that could be corrected. */
  | { readonly line: number; readonly raw?: RawRow | undefined; readonly reject: RejectCode };

/** Takes lines, gives rows. `refusal` is set when the header shows that nothing of the file can be read. */
export interface RowReader {
  read(line: Line): readonly ReadRow[];
  end(): readonly ReadRow[];
  readonly refusal: () => readonly Problem[] | undefined;
  /** What has to stand before rows for them to be a file of their own. */
  head(): string;
}

/** What is wanted of a row: a role or the name of an extra, and the column that holds it. */
export interface Wanted {
  readonly role: SourceColumn | { readonly extra: string };
  readonly name: string;
}
export type Columns = readonly Wanted[];

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
  'created',
  'status',
  'subject',
] as const satisfies readonly SourceColumn[];

export function namedColumns({ columns, extras = {} }: Pick<FileLayout, 'columns' | 'extras'>): Columns {
  const roles = ROLES.flatMap((role): Wanted[] => {
    const name = columns[role];
    return name === undefined ? [] : [{ role, name: `${name}` }];
  });
  return [...roles, ...Object.entries(extras).map(([extra, name]): Wanted => ({ role: { extra }, name: `${name}` }))];
}

export function rowFields(columns: Columns, valueOf: (column: Wanted, index: number) => string): RowFields {
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

const FAULTS = {
  'bad-encoding': 'bad_utf8',
  'line-too-long': 'line_too_long',
  damaged: 'file_damaged',
  'too-large': 'file_too_large',
} as const satisfies Record<NonNullable<Line['fault']>, RejectCode>;

export const unreadable = ({ number, bytes, fault = 'bad-encoding' }: Line): ReadRow => ({
  line: number,
  raw: bytes,
  reject: FAULTS[fault],
});
