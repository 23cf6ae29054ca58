import { createSocket } from 'node:dgram';
import type { Egress } from '../egress/egress.ts';
import { LegacyFault } from '../legacy-fault.ts';
import { type Packet, readPacket } from './packet.ts';
import { signRequest, verifyAnswer } from './sign-packet.ts';

export interface RadiusQuestion {
  readonly server: { readonly host: string; readonly port?: number | undefined };
  readonly request: Packet;
  readonly secret: Buffer;
  readonly resendMs: number;
  /** How long this server has. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * One request and its answer, on a socket of its own that hears nobody else. Sent again it is the same bytes: the server
 * knows it by identifier and authenticator, and does not count it as a second try (RFC 5080 §2.2.2). @throws LegacyFault
 */
export async function askServer(egress: Egress, question: RadiusQuestion): Promise<Packet> {
  const { server, request, secret, resendMs, timeoutMs, signal } = question;
  const peer = await egress.resolve(server.host, server.port ?? 1812);
  const bytes = signRequest(request, secret);
  const socket = createSocket(peer.family === 6 ? 'udp6' : 'udp4');
  const answered = Promise.withResolvers<Packet>();
  let late = new LegacyFault('timed-out', 'no answer');

  socket.on('message', (received) => {
    const verdict = verifyAnswer(received, request, secret);
    // Not believed, and not the end of it: an attacker could else keep the true answer out.
    if (verdict === 'unsigned') late = new LegacyFault('misconfigured', 'answers without Message-Authenticator');
    const packet = verdict === 'ours' ? readPacket(received)?.packet : undefined;
    if (packet) answered.resolve(packet);
  });
  const fail = (error: Error): void => answered.reject(new LegacyFault('unreachable', 'nobody is there', error));
  socket.on('error', fail);
  const giveUp = (): void => answered.reject(late);
  const timer = setTimeout(giveUp, timeoutMs);
  signal.addEventListener('abort', giveUp, { once: true });
  if (signal.aborted) giveUp();
  const send = (): void => socket.send(bytes, (error) => error && fail(error));
  let again: NodeJS.Timeout | undefined;
  socket.connect(peer.port, peer.address, () => {
    send();
    again = setInterval(send, resendMs);
  });
  try {
    return await answered.promise;
  } finally {
    clearInterval(again);
    clearTimeout(timer);
    signal.removeEventListener('abort', giveUp);
    socket.close();
  }
}
