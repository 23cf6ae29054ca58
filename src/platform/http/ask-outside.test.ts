import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askOutside, type OutsideReply, type ResolveName } from './ask-outside.ts';

const names = new Map<string, string[]>();
const resolveName: ResolveName = async (hostname) =>
  (names.get(hostname) ?? []).map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));

const TAKEN = { status: 202, body: Buffer.from('taken'), isCut: false };

let server: Server;
let port = 0;
let requests = 0;
beforeAll(async () => {
  server = createServer((_request, response) => {
    requests += 1;
    response.writeHead(202).end('taken');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const place = server.address();
  port = typeof place === 'object' ? (place?.port ?? 0) : 0;
});
afterAll(() => {
  server.close();
});

const ASK = { method: 'POST', headers: {}, body: 'x', mostBytes: 100 } as const;
const post = (url: string, allowLoopback = false): Promise<OutsideReply> =>
  askOutside({ ...ASK, url, allowLoopback, resolveName });

describe('D17 R20: what may be reached', () => {
  it.each([
    '127.0.0.1',
    '127.1.2.3',
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::1',
    '::',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '::ffff:10.0.0.1',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    '2001:db8::1',
    'fc00::1',
    'fd12::1',
    'fe80::1',
    'ff02::1',
  ])('never %s, written out or behind a name', async (address) => {
    const before = requests;
    names.set('evil.example', [address]);
    await expect(post(`https://evil.example:${port}/`)).rejects.toMatchObject({ code: 'ENOTPUBLIC' });
    const literal = address.includes(':') ? `[${address}]` : address;
    await expect(post(`https://${literal}:${port}/`)).rejects.toMatchObject({ code: 'ENOTPUBLIC' });
    expect(requests).toBe(before);
  });

  it.each(['http://2130706433', 'http://0x7f000001', 'http://0177.0.0.1', 'http://127.1'])('nor %s', async (host) => {
    await expect(post(`${host.replace('http', 'https')}:${port}/`)).rejects.toMatchObject({ code: 'ENOTPUBLIC' });
  });

  it('a name with one bad address among good ones is not reached at all', async () => {
    names.set('mixed.example', ['8.8.8.8', '127.0.0.1']);
    await expect(post(`https://mixed.example:${port}/`)).rejects.toMatchObject({ code: 'ENOTPUBLIC' });
  });

  it('plain http is for this machine, outside production', async () => {
    names.set('here.example', ['127.0.0.1']);
    await expect(post(`http://127.0.0.1:${port}/`)).rejects.toMatchObject({ code: 'ENOTPUBLIC' });
    await expect(post(`http://here.example:${port}/`, true)).resolves.toMatchObject(TAKEN);
    await expect(post(`http://127.0.0.1:${port}/`, true)).resolves.toMatchObject(TAKEN);
    names.set('private.example', ['10.0.0.1']);
    await expect(post(`http://private.example:${port}/`, true)).rejects.toMatchObject({ code: 'ENOTPUBLIC' });
  });
});

it('a receiver that is left hanging ends with the signal', async () => {
  const silent = createServer(() => {});
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const place = silent.address();
  const url = `http://127.0.0.1:${typeof place === 'object' ? (place?.port ?? 0) : 0}/`;
  const abort = new AbortController();
  silent.once('request', () => abort.abort());
  const posted = askOutside({ ...ASK, url, signal: abort.signal, allowLoopback: true });
  await expect(posted).rejects.toThrow('aborted');
  silent.close();
  silent.closeAllConnections();
});
