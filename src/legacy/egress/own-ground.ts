import { BlockList, isIPv6 } from 'node:net';

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
