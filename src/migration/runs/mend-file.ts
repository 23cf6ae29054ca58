import { type FileHandle, open } from 'node:fs/promises';
import { encodeText, fromWtf8 } from './reading/encodings.ts';
import type { Writing } from './reading/open-rows.ts';
import type { RawRow } from './reading/row-reader.ts';

export interface MendFile {
  /** Writes rows as they came. Answers the line that each begins at in this file. */
  write(rows: readonly RawRow[]): Promise<readonly number[]>;
  /** The path, when there was anything to write. */
  close(): Promise<string | undefined>;
}

/**
 * Rejected rows in the dialect and the encoding they came in, to be corrected and sent again. It holds what the export
 * holds, hashes included: readable by its owner only, and to be deleted with the export. Made at the first row.
 */
export function createMendFile(path: string | undefined, writingOf: () => Writing): MendFile {
  let file: FileHandle | undefined;
  let next = 1;
  const begin = async (at: string): Promise<FileHandle> => {
    const { hasMark, head } = writingOf();
    const opened = await open(at, 'w', 0o600);
    // A file that stood there before keeps its mode.
    await opened.chmod(0o600);
    await opened.write(bytesOf(`${hasMark ? '\ufeff' : ''}${head}`, writingOf()));
    next = 1 + lineEndsOf(head);
    return opened;
  };
  return {
    async write(rows) {
      if (path === undefined || rows.length === 0) return [];
      file ??= await begin(path);
      const writing = writingOf();
      const after = writing.isLdif ? '\n\n' : '\n';
      const lines = rows.map((row) => {
        const line = next;
        next += lineEndsOf(row) + after.length;
        return line;
      });
      const end = bytesOf(after, writing);
      await file.write(Buffer.concat(rows.flatMap((row) => [bytesOf(row, writing), end])));
      return lines;
    },
    async close() {
      const ended = file;
      file = undefined;
      await ended?.close();
      return ended && path;
    },
  };
}

const lineEndsOf = (row: RawRow): number => (typeof row === 'string' ? row.split('\n').length - 1 : 0);

function bytesOf(row: RawRow, { encoding, lineEnd }: Writing): Buffer {
  if (typeof row !== 'string') return encoding === 'utf-8' ? row : encodeText(fromWtf8(row), encoding);
  return encodeText(lineEnd === '\n' ? row : row.replaceAll('\n', lineEnd), encoding);
}
