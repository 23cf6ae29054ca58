import { createHmac, createSign, randomBytes } from 'node:crypto';
import { exportJWK, exportSPKI, generateKeyPair } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createKeyRing } from '../../src/platform/crypto/key-ring.ts';
import { checkFormToken, formToken } from '../../src/platform/http/form-token.ts';
import { rentPortal } from '../support/legacy-estate.ts';
import { type OldWorld, oldWorld } from '../support/old-world.ts';

const secret = (): string => randomBytes(32).toString('base64url');

describe('LA27: what we sign and hand out', () => {
  const lookupKey = secret();
  const keyRing = createKeyRing({ masterKeys: [secret()], lookupKey, pairwiseSalt: secret() });

  it('is an HMAC over parts with their lengths, not a digest of secret and data, which can be lengthened', () => {
    const parts = ['form-token', 'journey', 'browser'];
    const hmac = createHmac('sha256', Buffer.from(lookupKey, 'base64url'));
    hmac.update(parts.map((part) => `${part.length}:${part}`).join(''));
    expect(formToken(keyRing, 'journey', 'browser')).toBe(hmac.digest('base64url'));
  });

  it('does not stand for other parts that read the same in a row', () => {
    const token = formToken(keyRing, 'journey', 'browser');
    expect(checkFormToken(keyRing, token, 'journey', 'browser')).toBe(true);
    for (const parts of [
      ['journeybrowser'],
      ['journe', 'ybrowser'],
      ['journey', 'browser', ''],
      ['browser', 'journey'],
    ])
      expect(checkFormToken(keyRing, token, ...parts)).toBe(false);
    for (const part of ['', token.slice(0, -2), `${token}AA`, Buffer.from(token, 'base64url').toString('hex')])
      expect(checkFormToken(keyRing, part, 'journey', 'browser')).toBe(false);
  });
});

describe('LA27, D14: a signed attestation', () => {
  const audience = 'https://latchkey.example';
  let world: OldWorld;
  beforeAll(async () => {
    world = await oldWorld();
    const policy = { version: 1, assurance: 'Cl', proofs: [{ kind: 'service-attestation', by: ['rent-web'] }] };
    await world.migration.sources.add(rentPortal({ source: 'attested', subjects: 'none', sectors: [], policy }), {
      actor: 'operator:test',
    });
  });
  afterAll(() => world.drop());

  const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

  it('counts with its own signature only: not without one, not with the public key for a secret, not changed', async () => {
    const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
    const person = await world.oldPerson({}, 'attested');
    const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: 'k1' }] };
    const at = Math.floor(world.clock.now.getTime() / 1000);
    const nonce = world.migration.oldAccounts.attestationNonce('attested', world.place());
    const claims = {
      iss: 'rent-web',
      aud: audience,
      sub: person.id,
      source: 'attested',
      nonce,
      iat: at,
      exp: at + 300,
    };
    const tokenOf = (alg: string, sign: (signed: string) => Buffer, more: object = {}): string => {
      const header = encode({ alg, typ: 'legacy-attestation+jwt', kid: 'k1' });
      const signed = `${header}.${encode({ ...claims, jti: secret(), ...more })}`;
      return `${signed}.${sign(signed).toString('base64url')}`;
    };
    const { d, ...publicJwk } = await exportJWK(privateKey);
    const pem = await exportSPKI(publicKey);
    const properly = (signed: string): Buffer =>
      createSign('sha256')
        .update(signed)
        .sign({ key: { ...publicJwk, d }, format: 'jwk', dsaEncoding: 'ieee-p1363' });
    const good = tokenOf('ES256', properly);
    const [header, , signature] = good.split('.');
    const forged = {
      none: tokenOf('none', () => Buffer.alloc(0)),
      None: tokenOf('None', () => Buffer.alloc(0)),
      'HS256 with the public key': tokenOf('HS256', (signed) => createHmac('sha256', pem).update(signed).digest()),
      'HS256 with the public JWK': tokenOf('HS256', (signed) =>
        createHmac('sha256', JSON.stringify(jwks.keys[0])).update(signed).digest(),
      ),
      'claims put in the place of others': `${header}.${encode({ ...claims, jti: secret(), sub: 'P0' })}.${signature}`,
      'a signature of zeroes': tokenOf('ES256', () => Buffer.alloc(64)),
    };
    const check = (jwt: string) =>
      world.migration.oldAccounts.checkAttestation({
        source: 'attested',
        jwt,
        service: { clientId: 'rent-web', jwks },
        audience,
        ...world.place(),
      });
    for (const [how, jwt] of Object.entries(forged))
      expect(await check(jwt), `as ${how}`).toEqual({ outcome: 'mismatch' });
    expect(await check(good)).toMatchObject({ outcome: 'match' });
  });
});
