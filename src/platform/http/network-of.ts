import { isIPv4 } from 'node:net';

/** `near`: what one household, office or attacker's server has (/24, /48); `wide`: about what one provider gives out (/16, /32). */
export type NetworkSize = 'near' | 'wide';

const SIZES = {
  near: { ipv4: 3, ipv6: 3 },
  wide: { ipv4: 2, ipv6: 2 },
} as const satisfies Record<NetworkSize, { ipv4: number; ipv6: number }>;

/** The network that an address is in, in one spelling. */
export function networkOf(ip: string, size: NetworkSize = 'near'): string {
  const { ipv4, ipv6 } = SIZES[size];
  const plain = ip.toLowerCase().replace(/^::ffff:(?=\d+\.)/, '');
  if (isIPv4(plain)) {
    const kept = plain.split('.').slice(0, ipv4);
    return `${[...kept, ...Array.from({ length: 4 - ipv4 }, () => '0')].join('.')}/${ipv4 * 8}`;
  }
  const [head = '', tail] = plain.split('::');
  const groups = head === '' ? [] : head.split(':');
  const missing = tail === undefined ? 0 : 8 - groups.length - (tail === '' ? 0 : tail.split(':').length);
  const first = [...groups, ...Array.from({ length: Math.max(0, missing) }, () => '0')].slice(0, ipv6);
  return `${first.map((group) => group.replace(/^0+(?=.)/, '')).join(':')}::/${ipv6 * 16}`;
}
