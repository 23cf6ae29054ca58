import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { createCookieSigner } from './cookie-signer.ts';

const [old, current] = [randomBytes(32), randomBytes(32)];

it('takes what it signed, and nothing that differs in name, value or signature', () => {
  const signer = createCookieSigner([current]);
  const signature = signer.sign('session=abc');
  expect(signer.verify('session=abc', signature)).toBe(true);
  expect(signer.verify('session=abd', signature)).toBe(false);
  expect(signer.verify('resume=abc', signature)).toBe(false);
  for (const other of [
    '',
    signature.slice(0, -1),
    `${signature}A`,
    signature.toLowerCase(),
    'ŵ'.repeat(signature.length),
  ])
    expect(signer.verify('session=abc', other)).toBe(false);
});

it('signs with the newest key and still takes those before it, by their place', () => {
  const before = createCookieSigner([old]).sign('session=abc');
  const rotated = createCookieSigner([current, old]);
  expect(rotated.index('session=abc', before)).toBe(1);
  expect(rotated.index('session=abc', rotated.sign('session=abc'))).toBe(0);
  expect(createCookieSigner([current]).index('session=abc', before)).toBe(-1);
});
