/** Writes rows as `COPY … FROM STDIN (FORMAT binary)` reads them; every call of a column method adds one field. */
export interface CopyWriter {
  row(fields: number): CopyWriter;
  int2(value: number): CopyWriter;
  int4(value: number | null): CopyWriter;
  int8(value: number): CopyWriter;
  bool(value: boolean): CopyWriter;
  /** `bytea` and, as its 16 bytes, `uuid`. */
  bytes(value: Uint8Array | null | undefined): CopyWriter;
  text(value: string | null | undefined): CopyWriter;
  /** Ends the copy. The bytes are good until the next one but one begins. */
  end(): Buffer;
}

/** @see https://www.postgresql.org/docs/current/sql-copy.html#id-1.9.3.55.9.4 */
const HEADER = Buffer.from('PGCOPY\n\u00ff\r\n\0\0\0\0\0\0\0\0\0', 'latin1');
const FIRST_BYTES = 1 << 20;

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

/** As `bytes` takes it. */
export const uuidBytes = (uuid: string): Buffer => Buffer.from(uuid.replaceAll('-', ''), 'hex');
