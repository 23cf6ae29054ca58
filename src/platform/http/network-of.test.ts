import { expect, it } from 'vitest';
import { networkOf } from './network-of.ts';

it.each([
  ['198.51.100.7', '198.51.100.0/24', '198.51.0.0/16'],
  ['::ffff:198.51.100.7', '198.51.100.0/24', '198.51.0.0/16'],
  ['2001:db8:1:2::3', '2001:db8:1::/48', '2001:db8::/32'],
  ['2001:0DB8:0001:ffff:0:0:0:1', '2001:db8:1::/48', '2001:db8::/32'],
  ['2001::1', '2001:0:0::/48', '2001:0::/32'],
  ['::1', '0:0:0::/48', '0:0::/32'],
])('%s is of %s and of %s', (ip, near, wide) => {
  expect(networkOf(ip)).toBe(near);
  expect(networkOf(ip, 'wide')).toBe(wide);
});
