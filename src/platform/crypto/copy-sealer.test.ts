import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createCopySealer } from './copy-sealer.ts';

describe('copy sealer', () => {
  const key = randomBytes(32);

  it('opens what another process sealed under the same key', () => {
    const sealed = createCopySealer(key).seal('{"a":"ŵ"}', 'session');
    expect(createCopySealer(key).open(sealed, 'session')).toBe('{"a":"ŵ"}');
  });

  it('never seals two values under one nonce', () => {
    const sealer = createCopySealer(key);
    const heads = Array.from({ length: 1000 }, () => sealer.seal('same', 'c').subarray(0, 22).toString('hex'));
    expect(new Set(heads).size).toBe(1000);
    expect(createCopySealer(key).seal('same', 'c').subarray(0, 16)).not.toEqual(
      sealer.seal('same', 'c').subarray(0, 16),
    );
  });

  it('opens nothing that was changed, cut, moved to another context or sealed under another key', () => {
    const sealer = createCopySealer(key);
    const sealed = sealer.seal('value', 'session');
    for (let length = 0; length < sealed.length; length += 1) {
      expect(sealer.open(sealed.subarray(0, length), 'session')).toBeUndefined();
    }
    for (let at = 0; at < sealed.length; at += 1) {
      const changed = Buffer.from(sealed);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(sealer.open(changed, 'session')).toBeUndefined();
    }
    expect(sealer.open(sealed, 'grant')).toBeUndefined();
    expect(createCopySealer(randomBytes(32)).open(sealed, 'session')).toBeUndefined();
  });
});
