import { createHmac, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createKeyRing, openWith, sealWith } from './key-ring.ts';

const secret = (): string => randomBytes(32).toString('base64url');
const secrets = { masterKeys: [secret()], lookupKey: secret(), pairwiseSalt: secret() };
const ring = createKeyRing(secrets);

describe('seal and open', () => {
  it('gives back what went in, for its purpose and context only', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.string(), fc.string(), (plain, purpose, context) => {
        const sealed = ring.seal(purpose, plain, context);
        expect(ring.open(purpose, sealed, context).equals(plain)).toBe(true);
        expect(() => ring.open(`${purpose}x`, sealed, context)).toThrow(Error);
        expect(() => ring.open(purpose, sealed, `${context}x`)).toThrow(Error);
      }),
    );
  });

  it('G1: any changed or missing byte is noticed', () => {
    const sealed = ring.seal('purpose', 'a secret', 'row 1');
    for (let index = 0; index < sealed.length; index += 1) {
      const changed = Buffer.from(sealed);
      changed[index]! ^= 1;
      expect(() => ring.open('purpose', changed, 'row 1'), `byte ${index}`).toThrow(Error);
      expect(() => ring.open('purpose', sealed.subarray(0, index), 'row 1'), `cut at ${index}`).toThrow(Error);
    }
  });

  it('never seals twice under the same key and nonce', () => {
    const salts = new Set(Array.from({ length: 1000 }, () => ring.seal('p', 'x').subarray(1, 29).toString('hex')));
    expect(salts.size).toBe(1000);
  });

  it('G12: a new master key seals, the older ones still open, a removed one no longer does', () => {
    const sealed = ring.seal('purpose', 'a secret');
    const rotated = createKeyRing({ ...secrets, masterKeys: [secret(), ...secrets.masterKeys] });
    expect(rotated.open('purpose', sealed).toString()).toBe('a secret');
    expect(() => ring.open('purpose', rotated.seal('purpose', 'new'))).toThrow(Error);
    const removed = createKeyRing({ ...secrets, masterKeys: [secret()] });
    expect(() => removed.open('purpose', sealed)).toThrow(Error);
  });

  it('opens with the right key when two master keys share their first byte', () => {
    const masterKeys = Array.from({ length: 400 }, secret);
    const all = createKeyRing({ ...secrets, masterKeys });
    for (const [index, key] of masterKeys.entries()) {
      if (index % 20 !== 0) continue;
      const sealed = createKeyRing({ ...secrets, masterKeys: [key] }).seal('purpose', `${index}`);
      expect(all.open('purpose', sealed).toString()).toBe(`${index}`);
    }
  });

  it('a data key opens only what it sealed, in its place', () => {
    const key = randomBytes(32);
    const sealed = sealWith(key, 'Ada', 'row 1');
    expect(openWith(key, sealed, 'row 1').toString()).toBe('Ada');
    expect(() => openWith(key, sealed, 'row 2')).toThrow(Error);
    expect(() => openWith(randomBytes(32), sealed, 'row 1')).toThrow(Error);
    expect(() => openWith(key, ring.seal('purpose', 'Ada', 'row 1'), 'row 1')).toThrow(Error);
    expect(() => openWith(key, new Uint8Array(0), 'row 1')).toThrow(Error);
  });
});

describe('look-up keys', () => {
  it('differ whenever purpose or parts differ, also when their joined text does not', () => {
    const parts = fc.array(fc.string({ maxLength: 4 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(parts, parts, (a, b) => {
        const same = JSON.stringify(a) === JSON.stringify(b);
        expect(ring.lookupKey(a[0]!, ...a.slice(1)).equals(ring.lookupKey(b[0]!, ...b.slice(1)))).toBe(same);
      }),
    );
    expect(ring.lookupKey('p', 'a', 'bc').equals(ring.lookupKey('p', 'ab', 'c'))).toBe(false);
    expect(ring.lookupKey('p', 'a').equals(ring.lookupKey('p', 'a', ''))).toBe(false);
  });

  it('D12: stand still when the master key rotates, and depend on their own secret', () => {
    const rotated = createKeyRing({ ...secrets, masterKeys: [secret(), ...secrets.masterKeys] });
    expect(rotated.lookupKey('p', 'a').equals(ring.lookupKey('p', 'a'))).toBe(true);
    expect(rotated.pairwise('sector', 'account').equals(ring.pairwise('sector', 'account'))).toBe(true);
    const other = createKeyRing({ ...secrets, lookupKey: secret(), pairwiseSalt: secret() });
    expect(other.lookupKey('p', 'a').equals(ring.lookupKey('p', 'a'))).toBe(false);
    expect(other.pairwise('sector', 'account').equals(ring.pairwise('sector', 'account'))).toBe(false);
  });
});

describe('derived keys', () => {
  it('differ by purpose, and a caller cannot change the ring by writing into one', () => {
    expect(ring.derive('a').equals(ring.derive('b'))).toBe(false);
    ring.derive('a').fill(0);
    expect(ring.derive('a').equals(Buffer.alloc(32))).toBe(false);
  });
});

describe('secrets', () => {
  it.each(['', 'short', randomBytes(31).toString('base64url'), randomBytes(33).toString('base64url')])(
    'that are not 32 bytes are refused by name: %j',
    (bad) => {
      for (const wrong of [
        { ...secrets, lookupKey: bad },
        { ...secrets, pairwiseSalt: bad },
        { ...secrets, masterKeys: [secret(), bad] },
      ]) {
        expect(() => createKeyRing(wrong)).toThrow(expect.objectContaining({ code: 'config_invalid' }));
      }
      expect(() => createKeyRing({ ...secrets, masterKeys: [] })).toThrow(
        expect.objectContaining({ code: 'config_invalid' }),
      );
    },
  );
});

it('makes keys whose handle is all that must be kept, and opens them under their own purpose and context only', () => {
  const make = ring.keyMaker('data');
  const { key, handle } = make('row 1');
  expect(key).toHaveLength(32);
  expect(ring.openKey('data', handle, 'row 1')).toEqual(key);
  expect(make('row 1').key).not.toEqual(key);
  expect(handle.includes(key)).toBe(false);
  expect(() => ring.openKey('data', handle, 'row 2')).toThrow(Error);
  expect(() => ring.openKey('other', handle, 'row 1')).toThrow(Error);
  for (const at of [0, 1, handle.length - 1]) {
    const changed = Buffer.from(handle);
    changed[at] = (changed[at] ?? 0) ^ 1;
    expect(() => ring.openKey('data', changed, 'row 1')).toThrow(Error);
  }
});

it('a key made under an older master key opens still, and so does one that was sealed', () => {
  const old = secrets;
  const { key, handle } = createKeyRing(old).keyMaker('data')('row');
  const rotated = createKeyRing({ ...old, masterKeys: [randomBytes(32).toString('base64url'), ...old.masterKeys] });
  expect(rotated.openKey('data', handle, 'row')).toEqual(key);
  expect(rotated.openKey('data', createKeyRing(old).seal('data', key, 'row'), 'row')).toEqual(key);
});

it('look-up keys are HMAC-SHA-256 of length-prefixed parts, however long and in whatever script', () => {
  for (const parts of [['a'], ['a', 'bc'], ['ŵ'.repeat(700), '😀'], ['x'.repeat(9000), '']]) {
    const hmac = createHmac('sha256', Buffer.from(secrets.lookupKey, 'base64url'));
    for (const part of ['purpose', ...parts]) hmac.update(`${Buffer.byteLength(part)}:`).update(part);
    expect(ring.lookupKey('purpose', ...parts)).toEqual(hmac.digest());
  }
});
