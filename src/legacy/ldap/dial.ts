import { once } from 'node:events';
import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { ExtendedRequest } from 'ldapts';
import { faultOf } from '../egress/ask-http.ts';
import type { Egress, Peer } from '../egress/egress.ts';
import { LegacyFault } from '../legacy-fault.ts';
import type { LdapSettings } from './settings.ts';
import { openWire, type Wire } from './wire.ts';

const START_TLS = '1.3.6.1.4.1.1466.20037';
const MOST_BYTES = 65_536;

/**
 * A wire to one server, under TLS. `ldap://` becomes TLS by StartTLS or not at all. Ends when the signal does.
 * @throws LegacyFault
 */
export async function dial(url: string, settings: LdapSettings, egress: Egress, signal: AbortSignal): Promise<Wire> {
  const { protocol, hostname, port } = new URL(url);
  const isTls = protocol === 'ldaps:';
  const peer = await egress.resolve(hostname, Number(port) || (isTls ? 636 : 389));
  const socket = connectPlain({ host: peer.address, port: peer.port, family: peer.family, noDelay: true });
  // Whoever waits for it is told; an error that nobody waits for must not end the process.
  socket.on('error', () => {});
  const giveUp = (): void => void socket.destroy(new LegacyFault('timed-out', 'given up'));
  if (signal.aborted) giveUp();
  signal.addEventListener('abort', giveUp, { once: true });
  socket.once('close', () => signal.removeEventListener('abort', giveUp));
  try {
    await once(socket, 'connect');
    if (!isTls) await startTls(socket);
    const secured = await secure(socket, optionsFor(peer, settings));
    return openWire(secured, settings.maxBytes ?? MOST_BYTES);
  } catch (error) {
    socket.destroy();
    throw signal.aborted ? new LegacyFault('timed-out', 'no connection in time', error) : faultOf(error);
  }
}

async function startTls(socket: Socket): Promise<void> {
  const wire = openWire(socket, 4096);
  const [answer] = await wire.ask((messageId) => new ExtendedRequest({ messageId, oid: START_TLS }));
  if (answer?.kind !== 'extended' || answer.result.code !== 0)
    throw new LegacyFault('refused-us', 'StartTLS was refused');
  wire.release();
}

async function secure(socket: Socket, options: ConnectionOptions): Promise<TLSSocket> {
  const secured = connectTls({ ...options, socket });
  // One failure may be told twice, by the socket and by TLS.
  secured.on('error', () => {});
  socket.on('error', (error) => secured.destroy(error));
  await once(secured, 'secureConnect');
  return secured;
}

function optionsFor({ host }: Peer, { ca, serverName = host }: LdapSettings): ConnectionOptions {
  return {
    host: serverName,
    ...(isIP(serverName) ? {} : { servername: serverName }),
    minVersion: 'TLSv1.2',
    ...(ca !== undefined && { ca }),
  };
}
