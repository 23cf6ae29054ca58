import { BlockList, isIPv6 } from 'node:net';

/**
 * IANA's special-purpose registries: nothing of them is a host of somebody else's on the internet. IPv4 in IPv6
 * (`::ffff:0:0/96`) is checked as the IPv4 that it is; a rule for it would catch all of IPv4.
 */
const special = new BlockList();
for (const [network, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const)
  special.addSubnet(network, bits, 'ipv4');
for (const [network, bits] of [
  ['::', 96],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
] as const)
  special.addSubnet(network, bits, 'ipv6');

/** Whether an IP address is one of the public internet (R20). @see RFC 6890 */
export const isPublicAddress = (address: string): boolean => !special.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');

/**
 * Addresses that no name may lead to, not even one that an operator has named: this machine itself, and what a cloud tells
 * its own machines (R20). Private networks are not among them: that is where old systems are.
 */
const ownGround = new BlockList();
for (const [network, bits] of [
  ['0.0.0.0', 8],
  ['100.100.100.200', 32],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['192.0.0.0', 24],
  ['224.0.0.0', 3],
] as const)
  ownGround.addSubnet(network, bits, 'ipv4');
for (const [network, bits] of [
  ['::', 96],
  ['64:ff9b::7f00:0', 104],
  ['64:ff9b::a9fe:0', 112],
  ['2002:7f00::', 24],
  ['2002:a9fe::', 32],
  ['fd00:ec2::254', 128],
  ['fe80::', 10],
  ['ff00::', 8],
] as const)
  ownGround.addSubnet(network, bits, 'ipv6');

export const isOwnGround = (address: string): boolean => ownGround.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
