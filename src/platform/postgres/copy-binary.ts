/** Writes rows as `COPY … FROM STDIN (FORMAT binary)` reads them; every call of a column method adds one field. */
export interface CopyWriter {
  row(fields: number): CopyWriter;
  int2(value: number): CopyWriter;
  int4(value: number | null): CopyWriter;
  int8(value: number): CopyWriter;
  bool(value: boolean): CopyWriter;
  timestamp(value: Date): CopyWriter;
  /** `bytea` and, as its 16 bytes, `uuid`. */
  bytes(value: Uint8Array | null | undefined): CopyWriter;
  text(value: string | null | undefined): CopyWriter;
  /** Ends the copy. The bytes are good until the next one but one begins. */
  end(): Buffer;
}

/** @see https://www.postgresql.org/docs/current/sql-copy.html#id-1.9.3.55.9.4 */
const HEADER = Buffer.from('PGCOPY\n\u00ff\r\n\0\0\0\0\0\0\0\0\0', 'latin1');
const FIRST_BYTES = 1 << 12;

interface Growing {
  bytes: Buffer;
  at: number;
}

function makeRoom(into: Growing, bytes: number): void {
  if (into.at + bytes <= into.bytes.length) return;
  const larger = Buffer.allocUnsafe(Math.max(into.bytes.length * 2, into.at + bytes));
  into.bytes.copy(larger, 0, 0, into.at);
  into.bytes = larger;
}

function begin(): Growing {
  const bytes = Buffer.allocUnsafe(FIRST_BYTES);
  return { bytes, at: HEADER.copy(bytes) };
}

/** The length of a field, and room for what comes after it; -1 is NULL. */
function beginField(into: Growing, length: number): void {
  makeRoom(into, 4 + Math.max(length, 0));
  into.at = into.bytes.writeInt32BE(length, into.at);
}

/** For one copy after the other: while one is sent the next can be written. */
export function createCopyWriter(): CopyWriter {
  let [into, other]: [Growing, Growing] = [begin(), begin()];
  const number = (length: number, write: (at: number) => number): CopyWriter => {
    beginField(into, length);
    into.at = write(into.at);
    return writer;
  };
  const nothing = (): CopyWriter => {
    beginField(into, -1);
    return writer;
  };
  const writer: CopyWriter = {
    row(fields) {
      makeRoom(into, 2);
      into.at = into.bytes.writeInt16BE(fields, into.at);
      return writer;
    },
    int2: (value) => number(2, (at) => into.bytes.writeInt16BE(value, at)),
    int4: (value) => (value === null ? nothing() : number(4, (at) => into.bytes.writeInt32BE(value, at))),
    int8: (value) => number(8, (at) => into.bytes.writeBigInt64BE(BigInt(value), at)),
    bool: (value) => number(1, (at) => into.bytes.writeUInt8(value ? 1 : 0, at)),
    timestamp: (value) => number(8, (at) => into.bytes.writeBigInt64BE(microseconds(value), at)),
    bytes(value) {
      if (value === null || value === undefined) return nothing();
      beginField(into, value.length);
      into.bytes.set(value, into.at);
      into.at += value.length;
      return writer;
    },
    text(value) {
      if (value === null || value === undefined) return nothing();
      const length = Buffer.byteLength(value);
      beginField(into, length);
      into.at += into.bytes.write(value, into.at, length, 'utf8');
      return writer;
    },
    end() {
      makeRoom(into, 2);
      into.at = into.bytes.writeInt16BE(-1, into.at);
      const copy = into.bytes.subarray(0, into.at);
      [into, other] = [other, into];
      into.at = HEADER.length;
      return copy;
    },
  };
  return writer;
}

const YEAR_2000_MS = 946_684_800_000;
const microseconds = (date: Date): bigint => BigInt(date.getTime() - YEAR_2000_MS) * 1000n;

/** A row of a copy: its fields, and all of it as it stands there. */
export interface CopiedRow {
  readonly fields: readonly (Buffer | null)[];
  readonly bytes: Buffer;
}

/** Reads what `createCopyWriter` wrote. */
export function readCopy(copy: Buffer): CopiedRow[] {
  const rows: CopiedRow[] = [];
  let at = HEADER.length;
  for (;;) {
    const start = at;
    const count = copy.readInt16BE(at);
    at += 2;
    if (count === -1) return rows;
    const fields: (Buffer | null)[] = [];
    for (let field = 0; field < count; field += 1) {
      const length = copy.readInt32BE(at);
      at += 4;
      fields.push(length === -1 ? null : copy.subarray(at, at + length));
      at += Math.max(length, 0);
    }
    rows.push({ fields, bytes: copy.subarray(start, at) });
  }
}

/** A row of these fields. */
export function copiedRow(fields: readonly (Buffer | null)[]): CopiedRow {
  const copy = createCopyWriter().row(fields.length);
  for (const field of fields) copy.bytes(field);
  const [row] = readCopy(copy.end());
  if (!row) throw new Error('a row that was just written is not there');
  return row;
}

const END = Buffer.of(0xff, 0xff);

/** A copy of some rows of another one. */
export const copyOf = (rows: readonly CopiedRow[]): Buffer =>
  Buffer.concat([HEADER, ...rows.map(({ bytes }) => bytes), END]);

/** As `bytes` takes it. */
export const uuidBytes = (uuid: string): Buffer => Buffer.from(uuid.replaceAll('-', ''), 'hex');
export const uuidText = (bytes: Buffer): string =>
  bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
export const readTimestamp = (bytes: Buffer): Date => new Date(Number(bytes.readBigInt64BE() / 1000n) + YEAR_2000_MS);
