import { createHash, createHmac } from 'node:crypto';
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import type { AdapterSettings } from '../../src/legacy/index.ts';
import { directlyAskedSystem } from '../support/directly-asked-system.ts';

// F24: RADIUS servers that lie, and attackers between us and a true one. The packets are made by hand from RFC 2865 and
// RFC 3579, not by the code that is tested.

const SECRET = 'radius-secret-of-the-tests';
const ACCEPT = 2;
const CHALLENGE = 11;

interface Asked {
  readonly bytes: Buffer;
  readonly from: RemoteInfo;
  readonly socket: Socket;
}

const open: { stop: () => void | Promise<void> }[] = [];
afterEach(async () => {
  for (const { stop } of open.splice(0)) await stop();
});

async function listen(onRequest: (asked: Asked) => void): Promise<number> {
  const socket = createSocket('udp4');
  socket.on('message', (bytes, from) => onRequest({ bytes, from, socket }));
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  open.push({ stop: () => void socket.close() });
  return socket.address().port;
}

const reply = ({ socket, from }: Asked, bytes: Buffer): void => socket.send(bytes, from.port, from.address);

interface Made {
  readonly code?: number;
  readonly attributes?: readonly Buffer[];
  readonly secret?: string;
  readonly signed?: boolean;
  readonly id?: number;
}

/** A true answer, unless it is told otherwise. */
function answerTo(request: Buffer, made: Made = {}): Buffer {
  const { code = ACCEPT, attributes = [], secret = SECRET, signed = true, id = request[1] ?? 0 } = made;
  const blank = signed ? Buffer.concat([Buffer.from([80, 18]), Buffer.alloc(16)]) : Buffer.alloc(0);
  const body = Buffer.concat([blank, ...attributes]);
  const header = Buffer.from([code, id, 0, 0]);
  header.writeUInt16BE(20 + body.length, 2);
  const asked = request.subarray(4, 20);
  if (signed) createHmac('md5', secret).update(header).update(asked).update(body).digest().copy(body, 2);
  const authenticator = createHash('md5').update(header).update(asked).update(body).update(secret).digest();
  return Buffer.concat([header, authenticator, body]);
}

const ask = async (port: number, changed: Partial<Extract<AdapterSettings, { method: 'M16' }>> = {}) => {
  const system = directlyAskedSystem({
    settings: {
      family: 'radius',
      method: 'M16',
      servers: [{ host: '127.0.0.1', port }],
      sharedSecret: 'radius',
      ...changed,
    },
    secrets: { radius: SECRET },
  });
  open.push({ stop: () => system.close() });
  return system.answer({ login: 'anna', password: 'secret' });
};

/** For answers that are not believed: nothing else would come, however long we wait. */
const BRIEFLY = { limits: { timeoutMs: 300 } };

const identified = expect.objectContaining({ outcome: 'identified' });
const unavailable = (reason: string) => ({ outcome: 'unavailable', reason });
const corrupt = (bytes: Buffer, at: number): Buffer => {
  const copy = Buffer.from(bytes);
  copy.writeUInt8((copy[at] ?? 0) ^ 1, at);
  return copy;
};

describe('F24: answers to RADIUS requests', () => {
  it('a true one is believed: the tests below change one thing of it each', async () => {
    expect(await ask(await listen((asked) => reply(asked, answerTo(asked.bytes))))).toEqual(identified);
  });

  it.each<[string, (request: Buffer) => Buffer, string]>([
    [
      'of one who does not know the secret',
      (request) => answerTo(request, { secret: 'another secret, as long' }),
      'timed-out',
    ],
    [
      'without Message-Authenticator (CVE-2024-3596)',
      (request) => answerTo(request, { signed: false }),
      'misconfigured',
    ],
    ['whose Message-Authenticator is wrong', (request) => resigned(request), 'timed-out'],
    ['whose Response Authenticator is wrong', (request) => corrupt(answerTo(request), 4), 'timed-out'],
    ['with another identifier', (request) => answerTo(request, { id: ((request[1] ?? 0) + 1) % 256 }), 'timed-out'],
    ['to another request', (request) => answerTo(corrupt(request, 4)), 'timed-out'],
    ['that was changed on the way', (request) => corrupt(answerTo(request), 0), 'timed-out'],
    ['that is cut off', (request) => answerTo(request).subarray(0, 25), 'timed-out'],
    [
      'whose attribute has no length',
      (request) => answerTo(request, { attributes: [Buffer.from([18, 0])] }),
      'timed-out',
    ],
    ['that is not RADIUS', () => Buffer.from('HTTP/1.1 200 OK\r\n\r\n'), 'timed-out'],
    ['that is empty', () => Buffer.alloc(0), 'timed-out'],
    ['as long as a datagram can be', () => Buffer.alloc(60_000, 2), 'timed-out'],
    ['of a kind that nobody asked for', (request) => answerTo(request, { code: 5 }), 'garbage'],
  ])('one %s is not', async (_what, make, reason) => {
    const changed = reason === 'timed-out' ? BRIEFLY : { limits: { timeoutMs: 2000 } };
    expect(await ask(await listen((asked) => reply(asked, make(asked.bytes))), changed)).toEqual(unavailable(reason));
  });

  /** Attributes that were changed by one who can make the MD5 of the whole right, which is what Blast-RADIUS does. */
  function resigned(request: Buffer): Buffer {
    const forged = corrupt(answerTo(request), 25);
    const parts = [forged.subarray(0, 4), request.subarray(4, 20), forged.subarray(20), Buffer.from(SECRET)];
    createHash('md5').update(Buffer.concat(parts)).digest().copy(forged, 4);
    return forged;
  }

  it('a forged one does not keep the true one out', async () => {
    const port = await listen((asked) => {
      reply(asked, answerTo(asked.bytes, { signed: false, code: 3 }));
      reply(asked, answerTo(asked.bytes, { secret: 'another secret, as long', code: 3 }));
      reply(asked, answerTo(asked.bytes));
    });
    expect(await ask(port)).toEqual(identified);
  });

  it('one of another sender is not heard', async () => {
    const stranger = createSocket('udp4');
    open.push({ stop: () => void stranger.close() });
    const port = await listen(({ bytes, from }) => stranger.send(answerTo(bytes), from.port, from.address));
    expect(await ask(port, BRIEFLY)).toEqual(unavailable('timed-out'));
  });

  it('M16: what is sent again is the same, so that a server counts one try', async () => {
    const requests: { bytes: Buffer; port: number }[] = [];
    const port = await listen((asked) => {
      requests.push({ bytes: asked.bytes, port: asked.from.port });
      if (requests.length === 3) reply(asked, answerTo(asked.bytes));
    });
    expect(await ask(port, { resendMs: 100 })).toEqual(identified);
    expect(new Set(requests.map(({ bytes, port: from }) => `${bytes.toString('hex')} ${from}`)).size).toBe(1);
  });

  it('M16: Message-Authenticator stands first in what we ask, and the password nowhere', async () => {
    const requests: Buffer[] = [];
    const port = await listen((asked) => {
      requests.push(asked.bytes);
      reply(asked, answerTo(asked.bytes));
    });
    await ask(port);
    const [request = Buffer.alloc(0)] = requests;
    expect([...request.subarray(20, 22)]).toEqual([80, 18]);
    expect(request.includes('secret')).toBe(false);
    const blank = Buffer.concat([request.subarray(0, 22), Buffer.alloc(16), request.subarray(38)]);
    expect(request.subarray(22, 38)).toEqual(createHmac('md5', SECRET).update(blank).digest());
  });

  it('M39: challenges without end come to one', async () => {
    const port = await listen((asked) => reply(asked, answerTo(asked.bytes, { code: CHALLENGE })));
    const system = directlyAskedSystem({
      settings: {
        family: 'radius',
        method: 'M39',
        first: 'password',
        servers: [{ host: '127.0.0.1', port }],
        sharedSecret: 'radius',
      },
      secrets: { radius: SECRET },
    });
    open.push({ stop: () => system.close() });
    let answer = await system.answer({ login: 'anna', password: 'secret' });
    let rounds = 1;
    for (; answer.outcome === 'asks' && 'state' in answer && rounds < 50; rounds += 1) {
      answer = await system.answer({ code: '1' }, answer.state);
    }
    expect([answer, rounds]).toEqual([unavailable('server-error'), 9]);
  });
});
