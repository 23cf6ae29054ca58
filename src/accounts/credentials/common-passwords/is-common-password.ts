import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

const NEWLINE = 0x0a;
let list: Buffer | undefined;

/**
 * Whether the whole password is one of the 100,000 that people choose most (A4), whatever its case. The list is read at
 * first use and kept as one sorted buffer: a set of as many strings would take ten times the memory. README.md beside
 * this file says where it comes from.
 */
export function isCommonPassword(password: string): boolean {
  list ??= gunzipSync(readFileSync(new URL('common-passwords.txt.gz', import.meta.url)));
  return contains(list, Buffer.from(password.normalize('NFKC').toLowerCase()));
}

/** Binary search over lines that are sorted by their bytes. */
function contains(lines: Buffer, wanted: Buffer): boolean {
  let low = 0;
  let high = lines.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const start = lines.lastIndexOf(NEWLINE, middle - 1) + 1;
    const end = lines.indexOf(NEWLINE, start);
    const order = Buffer.compare(lines.subarray(start, end), wanted);
    if (order === 0) return true;
    if (order < 0) low = end + 1;
    else high = start;
  }
  return false;
}
