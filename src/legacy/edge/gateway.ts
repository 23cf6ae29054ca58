import { createHash, timingSafeEqual } from 'node:crypto';
import { BlockList, isIP } from 'node:net';
import { LatchkeyError } from '../../platform/failure/latchkey-error.ts';
import type { AdapterContext, Came, Sifted } from '../adapter.ts';
import type { EdgeSettings } from './settings.ts';

/** What the gateway says, and what only somebody else could have put there. */
export type Spoken =
  | { readonly outcome: 'said'; readonly value: string }
  | { readonly outcome: 'silent' }
  | { readonly outcome: 'forged' };

export interface Gateway {
  sift(came: Came): Sifted;
  /** Whether a named peer has sent it. */
  knows(came: Came): boolean;
  /** One header, in bytes as they came (Latin-1). */
  hear(headers: Came['headers'], name: string): Spoken;
}

type PeerSettings = EdgeSettings['peers'][number];
type Peer = (came: Came) => boolean;

const SHORTEST_SECRET = 16;

/**
 * Who may speak, and in which headers. The address is that of the connection; no header, X-Forwarded-For least of all,
 * makes anybody the gateway. @throws LatchkeyError `config_invalid`
 */
export function createGateway(
  settings: Pick<EdgeSettings, 'peers'>,
  names: readonly string[],
  context: Pick<AdapterContext, 'source' | 'secret'>,
): Gateway {
  const peers = settings.peers.map((peer) => createPeer(peer, context));
  const secrets = settings.peers.flatMap(({ secret }) => (secret ? [secret.header] : []));
  const wanted = new Set([...names, ...secrets].map(fold));
  const knows = (came: Came): boolean => peers.some((isPeer) => isPeer(came));
  return {
    knows,
    sift(came) {
      const kept = Object.entries(came.headers).filter(([name]) => wanted.has(fold(name)));
      return { headers: Object.fromEntries(kept), isFromGateway: knows(came) };
    },
    hear,
  };
}

/** CGI and its kin see `SM_USER` and `sm-user` as one: a gateway may have cleaned away only one of them. */
const fold = (name: string): string => name.toLowerCase().replaceAll('_', '-');

/** A header that came twice, or with one that passes for it, was not written by the gateway alone. */
function hear(headers: Came['headers'], name: string): Spoken {
  const alike = Object.entries(headers).filter(([other]) => fold(other) === fold(name));
  const [only] = alike;
  if (!only) return { outcome: 'silent' };
  const [spelt, values] = only;
  const [value] = values;
  if (alike.length > 1 || spelt !== name || values.length !== 1 || value === undefined) return { outcome: 'forged' };
  return { outcome: 'said', value };
}

function createPeer(peer: PeerSettings, { source, secret }: Pick<AdapterContext, 'source' | 'secret'>): Peer {
  const networks = readNetworks(peer.networks, source);
  const certificates = 'certificates' in peer ? peer.certificates : undefined;
  const secrets = (peer.secret?.names ?? []).map(secret);
  if (secrets.some(({ length }) => length < SHORTEST_SECRET))
    throw new LatchkeyError('config_invalid', `The source ${source} has a secret of a gateway that is too short.`);
  const digests = secrets.map(digest);
  return ({ peer: address, peerCertificate, headers }) => {
    if (!isWithin(networks, address)) return false;
    if (certificates && !certificates.includes(peerCertificate ?? '')) return false;
    return peer.secret === undefined || isSecret(hear(headers, peer.secret.header), digests);
  };
}

/** Every secret is compared, and in constant time: how long it took tells nothing of any. */
function isSecret(said: Spoken, digests: readonly Buffer[]): boolean {
  const given = digest(said.outcome === 'said' ? said.value : '');
  return digests.map((known) => timingSafeEqual(known, given)).includes(true) && said.outcome === 'said';
}

const digest = (secret: string): Buffer => createHash('sha256').update(secret, 'latin1').digest();

function readNetworks(networks: readonly string[], source: string): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', bits] = network.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    try {
      if (bits === undefined) list.addAddress(address, family);
      else list.addSubnet(address, Number(bits), family);
    } catch (cause) {
      throw new LatchkeyError('config_invalid', `The source ${source} has a network that is none: ${network}.`, {
        cause,
      });
    }
  }
  return list;
}

function isWithin(networks: BlockList, peer: string): boolean {
  const address = peer.replace(/%.*$/, '');
  const family = isIP(address);
  return family !== 0 && networks.check(address, family === 6 ? 'ipv6' : 'ipv4');
}
