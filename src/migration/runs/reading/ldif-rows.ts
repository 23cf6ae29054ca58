import type { RejectCode } from '../row-codes.ts';
import { type Line, MAX_LINE_BYTES } from './read-lines.ts';
import { type Columns, type ReadRow, type RowReader, rowFields, unreadable } from './row-reader.ts';

/** Only these may have several values, of which the first is taken: for the others nobody knows which one counts. */
const MAY_REPEAT: ReadonlySet<unknown> = new Set(['email', 'phone', 'name', 'postcode']);

interface Entry {
  readonly line: number;
  readonly values: Map<string, string[]>;
  /** What of the entry is wanted, as it came: photographs and the like are not kept. */
  kept: string[];
  size: number;
  reject?: RejectCode | undefined;
}

/**
 * Entries of LDIF content records. Folded lines, comments and base64 as RFC 2849 has them; a change record or a value by
 * URL is rejected: an export says what is, and an import fetches nothing.
 */
export function createLdifReader(columns: Columns): RowReader {
  const wanted = new Set(['dn', ...columns.map(({ name }) => name.toLowerCase())]);
  let entry: Entry | undefined;
  /** The line that may yet be continued. */
  let logical: { readonly line: number; readonly parts: string[]; readonly isWanted: boolean } | undefined;

  const isWanted = (text: string): boolean => wanted.has(attributeName(text) ?? '');

  const takeLogical = (): void => {
    if (!logical) return;
    const { line, parts } = logical;
    const text = parts.map((part, at) => (at === 0 ? part : part.slice(1))).join('');
    logical = undefined;
    if (text.startsWith('#') || (!entry && VERSION.test(text))) return;
    entry ??= { line, values: new Map(), kept: [], size: 0 };
    if (isWanted(text)) keep(entry, parts);
    if (!entry.reject) entry.reject = takeAttribute(entry, text, wanted);
  };

  const endEntry = (fault?: Line): ReadRow[] => {
    takeLogical();
    const ended = entry;
    entry = undefined;
    if (!ended) return fault ? [unreadable(fault)] : [];
    const raw = ended.kept.join('\n');
    const isWhole = !fault && ended.size <= MAX_LINE_BYTES;
    const reject = fault ? ruined(fault) : ended.reject;
    if (reject) return [{ line: ended.line, raw: isWhole ? raw : undefined, reject }];
    return [toRow(ended, raw, columns)];
  };

  const begin = (line: Line, text: string): void => {
    takeLogical();
    // What nobody asked for may be as long as it likes. A name may go on in the next line.
    const mayBeWanted = attributeName(text) === undefined || isWanted(text);
    logical = { line: line.number, parts: [mayBeWanted ? text : text.slice(0, MAX_NAME)], isWanted: mayBeWanted };
  };

  return {
    read(line) {
      const { text } = line;
      if (text === undefined) return skipTo(line);
      if (text.trim() === '') return endEntry();
      if (!text.startsWith(' ')) begin(line, text);
      else if (!logical) begin(line, text);
      else if (logical.isWanted && entrySize(logical.parts) <= MAX_LINE_BYTES) logical.parts.push(text);
      return [];
    },
    end: () => endEntry(),
    refusal: () => undefined,
    head: () => 'version: 1\n\n',
  };

  /** A line that cannot be read costs its entry, or nothing when it is of an attribute that nobody wants. */
  function skipTo(line: Line): ReadRow[] {
    if (line.fault === 'damaged' || line.fault === 'too-large') return endEntry(line);
    takeLogical();
    entry ??= { line: line.number, values: new Map(), kept: [], size: 0 };
    const start = line.start ?? line.bytes?.toString('latin1') ?? '';
    if (attributeName(start) !== undefined && !isWanted(start)) return [];
    entry.reject ??= ruined(line);
    entry.size = Infinity;
    return [];
  }
}

const VERSION = /^version:\s*\d+\s*$/i;
const MAX_NAME = 256;
const ATTRIBUTE = /^([a-z][a-z0-9-]*(?:;[a-z0-9-]+)*|\d+(?:\.\d+)+):/i;
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

const attributeName = (text: string): string | undefined => ATTRIBUTE.exec(text)?.[1]?.toLowerCase();
const entrySize = (parts: readonly string[]): number => parts.reduce((sum, part) => sum + part.length, 0);
const ruined = (line: Line): RejectCode => {
  const row = unreadable(line);
  return 'reject' in row ? row.reject : 'bad_ldif';
};

function keep(entry: Entry, parts: readonly string[]): void {
  entry.size += entrySize(parts);
  if (entry.size > MAX_LINE_BYTES) entry.reject ??= 'line_too_long';
  else entry.kept.push(...parts);
}

function takeAttribute(entry: Entry, text: string, wanted: ReadonlySet<string>): RejectCode | undefined {
  const name = attributeName(text);
  if (name === undefined) return 'bad_ldif';
  if (name === 'changetype') return 'ldif_change';
  // Entries that no blank line parts, or one without its name.
  if (entry.values.has('dn') === (name === 'dn')) return 'bad_ldif';
  if (!wanted.has(name)) return undefined;
  const value = readValue(text.slice(name.length + 1));
  if ('reject' in value) return value.reject;
  const values = entry.values.get(name);
  if (values) values.push(value.text);
  else entry.values.set(name, [value.text]);
  return undefined;
}

/** What stands after the name and its colon: `: base64`, `< url` or the value itself. */
function readValue(written: string): { readonly text: string } | { readonly reject: RejectCode } {
  if (written.startsWith('<')) return { reject: 'ldif_url' };
  if (!written.startsWith(':')) return { text: written.replace(/^ +/, '') };
  const base64 = written.slice(1).trim();
  if (!BASE64.test(base64) || base64.length % 4 !== 0) return { reject: 'bad_ldif' };
  const bytes = Buffer.from(base64, 'base64');
  const text = bytes.toString('utf8');
  return Buffer.from(text).equals(bytes) ? { text } : { reject: 'bad_utf8' };
}

function toRow({ line, values }: Entry, raw: string, columns: Columns): ReadRow {
  const repeated = columns.filter(({ name }) => (values.get(name.toLowerCase())?.length ?? 0) > 1);
  if (repeated.some(({ role }) => !MAY_REPEAT.has(role))) return { line, raw, reject: 'several_values' };
  const fields = rowFields(columns, ({ name }) => values.get(name.toLowerCase())?.[0] ?? '');
  return { line, raw, fields: repeated.length > 0 ? { ...fields, hadSeveral: true } : fields };
}
