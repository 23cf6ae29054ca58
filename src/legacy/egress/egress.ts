import { lookup as systemLookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { LegacyFault } from '../legacy-fault.ts';
import { isPublic } from '../../platform/http/public-address.ts';
import { isOwnGround } from './own-ground.ts';

/** What the operator lets old systems be reached at: `host:port`, `*.host:port`, `host:*`. */
export type AllowList = readonly string[];

export interface Peer {
  readonly host: string;
  readonly port: number;
  /** Resolved once and checked: connect to this, never to the name again (DNS rebinding). */
  readonly address: string;
  readonly family: 4 | 6;
}

/** The only way out to old systems: what is not on the list is not connected to. */
export interface Egress {
  /** @throws LegacyFault `not-on-allow-list` or `unreachable` */
  resolve(host: string, port: number): Promise<Peer>;
}

export interface EgressOptions {
  readonly allow: AllowList;
  readonly lookup?: (host: string) => Promise<readonly { readonly address: string; readonly family: number }[]>;
}

export function createEgress({ allow, lookup = everyAddress }: EgressOptions): Egress {
  return {
    async resolve(host, port) {
      const name = host.replace(/^\[|\]$/g, '').toLowerCase();
      const entry = allow.find((candidate) => isCovered(candidate, name, port));
      if (entry === undefined) throw new LegacyFault('not-on-allow-list', `${name}:${port}`);
      const found = await addressesOf(name, lookup);
      // A wildcard may not lead inside: only a host that is named in full may have an address of our own network.
      const isAllowed = entry.startsWith('*') ? isPublic : (address: string) => mayLeadTo(name, address);
      const usable = found.filter(({ address }) => isAllowed(address));
      const [first] = usable;
      if (!first) throw new LegacyFault('not-on-allow-list', `${name} has no address that may be asked`);
      return { host: name, port, address: first.address, family: first.family === 6 ? 6 : 4 };
    },
  };
}

const NAMES_OF_THIS_MACHINE = /^localhost$|\.localhost$/;

/** This machine must be named as itself: who changes the address of another name shall not lead us here (DNS rebinding). */
const mayLeadTo = (name: string, address: string): boolean =>
  name === address || NAMES_OF_THIS_MACHINE.test(name) || !isOwnGround(address);

async function addressesOf(
  name: string,
  lookup: NonNullable<EgressOptions['lookup']>,
): Promise<readonly { readonly address: string; readonly family: number }[]> {
  const family = isIP(name);
  if (family !== 0) return [{ address: name, family }];
  try {
    return await lookup(name);
  } catch (error) {
    throw new LegacyFault('unreachable', `${name} has no address`, error);
  }
}

const everyAddress = async (host: string) => systemLookup(host, { all: true });

function isCovered(entry: string, host: string, port: number): boolean {
  const colon = entry.lastIndexOf(':');
  const [name, ports] = [entry.slice(0, colon).toLowerCase(), entry.slice(colon + 1)];
  if (ports !== '*' && ports !== String(port)) return false;
  return name.startsWith('*.') ? host.endsWith(name.slice(1)) : host === name.replace(/^\[|\]$/g, '');
}
