import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readPacket, writePacket } from './packet.ts';

describe('readPacket', () => {
  it('reads what is written, and leaves out what comes after', () => {
    const bytesOf = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
    const attribute = fc.record({ type: fc.nat(255), value: fc.uint8Array({ maxLength: 253 }) });
    fc.assert(
      fc.property(
        fc.nat(255),
        bytesOf(16),
        fc.array(attribute, { maxLength: 8 }),
        (identifier, authenticator, held) => {
          const attributes = held.map(({ type, value }) => ({ type, value: Buffer.from(value) }));
          const packet = { code: 2, identifier, authenticator: Buffer.from(authenticator), attributes };
          const written = writePacket(packet);
          expect(readPacket(Buffer.concat([written, Buffer.from('padding')]))).toEqual({ packet, bytes: written });
        },
      ),
    );
  });

  it('comes back from anything', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        const read = readPacket(Buffer.from(bytes));
        expect(read === undefined || read.bytes.length <= bytes.length).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});
