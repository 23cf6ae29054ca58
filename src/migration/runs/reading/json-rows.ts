import type { RejectCode } from '../row-codes.ts';
import { type Columns, type RowFields, type RowReader, rowFields, unreadable } from './row-reader.ts';

const KEY = /"(?:[^"\\]|\\.)*"(\s*:)?/g;

/** One JSON object a line. */
export function createJsonReader(columns: Columns): RowReader {
  return {
    read(line) {
      if (line.text === undefined) return [unreadable(line)];
      if (line.text.trim() === '') return [];
      const row = { line: line.number, raw: line.text };
      const fields = readObject(line.text, columns);
      return [typeof fields === 'string' ? { ...row, reject: fields } : { ...row, fields }];
    },
    end: () => [],
    refusal: () => undefined,
    head: () => '',
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
