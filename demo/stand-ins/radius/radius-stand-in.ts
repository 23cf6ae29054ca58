import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';

// A RADIUS server of one person: PAP and CHAP, and the rounds of a token where it has one. It signs every answer and
// wants every request signed (RFC 3579 §3.2), as servers have since 2024.

const PASSWORD = 'correct horse battery staple';
const CODE = '123456';
/** A code that the server wants to see a second one behind, as after too many mistakes. */
const DOUBTED = '654321';

export interface RadiusStandIn {
  readonly host: string;
  readonly port: number;
  readonly sharedSecret: string;
  stop: () => Promise<void>;
}

interface Request {
  readonly bytes: Buffer;
  readonly authenticator: Buffer;
  readonly attributes: ReadonlyMap<number, Buffer>;
}

interface Reply {
  /** 2 lets in, 3 refuses, 11 asks for more. */
  readonly code: 2 | 3 | 11;
  readonly says?: string;
  /** What an answer to it must bring along. */
  readonly state?: string;
}

export async function startRadiusStandIn({
  port = 0,
  token = false,
  sharedSecret: secret = randomBytes(24).toString('base64url'),
}: { port?: number; token?: boolean; sharedSecret?: string } = {}): Promise<RadiusStandIn> {
  const waiting = new Map<string, 'code' | 'next-code'>();
  const socket = createSocket('udp4');
  // A request that is sent again gets the answer that it got, and is no second try (RFC 5080 §2.2.2).
  const answers = new Map<string, Buffer>();
  socket.on('message', (bytes, from) => {
    const request = readRequest(bytes, secret);
    if (request === undefined) return;
    const known = `${from.port} ${request.bytes.toString('base64')}`;
    const bytesBack = answers.get(known) ?? writeReply(request, decide(request, { secret, token, waiting }), secret);
    answers.set(known, bytesBack);
    if (answers.size > 100) answers.clear();
    socket.send(bytesBack, from.port, from.address);
  });
  socket.bind(port, '127.0.0.1');
  await once(socket, 'listening');
  return {
    host: '127.0.0.1',
    port: socket.address().port,
    sharedSecret: secret,
    stop: () => new Promise((resolve) => void socket.close(() => resolve())),
  };
}

interface Server {
  readonly secret: string;
  readonly token: boolean;
  readonly waiting: Map<string, 'code' | 'next-code'>;
}

function decide(request: Request, { secret, token, waiting }: Server): Reply {
  // Status-Server: it is well.
  if (request.bytes[0] === 12) return { code: 2 };
  if (request.attributes.get(1)?.toString() !== 'anna') return { code: 3 };
  const typed = readPassword(request, secret);
  const state = request.attributes.get(24)?.toString();
  if (state !== undefined) return decideFurther(typed, state, waiting);
  if (typed !== PASSWORD && !isChapOf(request, PASSWORD)) return { code: 3 };
  return token ? ask(waiting, 'code', 'Enter the code from your token') : { code: 2 };
}

function decideFurther(typed: string, state: string, waiting: Server['waiting']): Reply {
  const wanted = waiting.get(state);
  waiting.delete(state);
  if (wanted === 'code' && typed === DOUBTED) {
    return ask(waiting, 'next-code', 'Wait for the next code and enter it');
  }
  return { code: wanted !== undefined && typed === CODE ? 2 : 3 };
}

function ask(waiting: Server['waiting'], next: 'code' | 'next-code', says: string): Reply {
  const state = randomBytes(12).toString('hex');
  waiting.set(state, next);
  return { code: 11, says, state };
}

function readRequest(bytes: Buffer, secret: string): Request | undefined {
  const attributes = new Map<number, Buffer>();
  for (let at = 20; at + 2 <= bytes.length; at += Math.max(2, bytes[at + 1] ?? 0)) {
    attributes.set(bytes[at] ?? 0, bytes.subarray(at + 2, at + (bytes[at + 1] ?? 0)));
  }
  const signature = attributes.get(80);
  if (bytes.length < 20 || signature?.length !== 16) return undefined;
  const at = signature.byteOffset - bytes.byteOffset;
  const blank = Buffer.concat([bytes.subarray(0, at), Buffer.alloc(16), bytes.subarray(at + 16)]);
  const isSigned = timingSafeEqual(createHmac('md5', secret).update(blank).digest(), signature);
  return isSigned ? { bytes, authenticator: bytes.subarray(4, 20), attributes } : undefined;
}

/** @see RFC 2865 §5.2 */
function readPassword({ authenticator, attributes }: Request, secret: string): string {
  const hidden = attributes.get(2) ?? Buffer.alloc(0);
  const blocks: Buffer[] = [];
  let before = authenticator;
  for (let at = 0; at < hidden.length; at += 16) {
    const mask = createHash('md5').update(secret).update(before).digest();
    before = hidden.subarray(at, at + 16);
    blocks.push(Buffer.from(before.map((byte, index) => byte ^ (mask[index] ?? 0))));
  }
  return Buffer.concat(blocks).toString().replace(/\0+$/, '');
}

/** @see RFC 2865 §2.2 */
function isChapOf({ attributes, authenticator }: Request, password: string): boolean {
  const given = attributes.get(3);
  if (given?.length !== 17) return false;
  const challenge = attributes.get(60) ?? authenticator;
  const expected = createHash('md5').update(given.subarray(0, 1)).update(password).update(challenge).digest();
  return timingSafeEqual(expected, given.subarray(1));
}

const attribute = (type: number, body: Buffer): Buffer => Buffer.concat([Buffer.from([type, body.length + 2]), body]);

function writeReply({ bytes, authenticator }: Request, { code, says, state }: Reply, secret: string): Buffer {
  const parts = [attribute(80, Buffer.alloc(16))];
  if (says !== undefined) parts.push(attribute(18, Buffer.from(says)));
  if (state !== undefined) parts.push(attribute(24, Buffer.from(state)));
  if (code === 2) parts.push(attribute(25, Buffer.from('member-0001')));
  const body = Buffer.concat(parts);
  const header = Buffer.from([code, bytes[1] ?? 0, 0, 20 + body.length]);
  createHmac('md5', secret).update(header).update(authenticator).update(body).digest().copy(body, 2);
  const signed = createHash('md5').update(header).update(authenticator).update(body).update(secret).digest();
  return Buffer.concat([header, signed, body]);
}
