import { describe, expect, it } from 'vitest';
import { createLegacyVerifiers, encodeWithSide } from '../../src/accounts/index.ts';
import { createPasswordWork } from '../../src/platform/crypto/password-work.ts';
import { type HashVector, hashVectors } from '../support/hash-vectors.ts';

const work = createPasswordWork({ memoryKiB: 19_456, iterations: 2, parallelism: 1, workers: 2, queue: 64 });
const { verifyLegacyHash } = createLegacyVerifiers(work);
const vectors = hashVectors();

async function answer({ scheme, stored, side, password }: HashVector): Promise<boolean> {
  if (scheme === undefined) return false;
  return (await verifyLegacyHash(encodeWithSide(stored, side), scheme, password)) === 'match';
}

describe('A7: known answers of other implementations', () => {
  it.each(vectors.map((vector) => [vector.line, vector.name, vector] as const))(
    'line %i, %s',
    async (_line, _name, vector) => {
      expect(await answer(vector)).toBe(vector.expect);
    },
  );
});
