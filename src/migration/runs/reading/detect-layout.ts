import { isUtf8 } from 'node:buffer';
import type { Encoding } from '../../sources/encodings.ts';
import type { SourceColumn } from '../../sources/definition.ts';
import { detectDialect } from './detect-dialect.ts';
import { encodingOfMark, fromWtf8 } from './encodings.ts';
import { peek } from './peek.ts';
import { isGzip, plainBytes } from './plain-bytes.ts';
import type { FileLayout } from './row-reader.ts';
import { toUtf8 } from './to-utf8.ts';

export interface DetectedLayout {
  readonly isGzip: boolean;
  /** What a definition would say under `file`; `columns` as far as their names give them away. */
  readonly file: Omit<FileLayout, 'columns'> & { readonly columns: Partial<Record<SourceColumn, string | number>> };
  /** All that there are. */
  readonly columns: readonly (string | number)[];
  /** From 0 to 1. */
  readonly confidence: Readonly<Record<string, number>>;
}

const SAMPLE_BYTES = 1 << 20;
const SAMPLE_LINES = 500;

/** Says how a file is written, from its first mebibyte. Shows names of columns, and no value. */
export async function detectLayout(stream: AsyncIterable<Uint8Array>): Promise<DetectedLayout> {
  const packed = await peek(stream, 2);
  const { head } = await peek(plainBytes(packed.stream), SAMPLE_BYTES);
  const { encoding, sure } = detectEncoding(head);
  const lines = await linesOf(head, encoding);
  const shape = detectShape(lines);
  const columns = shape.columns.filter((name) => name !== '');
  return {
    isGzip: isGzip(packed.head),
    file: {
      format: shape.format,
      ...(encoding !== 'utf-8' && { encoding }),
      ...shape.layout,
      columns: rolesOf(columns),
    },
    columns,
    confidence: { encoding: sure, ...shape.confidence },
  };
}

function detectEncoding(head: Buffer): { readonly encoding: Encoding; readonly sure: number } {
  const marked = encodingOfMark(head);
  if (marked) return { encoding: marked, sure: 1 };
  const nuls = { even: 0, odd: 0 };
  for (const [at, byte] of head.entries()) if (byte === 0) nuls[at % 2 === 0 ? 'even' : 'odd'] += 1;
  if (nuls.odd * 4 > head.length) return { encoding: 'utf-16le', sure: 0.9 };
  if (nuls.even * 4 > head.length) return { encoding: 'utf-16be', sure: 0.9 };
  // The sample may end within a character.
  const whole = head.subarray(0, head.lastIndexOf(0x0a) + 1 || head.length);
  if (!isUtf8(whole))
    return { encoding: 'windows-1252', sure: whole.some((byte) => byte >= 0x80 && byte < 0xa0) ? 0.9 : 0.7 };
  return { encoding: 'utf-8', sure: whole.some((byte) => byte >= 0x80) ? 0.99 : 0.9 };
}

async function linesOf(head: Buffer, encoding: Encoding): Promise<readonly string[]> {
  const pieces: Buffer[] = [];
  for await (const piece of toUtf8(once(head), encoding)) pieces.push(piece);
  const lines = fromWtf8(Buffer.concat(pieces))
    .replace(/^\ufeff/, '')
    .split(/\r?\n/);
  // The last one may have been cut.
  const complete = head.length >= SAMPLE_BYTES ? lines.slice(0, -1) : lines;
  return complete.filter((line) => line.trim() !== '').slice(0, SAMPLE_LINES);
}

async function* once(head: Buffer): AsyncGenerator<Buffer> {
  yield await Promise.resolve(head);
}

interface Shape {
  readonly format: FileLayout['format'];
  readonly layout: Partial<FileLayout>;
  readonly columns: readonly (string | number)[];
  readonly confidence: Readonly<Record<string, number>>;
}

function detectShape(lines: readonly string[]): Shape {
  const statement = lines.find((line) => !line.startsWith('#')) ?? '';
  if (/^(?:version:\s*\d|dn::?\s)/i.test(statement))
    return { format: 'ldif', layout: {}, columns: attributesOf(lines), confidence: { format: 0.99 } };
  const objects = lines.slice(0, 50).map(keysOf);
  const read = objects.filter((keys) => keys !== undefined);
  if (lines[0]?.trimStart().startsWith('{') && read.length > 0) {
    const columns = [...new Set(read.flat())];
    return { format: 'ndjson', layout: {}, columns, confidence: { format: read.length / objects.length } };
  }
  const { layout, columns, confidence } = detectDialect(lines);
  return { format: 'csv', layout, columns, confidence: { format: confidence.dialect, ...confidence } };
}

const attributesOf = (lines: readonly string[]): readonly string[] => [
  ...new Set(lines.flatMap((line) => /^([a-z][a-z0-9;-]*):/i.exec(line)?.[1] ?? [])).difference(new Set(['version'])),
];

function keysOf(line: string): readonly string[] | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.keys(value) : undefined;
  } catch {
    return undefined;
  }
}

/** In this order: what one has taken, the next does not get. */
const ROLES: readonly (readonly [SourceColumn, RegExp])[] = [
  ['hash', /^(?:user_?password|.*(?:pw|pass(?:word|wd)?)[_ -]?(?:hash|digest)|(?:pw|pass(?:word|wd)?)|.*_?hash)$/i],
  ['salt', /salt/i],
  ['email', /e-?mail|^mail$/i],
  ['login', /^(?:login|log_?on|user_?name|user_?id|uid|samaccountname|account_?name)/i],
  ['id', /^(?:id|entryuuid|(?:.*[_ -])?(?:id|number|no|nr|ref|key))$/i],
  ['id', /^dn$/i],
  ['birthDate', /birth|^dob$/i],
  ['postcode', /post_?code|^zip/i],
  ['phone', /phone|mobile|^tel/i],
  ['created', /^(?:created|create_?time|registered)/i],
  ['status', /^(?:status|state|active|enabled)$/i],
  ['name', /^(?:cn|displayname|full_?name|name|.*_?name)$/i],
];

function rolesOf(columns: readonly (string | number)[]): Partial<Record<SourceColumn, string | number>> {
  const roles: Partial<Record<SourceColumn, string | number>> = {};
  const free = new Set(columns);
  for (const [role, pattern] of ROLES) {
    const found = [...free].find((name) => typeof name === 'string' && pattern.test(name));
    if (found === undefined || roles[role] !== undefined) continue;
    roles[role] = found;
    free.delete(found);
  }
  return roles;
}
