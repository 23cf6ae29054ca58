import { type FileHandle, open } from 'node:fs/promises';
import { type RejectCode, rejectMessages } from './row-codes.ts';

export interface Reject {
  readonly line: number;
  readonly code: RejectCode;
  readonly id?: string | undefined;
}

export interface RejectsFile {
  write(rejects: readonly Reject[]): Promise<void>;
  /** The path, when there was anything to write. */
  close(): Promise<string | undefined>;
}

const HEADER = 'line,code,message,id\r\n';

/** Rejected rows as CSV, readable by its owner only. It never holds a hash. Made at the first reject. */
export function createRejectsFile(path: string | undefined): RejectsFile {
  let file: FileHandle | undefined;
  return {
    async write(rejects) {
      if (path === undefined || rejects.length === 0) return;
      if (!file) {
        file = await open(path, 'w', 0o600);
        await file.write(HEADER);
      }
      await file.write(rejects.map(rejectLine).join(''));
    },
    async close() {
      await file?.close();
      return file && path;
    },
  };
}

function rejectLine({ line, code, id }: Reject): string {
  return `${line},${code},${cell(rejectMessages[code])},${cell(id ?? '')}\r\n`;
}

/** A cell that no spreadsheet takes for a formula (K11) and no terminal for an instruction. */
function cell(value: string): string {
  // eslint-disable-next-line no-control-regex
  const plain = value.slice(0, 255).replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g, '\ufffd');
  const inert = /^\s*[=+\-@|%]/.test(plain) ? `'${plain}` : plain;
  return `"${inert.replaceAll('"', '""')}"`;
}
