import type { IncomingMessage } from 'node:http';
import type { Came } from '../../legacy/index.ts';

/**
 * A request as it came in. From the raw headers, since Node joins some of those that come twice and drops others; the
 * peer is who holds the connection, whatever is trusted of X-Forwarded-For.
 */
export function cameOf({ rawHeaders, socket }: Pick<IncomingMessage, 'rawHeaders' | 'socket'>): Came {
  const headers = new Map<string, string[]>();
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = (rawHeaders[at] ?? '').toLowerCase();
    headers.set(name, [...(headers.get(name) ?? []), rawHeaders[at + 1] ?? '']);
  }
  return {
    headers: Object.fromEntries(headers),
    peer: socket.remoteAddress ?? '',
    peerCertificate: certificateOf(socket),
  };
}

/** Only of one that the listener has checked: anybody can show a certificate. */
function certificateOf(socket: IncomingMessage['socket']): string | undefined {
  if (!('authorized' in socket) || socket.authorized !== true || !('getPeerCertificate' in socket)) return undefined;
  const read: unknown = socket.getPeerCertificate;
  const certificate: unknown = typeof read === 'function' ? read.call(socket) : undefined;
  if (typeof certificate !== 'object' || certificate === null || !('fingerprint256' in certificate)) return undefined;
  return String(certificate.fingerprint256).replaceAll(':', '').toLowerCase();
}
