import { generateKeyPairSync } from 'node:crypto';
import { expect, it } from 'vitest';
import { type Component, contentDigest, inputOf, isSignedBy, signatureBase, signBase } from './sign-message.ts';

const COMPONENTS: readonly Component[] = [
  ['"date"', 'Tue, 20 Apr 2021 02:07:55 GMT'],
  ['"@authority"', 'example.com'],
  ['"content-type"', 'application/json'],
];
const SHARED = 'uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ==';

it('signs as RFC 9421, appendix B.2.5, says', () => {
  const input = inputOf(COMPONENTS, ';created=1618884473;keyid="test-shared-secret"');
  const key = {
    keyId: 'test-shared-secret',
    algorithm: 'hmac-sha256',
    key: Buffer.from(SHARED, 'base64'),
  } as const;
  const base = signatureBase(COMPONENTS, input);
  expect(signBase(base, key)).toBe('pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8=');
  expect(isSignedBy(base, Buffer.from(signBase(base, key), 'base64'), key)).toBe(true);
  expect(isSignedBy(`${base} `, Buffer.from(signBase(base, key), 'base64'), key)).toBe(false);
});

it('digests as RFC 9530 says', () => {
  expect(contentDigest('{"hello": "world"}\n')).toBe('sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:');
});

it.each(['ed25519', 'ecdsa-p256-sha256'] as const)('signs and checks by %s', (algorithm) => {
  const pair =
    algorithm === 'ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pem = {
    key: Buffer.from(pair.privateKey.export({ type: 'pkcs8', format: 'pem' })),
    publicKey: Buffer.from(pair.publicKey.export({ type: 'spki', format: 'pem' })),
  };
  const base = signatureBase(COMPONENTS, '()');
  const signature = Buffer.from(signBase(base, { keyId: 'k', algorithm, key: pem.key }), 'base64');
  expect(signature).toHaveLength(64);
  expect(isSignedBy(base, signature, { keyId: 'k', algorithm, key: pem.publicKey })).toBe(true);
  expect(isSignedBy(`${base}x`, signature, { keyId: 'k', algorithm, key: pem.publicKey })).toBe(false);
});
