import { request as plainRequest } from 'node:http';
import { Agent, request as secureRequest, type RequestOptions } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { LegacyFault } from '../legacy-fault.ts';
import type { Egress, Peer } from './egress.ts';

export interface HttpQuestion {
  readonly url: string;
  readonly method?: 'GET' | 'POST' | 'PUT';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer | undefined;
  readonly tls?: TlsSettings | undefined;
  /** Longest answer that is read. Bytes; 64 KiB when left out. */
  readonly maxBytes?: number;
  readonly signal: AbortSignal;
}

export interface TlsSettings {
  /** PEM of the authorities that may vouch for the peer, instead of the public ones. */
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

export interface HttpAnswer {
  readonly status: number;
  /** Lower-case names; several of one are joined by ', ', but for cookies. */
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies: readonly string[];
  readonly body: Buffer;
}

const MOST_BYTES = 64 * 1024;

/**
 * One question by HTTP. Follows no redirect, uses no pool (an address is checked for every question), asks for no
 * compression, and reads no more than it was told to. @throws LegacyFault
 */
export async function askHttp(egress: Egress, question: HttpQuestion): Promise<HttpAnswer> {
  const url = new URL(question.url);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw new LegacyFault('misconfigured', 'not http');
  if (url.username !== '' || url.password !== '') throw new LegacyFault('misconfigured', 'credentials in a URL');
  const port = Number(url.port) || (url.protocol === 'https:' ? 443 : 80);
  const peer = await egress.resolve(url.hostname, port);
  const answer = await send(url, peer, question);
  const head = headOf(answer);
  // It was not asked for, and nothing here inflates it: what it would become is not for the other side to say.
  const encoding = head.headers['content-encoding'] ?? 'identity';
  if (encoding.toLowerCase() !== 'identity') {
    answer.destroy();
    throw new LegacyFault('garbage', 'compressed, though nobody asked for that');
  }
  return { ...head, body: await readAll(answer, question) };
}

function send(url: URL, peer: Peer, question: HttpQuestion): Promise<IncomingMessage> {
  const { method = 'GET', headers = {}, body, tls, signal } = question;
  const options: RequestOptions = {
    method,
    signal,
    host: peer.host,
    port: peer.port,
    path: url.pathname + url.search,
    headers: { 'accept-encoding': 'identity', 'user-agent': 'Latchkey', ...headers, ...lengthOf(body) },
    // The address that was checked, whatever the name leads to by now.
    lookup: (_name, wanted, done) =>
      wanted.all ? done(null, [{ address: peer.address, family: peer.family }]) : done(null, peer.address, peer.family),
    agent: url.protocol === 'https:' ? new Agent({ keepAlive: false, minVersion: 'TLSv1.2', ...tls }) : undefined,
  };
  return new Promise((resolve, reject) => {
    const ask = url.protocol === 'https:' ? secureRequest : plainRequest;
    const sent = ask(options, resolve);
    sent.on('error', (error) => reject(faultOf(error)));
    sent.end(body);
  });
}

const lengthOf = (body: string | Buffer | undefined): Record<string, string> =>
  body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };

function headOf(answer: IncomingMessage): Omit<HttpAnswer, 'body'> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(answer.headers)) if (typeof value === 'string') headers[name] = value;
  return { status: answer.statusCode ?? 0, headers, cookies: answer.headers['set-cookie'] ?? [] };
}

async function readAll(
  answer: IncomingMessage,
  { maxBytes: most = MOST_BYTES, signal }: HttpQuestion,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of answer) {
      const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
      size += bytes.length;
      if (size > most) throw new LegacyFault('too-large', `more than ${most} bytes`);
      chunks.push(bytes);
    }
  } catch (error) {
    answer.destroy();
    // A stream that was given up says that the other side has gone.
    throw signal.aborted ? new LegacyFault('timed-out', 'given up', error) : faultOf(error);
  }
  return Buffer.concat(chunks);
}

const CERTIFICATE = /CERT|ALTNAME|SELF_SIGNED|UNABLE_TO|SSL|TLS/;

/** What went wrong on the wire, as a reason. */
export function faultOf(error: unknown): LegacyFault {
  if (error instanceof LegacyFault) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ABORT_ERR') return new LegacyFault('timed-out', 'given up', error);
  if (code.startsWith('HPE_')) return new LegacyFault('garbage', code, error);
  return new LegacyFault(CERTIFICATE.test(code) ? 'bad-certificate' : 'unreachable', code || 'connection', error);
}
