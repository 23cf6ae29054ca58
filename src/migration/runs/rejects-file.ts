import { type FileHandle, open } from 'node:fs/promises';
import type { MendFile } from './mend-file.ts';
import type { RawRow } from './reading/row-reader.ts';
import { type RejectCode, rejectMessages } from './row-codes.ts';

export interface Reject {
  readonly line: number;
  /** All that is wrong with it; the first is the one that is counted. */
  readonly codes: readonly RejectCode[];
  readonly id?: string | undefined;
  readonly raw?: RawRow | undefined;
}

export interface RejectsFile {
  write(rejects: readonly Reject[]): Promise<void>;
  /** The paths, when there was anything to write. */
  close(): Promise<{ readonly rejectsPath: string | undefined; readonly mendPath: string | undefined }>;
}

const HEADER = 'line,code,message,id,other_codes,mend_line\r\n';

/**
 * Why rows were rejected, as CSV, readable by its owner only. It never holds a hash; what it tells of a row stands at
 * `mend_line` of the file to mend. Made at the first reject.
 */
export function createRejectsFile(path: string | undefined, mendFile: MendFile): RejectsFile {
  let file: FileHandle | undefined;
  return {
    async write(rejects) {
      if (rejects.length === 0) return;
      const rows = rejects.flatMap((reject) => mendable(reject).map((raw) => ({ reject, raw })));
      const lines = await mendFile.write(rows.map(({ raw }) => raw));
      if (path === undefined) return;
      const lineOf = new Map(rows.map(({ reject }, at) => [reject, lines[at]]));
      file ??= await beginReport(path);
      await file.write(rejects.map((reject) => rejectLine(reject, lineOf.get(reject))).join(''));
    },
    async close() {
      const ended = file;
      file = undefined;
      await ended?.close();
      return { rejectsPath: ended && path, mendPath: await mendFile.close() };
    },
  };
}

async function beginReport(path: string): Promise<FileHandle> {
  const file = await open(path, 'w', 0o600);
  // A file that stood there before keeps its mode.
  await file.chmod(0o600);
  await file.write(HEADER);
  return file;
}

/** The second line of one id is not given back: sent again as it is, it would overwrite the first. */
const mendable = ({ raw, codes }: Reject): readonly RawRow[] =>
  raw === undefined || codes.includes('duplicate_id') ? [] : [raw];

function rejectLine({ line, codes, id }: Reject, mendLine: number | undefined): string {
  const [code, ...others] = codes;
  const message = codes.map((one) => rejectMessages[one]).join(' ');
  return `${line},${code},${cell(message, 2000)},${cell(id ?? '')},${others.join(' ')},${mendLine ?? ''}\r\n`;
}

// eslint-disable-next-line no-control-regex
const UNSHOWN = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** A cell that no spreadsheet takes for a formula (K11) and no terminal for an instruction. */
function cell(value: string, maxLength = 255): string {
  const plain = value.slice(0, maxLength).replaceAll(UNSHOWN, '\ufffd');
  const inert = /^\s*[=+\-@|%]/.test(plain) ? `'${plain}` : plain;
  return `"${inert.replaceAll('"', '""')}"`;
}
