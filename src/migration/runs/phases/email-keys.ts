const KEY_BYTES = 32;
const NONE = Buffer.alloc(KEY_BYTES);

/** The keyed hash of a row's address. Undefined: it has none. */
export type EmailKey = Buffer | undefined;

/** Of the good rows of a batch, in the order of the file. */
export const packEmailKeys = (keys: readonly EmailKey[]): Buffer => Buffer.concat(keys.map((key) => key ?? NONE));

export function unpackEmailKeys(bytes: Buffer): EmailKey[] {
  const keys: EmailKey[] = [];
  for (let at = 0; at < bytes.length; at += KEY_BYTES) {
    const key = bytes.subarray(at, at + KEY_BYTES);
    keys.push(key.equals(NONE) ? undefined : key);
  }
  return keys;
}
