import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { askHttp } from '../../src/legacy/egress/ask-http.ts';
import { createEgress, type EgressOptions } from '../../src/legacy/egress/egress.ts';
import { isPublic } from '../../src/platform/http/public-address.ts';
import { LegacyFault } from '../../src/legacy/legacy-fault.ts';

// R20, LA30: whatever an address in a definition, or in what a partner sends, leads to. A listener stands where nobody may
// get to, and counts who comes.

let server: Server;
let port: number;
let accepted: number;
let onSocket: (socket: Socket) => void;
const sockets = new Set<Socket>();
beforeEach(async () => {
  accepted = 0;
  onSocket = (socket) => void socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nin');
  server = createServer((socket) => {
    accepted += 1;
    sockets.add(socket.on('error', () => {}));
    onSocket(socket);
  }).listen(0, '::');
  await once(server, 'listening');
  ({ port } = server.address() as AddressInfo);
});
afterEach(() => {
  for (const socket of sockets) socket.destroy();
  server.close();
});

const resolvesTo =
  (...addresses: readonly string[]): EgressOptions['lookup'] =>
  async () =>
    addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));

/** What became of a question: a status, or the reason why there was none. */
async function ask(url: string, options: EgressOptions, signal = AbortSignal.timeout(4000)): Promise<number | string> {
  try {
    return (await askHttp(createEgress(options), { url, signal })).status;
  } catch (error) {
    return error instanceof LegacyFault ? error.reason : String(error);
  }
}

const INSIDE = [
  '127.0.0.1',
  '127.8.8.8',
  '0.0.0.0',
  '::1',
  '::',
  '::ffff:127.0.0.1',
  '::ffff:7f00:1',
  '::127.0.0.1',
  '169.254.169.254',
  '::ffff:169.254.169.254',
  'fd00:ec2::254',
  'fe80::1',
  '100.100.100.200',
  '224.0.0.1',
  '64:ff9b::7f00:1',
];
const PRIVATE = ['10.1.2.3', '172.16.0.1', '192.168.1.1', '100.64.0.1', 'fd00::1', '::ffff:10.1.2.3', '198.18.0.1'];

describe('R20: names that lead inside', () => {
  it.each(INSIDE)('R20, LA30: a name that was named in full, and leads to %s, is not connected to', async (address) => {
    const options = { allow: [`old.example:${port}`], lookup: resolvesTo(address) };
    expect(await ask(`http://old.example:${port}/`, options)).toBe('not-on-allow-list');
    expect(accepted).toBe(0);
  });

  it.each([...INSIDE, ...PRIVATE])(
    'R20: a name under a wildcard that leads to %s is not connected to',
    async (address) => {
      const options = { allow: [`*.old.example:${port}`], lookup: resolvesTo(address) };
      expect(await ask(`http://login.old.example:${port}/`, options)).toBe('not-on-allow-list');
      expect(accepted).toBe(0);
    },
  );

  it('addresses of the internet are allowed under a wildcard, and private ones for a name in full', async () => {
    for (const address of ['8.8.8.8', '2a00:1450::1', '::ffff:8.8.8.8']) expect(isPublic(address)).toBe(true);
    const wild = createEgress({ allow: ['*.old.example:443'], lookup: resolvesTo('8.8.8.8') });
    expect(await wild.resolve('login.old.example', 443)).toMatchObject({ address: '8.8.8.8' });
    const full = createEgress({ allow: ['old.example:443'], lookup: resolvesTo('10.1.2.3') });
    expect(await full.resolve('old.example', 443)).toMatchObject({ address: '10.1.2.3' });
    await expect(wild.resolve('old.example', 443)).rejects.toMatchObject({ reason: 'not-on-allow-list' });
    await expect(wild.resolve('login.old.example.evil.test', 443)).rejects.toMatchObject({
      reason: 'not-on-allow-list',
    });
  });

  it('of several addresses, only those outside are taken', async () => {
    const lookup = resolvesTo('127.0.0.1', '10.0.0.1', '8.8.8.8');
    const wild = createEgress({ allow: ['*.old.example:443'], lookup });
    expect(await wild.resolve('login.old.example', 443)).toMatchObject({ address: '8.8.8.8' });
  });
});

describe('R20: addresses in other clothes', () => {
  it.each([
    '127.0.0.1',
    '2130706433',
    '0x7f000001',
    '0x7f.1',
    '0177.0.0.1',
    '017700000001',
    '127.1',
    '0',
    '[::1]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[0:0:0:0:0:0:0:1]',
    'localhost',
    'localhost.',
    '127.0.0.1.',
    '①②⑦.0.0.1',
    '127。0。0。1',
  ])('R20, LA30: http://%s/ is not on the list of a source elsewhere', async (host) => {
    const allow = ['old.example:443', `*.old.example:${port}`, `*:${port}`];
    expect(await ask(`http://${host}:${port}/`, { allow })).toBe('not-on-allow-list');
    expect(accepted).toBe(0);
  });

  it.each([
    ['user@', (at: number) => `http://old.example@127.0.0.1:${at}/`, 'misconfigured'],
    ['backslash', (at: number) => `http://127.0.0.1:${at}\\@old.example/`, 'not-on-allow-list'],
    ['another port', (at: number) => `http://old.example:${at + 1}/`, 'not-on-allow-list'],
    ['file', () => 'file:///etc/passwd', 'misconfigured'],
    ['gopher', (at: number) => `gopher://127.0.0.1:${at}/_GET`, 'misconfigured'],
    ['ftp', (at: number) => `ftp://127.0.0.1:${at}/`, 'misconfigured'],
    ['data', () => 'data:text/html,hello', 'misconfigured'],
  ] as const)('R20: %s', async (_what, url, reason) => {
    const options = { allow: [`old.example:${port}`], lookup: resolvesTo('127.0.0.1') };
    expect(await ask(url(port), options)).toBe(reason);
    expect(accepted).toBe(0);
  });
});

describe('R20: names that change', () => {
  it('R20, LA30: is resolved once, and connected to what was checked, whatever the name says next (DNS rebinding)', async () => {
    let asked = 0;
    const lookup: EgressOptions['lookup'] = async () => {
      asked += 1;
      // Nobody answers at the first; the second is where the attacker wants us.
      return [{ address: asked === 1 ? '192.0.2.1' : '127.0.0.1', family: 4 }];
    };
    const reason = await ask(
      `http://old.example:${port}/`,
      { allow: [`old.example:${port}`], lookup },
      AbortSignal.timeout(300),
    );
    expect(['timed-out', 'unreachable']).toContain(reason);
    expect({ asked, accepted }).toEqual({ asked: 1, accepted: 0 });
    // The next question is checked anew.
    expect(await ask(`http://old.example:${port}/`, { allow: [`old.example:${port}`], lookup })).toBe(
      'not-on-allow-list',
    );
    expect(accepted).toBe(0);
  });
});

describe('R20: what comes back', () => {
  const here = () => ({ allow: [`127.0.0.1:${port}`] });
  const url = () => `http://127.0.0.1:${port}/`;

  it('R20: a redirect is an answer, and is not followed', async () => {
    onSocket = (socket) =>
      void socket.end('HTTP/1.1 302 Found\r\nlocation: http://169.254.169.254/\r\ncontent-length: 0\r\n\r\n');
    expect(await ask(url(), here())).toBe(302);
    expect(accepted).toBe(1);
  });

  it('R20: of ten gigabytes no more is read than the limit, and the connection ends', async () => {
    let sent = 0;
    let isOver = false;
    onSocket = (socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 10737418240\r\n\r\n');
      const block = Buffer.alloc(65_536);
      const more = (): void => {
        while (!socket.destroyed && sent < 10_737_418_240) {
          sent += block.length;
          if (!socket.write(block)) return void socket.once('drain', more);
        }
      };
      socket.on('close', () => (isOver = true));
      more();
    };
    expect(await ask(url(), here())).toBe('too-large');
    await expect.poll(() => isOver).toBe(true);
    // What was on its way in buffers of two sockets, and not a hundredth of what was offered.
    expect(sent).toBeLessThan(100 * 1024 * 1024);
  });

  it('R20: an answer that drips is given up in time', async () => {
    onSocket = (socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n');
      const drip = setInterval(() => socket.write('x'), 20);
      socket.on('close', () => clearInterval(drip));
    };
    expect(await ask(url(), here(), AbortSignal.timeout(300))).toBe('timed-out');
  });

  it('R20: headers that drip are given up in time, and headers without end are refused', async () => {
    onSocket = (socket) => {
      socket.write('HTTP/1.1 200 OK\r\nx-more: ');
      const drip = setInterval(() => socket.write('x'), 20);
      socket.on('close', () => clearInterval(drip));
    };
    expect(await ask(url(), here(), AbortSignal.timeout(300))).toBe('timed-out');
    onSocket = (socket) => void socket.write(`HTTP/1.1 200 OK\r\n${'x-more: x\r\n'.repeat(100_000)}`);
    expect(await ask(url(), here())).toBe('garbage');
  });

  it('R20: what is compressed is not inflated, and not read', async () => {
    let question = '';
    const bomb = gzipSync(Buffer.alloc(20 * 1024 * 1024));
    onSocket = (socket) => {
      socket.once('data', (data) => {
        question = data.toString();
        socket.write(`HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: ${bomb.length}\r\n\r\n`);
        socket.end(bomb);
      });
    };
    expect(await ask(url(), here())).toBe('garbage');
    expect(question.toLowerCase()).toContain('accept-encoding: identity');
  });

  it('R20: a body of another length than it says is not believed', async () => {
    onSocket = (socket) => void socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nshort');
    expect(await ask(url(), here())).toBe('unreachable');
    onSocket = (socket) =>
      void socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n');
    expect(await ask(url(), here())).toBe('garbage');
  });
});
