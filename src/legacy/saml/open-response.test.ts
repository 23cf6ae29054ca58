import { describe, expect, it } from 'vitest';
import { openResponse } from './open-response.ts';

const opening = {
  signers: [],
  decryptionKeys: [],
  signed: 'either',
  encryption: 'allowed',
  acceptCbc: false,
  envelope: { issuer: 'i', callbackUrl: 'c', requestId: 'r', now: new Date(0), skewSeconds: 0 },
} as const;
const misshapen = { outcome: 'refused', reason: 'misshapen' };

describe('what a browser brought in place of a response', () => {
  it.each(['', ' ', '<xml>', 'PGEvPg==', 'PGEvPg===', 'PGEvPg==PGEvPg==', 'PGEvPg-_'])(
    'E5: is refused: %j',
    (encoded) => {
      expect(openResponse(encoded, opening)).toEqual(misshapen);
    },
  );

  it('F24 E5: is looked at once, however many blanks it has: else one post keeps a node busy for a minute', () => {
    expect(openResponse(`${' '.repeat(349_000)}!`, opening)).toEqual(misshapen);
    expect(openResponse(`PGEvPg${' '.repeat(340_000)}!`, opening)).toEqual(misshapen);
  });
});
