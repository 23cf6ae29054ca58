import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { isLoopback, isPublic } from './public-address.ts';

export interface OutsideQuestion {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal;
  /** No more than this is read. */
  readonly mostBytes: number;
  /** Plain http to this machine is fine: outside production. */
  readonly allowLoopback: boolean;
  /** Names to addresses; the system's own when left out. */
  readonly resolveName?: ResolveName | undefined;
}

export type ResolveName = (hostname: string) => Promise<readonly LookupAddress[]>;

export interface OutsideReply {
  readonly status: number;
  readonly body: Buffer;
  /** The body was longer than what was read. */
  readonly isCut: boolean;
}

const LONGEST_MS = 5000;

/**
 * Asks an address that somebody else chose. The address that was looked at is the one connected to, whatever the name
 * resolves to a moment later; nothing of a private network is; no redirect is followed; time and bytes are bounded (D17).
 * @throws Error when there is no answer.
 */
export async function askOutside(question: OutsideQuestion): Promise<OutsideReply> {
  const { allowLoopback, resolveName = byName } = question;
  const target = new URL(question.url);
  const isPlain = target.protocol === 'http:' && allowLoopback;
  if (target.protocol !== 'https:' && !isPlain) throw notReached();
  const host = target.hostname.replace(/^\[|\]$/g, '');
  const found = isIP(host) === 0 ? await resolveName(host) : [{ address: host, family: isIP(host) }];
  const mayReach = ({ address }: LookupAddress): boolean => isPublic(address) || (allowLoopback && isLoopback(address));
  // One bad address among good ones is an attempt, not a mistake.
  if (found.length === 0 || !found.every(mayReach)) throw notReached();
  return send(target, question, found);
}

const byName: ResolveName = (hostname) => lookup(hostname, { all: true });

function send(target: URL, question: OutsideQuestion, found: readonly LookupAddress[]): Promise<OutsideReply> {
  const { method, headers, body, signal, mostBytes } = question;
  const timeout = AbortSignal.timeout(LONGEST_MS);
  return new Promise((resolve, reject) => {
    const begin = target.protocol === 'https:' ? requestHttps : requestHttp;
    const outgoing = begin(target, {
      method,
      headers: body === undefined ? headers : { ...headers, 'content-length': Buffer.byteLength(body) },
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      lookup: only(found),
      // A connection that is kept was made for somebody else's address.
      agent: false,
    });
    outgoing.on('error', reject);
    outgoing.on('response', (incoming) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      const end = (): void => {
        const whole = Buffer.concat(chunks);
        const isCut = whole.length > mostBytes;
        resolve({ status: incoming.statusCode ?? 0, body: whole.subarray(0, mostBytes), isCut });
        incoming.destroy();
      };
      incoming.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        bytes += chunk.length;
        if (bytes > mostBytes) end();
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
