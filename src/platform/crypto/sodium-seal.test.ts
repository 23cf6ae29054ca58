import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { openWith } from './key-ring.ts';
import { createSodiumSealer, openSodium } from './sodium-seal.ts';

const key = randomBytes(32);

describe('what libsodium sealed', () => {
  it.each(['', 'Ada', 'Zoë 🙂 Ŵyn', 'x'.repeat(100_000)])('opens as it was', (plain) => {
    expect(openWith(key, createSodiumSealer()(key, plain, 'row 1'), 'row 1').toString()).toBe(plain);
  });

  it('stays as it is while others are sealed after it', () => {
    const seal = createSodiumSealer();
    const sealed = Array.from({ length: 2000 }, (_, n) => seal(key, `${n} ${'ŵ'.repeat(n % 100)}`, `row ${n}`));
    expect(sealed.map((one, n) => openWith(key, one, `row ${n}`).toString())).toEqual(
      sealed.map((_, n) => `${n} ${'ŵ'.repeat(n % 100)}`),
    );
    expect(new Set(sealed.map((one) => one.toString('hex', 1, 25))).size).toBe(2000);
  });

  it('does not open with another key or context, or when anything of it was changed or cut', () => {
    const sealed = createSodiumSealer()(key, 'Ada', 'row 1');
    expect(() => openWith(key, sealed, 'row 2')).toThrow(Error);
    expect(() => openWith(randomBytes(32), sealed, 'row 1')).toThrow(Error);
    for (let at = 1; at < sealed.length; at += 1) {
      const changed = Buffer.from(sealed);
      changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
      expect(() => openSodium(key, changed, 'row 1'), `byte ${at}`).toThrow(Error);
      expect(() => openWith(key, sealed.subarray(0, at), 'row 1'), `cut at ${at}`).toThrow(Error);
    }
  });
});
