import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { BlockList, isIP, type LookupFunction } from 'node:net';

export interface OutsidePost {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly signal: AbortSignal;
  /** Plain http to this machine is fine: outside production. */
  readonly allowLoopback: boolean;
  /** Names to addresses; the system's own when left out. */
  readonly resolveName?: ResolveName;
}

export type ResolveName = (hostname: string) => Promise<readonly LookupAddress[]>;

export interface OutsideAnswer {
  readonly status: number;
  /** The first 16 KiB. */
  readonly body: string;
}

const MOST_BYTES = 16_384;
const LONGEST_MS = 5000;

/**
 * Posts to an address that somebody else chose. The address that was looked at is the one connected to, whatever the name
 * resolves to a moment later; nothing of a private network is; no redirect is followed; time and bytes are bounded (D17).
 * @throws Error when there is no answer.
 */
export async function postOutside(post: OutsidePost): Promise<OutsideAnswer> {
  const { allowLoopback, resolveName = byName } = post;
  const target = new URL(post.url);
  const isPlain = target.protocol === 'http:' && allowLoopback;
  if (target.protocol !== 'https:' && !isPlain) throw notReached();
  const host = target.hostname.replace(/^\[|\]$/g, '');
  const found = isIP(host) === 0 ? await resolveName(host) : [{ address: host, family: isIP(host) }];
  const mayReach = ({ address }: LookupAddress): boolean => isPublic(address) || (allowLoopback && isLoopback(address));
  // One bad address among good ones is an attempt, not a mistake.
  if (found.length === 0 || !found.every(mayReach)) throw notReached();
  return send(target, post, found);
}

const byName: ResolveName = (hostname) => lookup(hostname, { all: true });

function send(target: URL, { headers, body, signal }: OutsidePost, found: readonly LookupAddress[]) {
  return new Promise<OutsideAnswer>((resolve, reject) => {
    const begin = target.protocol === 'https:' ? requestHttps : requestHttp;
    const outgoing = begin(target, {
      method: 'POST',
      headers: { ...headers, 'content-length': Buffer.byteLength(body) },
      signal: AbortSignal.any([signal, AbortSignal.timeout(LONGEST_MS)]),
      lookup: only(found),
      // A connection that is kept was made for somebody else's address.
      agent: false,
    });
    outgoing.on('error', reject);
    outgoing.on('response', (incoming) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      const end = (): void => {
        resolve({ status: incoming.statusCode ?? 0, body: Buffer.concat(chunks).subarray(0, MOST_BYTES).toString() });
        incoming.destroy();
      };
      incoming.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        bytes += chunk.length;
        if (bytes >= MOST_BYTES) end();
      });
      incoming.on('end', end);
      incoming.on('error', reject);
    });
    outgoing.end(body);
  });
}

function only(found: readonly LookupAddress[]): LookupFunction {
  const [first = { address: '', family: 0 }] = found;
  return (_hostname, { all }, callback) =>
    all ? callback(null, [...found]) : callback(null, first.address, first.family);
}

const notReached = (): Error => Object.assign(new Error('the address is not a public one'), { code: 'ENOTPUBLIC' });

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/** IANA special-purpose registries: nothing of ours or of the hosting's own network. */
const SPECIAL = new BlockList();
for (const [net, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.31.196.0', 24],
  ['192.52.193.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['192.175.48.0', 24],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const)
  SPECIAL.addSubnet(net, bits, 'ipv4');
const GLOBAL = new BlockList();
GLOBAL.addSubnet('2000::', 3, 'ipv6');
for (const [net, bits] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const)
  SPECIAL.addSubnet(net, bits, 'ipv6');

function isLoopback(address: string): boolean {
  return LOOPBACK.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

function isPublic(address: string): boolean {
  if (isIP(address) === 6) return GLOBAL.check(address, 'ipv6') && !SPECIAL.check(address, 'ipv6');
  return isIP(address) === 4 && !SPECIAL.check(address, 'ipv4');
}
