/** One value of a packet. @see RFC 2865 §5 */
export interface RadiusAttribute {
  readonly type: number;
  readonly value: Buffer;
}

export interface Packet {
  readonly code: number;
  readonly identifier: number;
  readonly authenticator: Buffer;
  readonly attributes: readonly RadiusAttribute[];
}

export const CODE = {
  accessRequest: 1,
  accessAccept: 2,
  accessReject: 3,
  accessChallenge: 11,
  statusServer: 12,
} as const;

export const TYPE = {
  userName: 1,
  userPassword: 2,
  chapPassword: 3,
  replyMessage: 18,
  state: 24,
  class: 25,
  nasIdentifier: 32,
  chapChallenge: 60,
  messageAuthenticator: 80,
  chargeableUserIdentity: 89,
} as const;

const HEADER = 20;
/** @see RFC 2865 §3 */
const MOST_BYTES = 4096;

export function writePacket({ code, identifier, authenticator, attributes }: Packet): Buffer {
  const body = attributes.map(({ type, value }) => Buffer.concat([Buffer.from([type, value.length + 2]), value]));
  const header = Buffer.alloc(4);
  header.writeUInt8(code, 0);
  header.writeUInt8(identifier, 1);
  header.writeUInt16BE(HEADER + body.reduce((sum, { length }) => sum + length, 0), 2);
  return Buffer.concat([header, authenticator, ...body]);
}

/** What came in, if it is a packet at all. Bytes after its length are padding. */
export function readPacket(bytes: Buffer): { readonly packet: Packet; readonly bytes: Buffer } | undefined {
  if (bytes.length < HEADER) return undefined;
  const length = bytes.readUInt16BE(2);
  if (length < HEADER || length > MOST_BYTES || length > bytes.length) return undefined;
  const whole = bytes.subarray(0, length);
  const attributes: RadiusAttribute[] = [];
  for (let at = HEADER; at < length;) {
    const size = whole[at + 1] ?? 0;
    if (size < 2 || at + size > length) return undefined;
    attributes.push({ type: whole.readUInt8(at), value: whole.subarray(at + 2, at + size) });
    at += size;
  }
  const [code, identifier] = [whole.readUInt8(0), whole.readUInt8(1)];
  return { packet: { code, identifier, authenticator: whole.subarray(4, HEADER), attributes }, bytes: whole };
}

export const valuesOf = ({ attributes }: Packet, wanted: number): readonly Buffer[] =>
  attributes.filter(({ type }) => type === wanted).map(({ value }) => value);
