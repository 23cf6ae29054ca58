import fc from 'fast-check';
import { expect, it } from 'vitest';
import { uuidv7 } from './uuid.ts';

const time = fc.integer({ min: 0, max: 2 ** 48 - 1 });

it('is a UUIDv7 of RFC 9562: time first, then version, variant and random bits', () => {
  fc.assert(
    fc.property(time, (now) => {
      const id = uuidv7(now);
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      expect(Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16)).toBe(now);
    }),
  );
});

it('sorts by time, and differs within a millisecond', () => {
  fc.assert(
    fc.property(time, time, (a, b) => {
      fc.pre(a !== b);
      expect(uuidv7(a) < uuidv7(b)).toBe(a < b);
    }),
  );
  expect(new Set(Array.from({ length: 10_000 }, () => uuidv7(1))).size).toBe(10_000);
});
