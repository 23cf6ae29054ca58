import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { directlyAskedSystem } from '../support/directly-asked-system.ts';
import { makeAuthority, type Authority, type Certificate } from '../support/legacy-servers/certificates.ts';
import { PASSWORD } from '../support/legacy-servers/people.ts';
import { throwawayFolder, type ThrowawayFolder } from '../support/legacy-servers/throwaway-folder.ts';

// F24: directories as no real server is: each says something that is not LDAP, or not true.

let folder: ThrowawayFolder;
let authority: Authority;
let certificate: Certificate;
beforeAll(async () => {
  folder = await throwawayFolder('lying-directory');
  authority = await makeAuthority(folder.path, 'authority');
  certificate = await authority.issue({ name: 'server', alternativeNames: 'IP:127.0.0.1', use: 'serverAuth' });
});
afterAll(() => folder.remove());

const open: { server: Server; sockets: Set<Socket> }[] = [];
afterEach(() => {
  for (const { server, sockets } of open.splice(0)) {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
});

async function listen(onSocket: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}));
    onSocket(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  open.push({ server, sockets });
  const address = server.address() as AddressInfo;
  return address.port;
}

const underTls = (socket: Socket): TLSSocket =>
  new TLSSocket(socket, { isServer: true, key: certificate.key, cert: certificate.certificate }).on('error', () => {});

/** Says the same to everything. */
const says = (...said: readonly (string | Buffer)[]) =>
  listen((socket) => {
    const secured = underTls(socket);
    secured.on('data', () => {
      for (const piece of said) secured.write(piece);
    });
  });

const ask = async (url: string, changed: { timeoutMs?: number } = {}) => {
  const asked = directlyAskedSystem({
    settings: {
      family: 'ldap',
      method: 'M13',
      urls: [url],
      ca: authority.ca,
      base: 'dc=test',
      bindDn: 'uid={login},dc=test',
      filter: '(uid={login})',
      limits: changed,
    },
  });
  try {
    return await asked.answer({ login: 'anna', password: PASSWORD });
  } finally {
    await asked.close();
  }
};

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
const SUCCESS = hex('300c 020101 6107 0a0100 0400 0400');
const unavailable = (reason: string) => ({ outcome: 'unavailable', reason });

describe('F24: a directory that lies', () => {
  it.each([
    ['speaks HTTP', 'HTTP/1.1 400 Bad Request\r\n\r\n', 'garbage'],
    ['says bind without a result', hex('3005 020101 6100'), 'garbage'],
    ['answers another question', hex('300c 020109 6107 0a0131 0400 0400'), 'garbage'],
    ['answers a bind with the end of a search', hex('300c 020101 6507 0a0100 0400 0400'), 'garbage'],
    ['lies about a length inside', hex('3011 020101 640c 0400 3008 3006 040161 317f 0401'), 'garbage'],
    ['promises 2 GB', hex('3084 7fffffff 020101'), 'too-large'],
    [
      'hangs up in words',
      hex('3024 020100 781f 0a0134 0400 0400 8a16 312e332e362e312e342e312e313436362e3230303336'),
      'server-error',
    ],
    ['refers to another server', hex('300c 020101 6107 0a010a 0400 0400'), 'redirected'],
    ['lets in a person who is not there', SUCCESS, 'garbage'],
  ])('%s', async (_what, said, reason) => {
    expect(await ask(`ldaps://127.0.0.1:${await says(said)}`)).toEqual(unavailable(reason));
  });

  it('never stops talking', async () => {
    const reference = hex('3005 020101 7300');
    const port = await says(Buffer.concat(Array.from({ length: 40_000 }, () => reference)));
    expect(await ask(`ldaps://127.0.0.1:${port}`)).toEqual(unavailable('too-large'));
  });

  it('says nothing at all', async () => {
    const silent = await listen(() => {});
    expect(await ask(`ldaps://127.0.0.1:${silent}`)).toEqual(unavailable('timed-out'));
    const silentLater = await says();
    expect(await ask(`ldaps://127.0.0.1:${silentLater}`, { timeoutMs: 300 })).toEqual(unavailable('timed-out'));
  });

  it('hangs up at once', async () => {
    const port = await listen((socket) => socket.destroy());
    expect(await ask(`ldaps://127.0.0.1:${port}`)).toEqual(unavailable('unreachable'));
  });

  it('M13: what somebody says between StartTLS and TLS is not believed after it (CVE-2011-0411)', async () => {
    const agreed = hex('300c 020101 7807 0a0100 0400 0400');
    const speak = (smuggled: Buffer) =>
      listen((socket) => {
        socket.once('data', () => {
          socket.write(Buffer.concat([agreed, smuggled]));
          // Nothing but the smuggled words answers the bind.
          underTls(socket).on('data', () => {});
        });
      });
    const port = await speak(SUCCESS);
    expect(await ask(`ldap://127.0.0.1:${port}`)).toEqual(unavailable('garbage'));
  });
});
