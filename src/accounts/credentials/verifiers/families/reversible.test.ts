import { createCipheriv } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPasswordWork } from '../../../../platform/crypto/password-work.ts';
import { parseLegacyHash } from '../parse-legacy-hash.ts';
import { encodeWithSide } from '../stored-value.ts';
import { createLegacyVerifiers } from '../verify-legacy-hash.ts';
import { wrapWeak } from '../wrap-weak.ts';
import { REVERSIBLE_ROWS } from './reversible.ts';

const work = createPasswordWork({ memoryKiB: 1024, iterations: 1, parallelism: 1, workers: 1, queue: 4 });
const { verifyLegacyHash } = createLegacyVerifiers(work);
const [row] = REVERSIBLE_ROWS;

const pepper = '00112233445566778899aabbccddeeff';
const key = { algorithm: 'aes-128-cbc', pepper, pepperEncoding: 'hex' } as const;

/** The IV in front of the value. */
function sealed(password: string): string {
  const iv = Buffer.alloc(16, 7);
  const cipher = createCipheriv('aes-128-cbc', Buffer.from(pepper, 'hex'), iv);
  return Buffer.concat([iv, cipher.update(password), cipher.final()]).toString('base64');
}

async function wrapped(password: string, side: object = key): Promise<string> {
  const parsed = parseLegacyHash(encodeWithSide(sealed(password), { ...key, ...side }), 'reversible');
  if ('problem' in parsed) throw new Error(parsed.problem);
  expect(parsed.weak).toBe(true);
  return (await wrapWeak(work, parsed)).encoded;
}

describe('a column that can be read back', () => {
  it('is wrapped, and neither its key nor what was under it stays', async () => {
    const encoded = await wrapped('correct horse');
    const template = Buffer.from(encoded.split('$')[3] ?? '', 'base64url').toString();
    expect(template).toBe('{OPENED}');
    expect(await verifyLegacyHash(encoded, 'wrapped', 'correct horse')).toBe('match');
    for (const typed of ['correct hors', '', '{OPENED}', pepper, sealed('correct horse')])
      expect(await verifyLegacyHash(encoded, 'wrapped', typed)).toBe('mismatch');
  });

  it('keeps what the source says about typed passwords', async () => {
    const encoded = await wrapped('correct horse', { trim: true });
    expect(await verifyLegacyHash(encoded, 'wrapped', ' correct horse ')).toBe('match');
  });

  it('an opened value that stands bare has no password', async () => {
    for (const typed of ['', '{OPENED}'])
      expect(await verifyLegacyHash(encodeWithSide('{OPENED}', key), 'reversible', typed)).toBe('mismatch');
  });

  it.each([
    ['no cipher', sealed('a'), { pepper }],
    ['a cipher that is not known', sealed('a'), { ...key, algorithm: 'rot13' }],
    ['no key', sealed('a'), { algorithm: 'aes-128-cbc' }],
    ['a key too short', sealed('a'), { ...key, pepper: 'aabb' }],
    ['an empty password', sealed(''), key],
    ['half a block', sealed('a').slice(0, 20), key],
    ['no base64', '*', key],
    ['another key', sealed('a'), { ...key, pepper: 'f'.repeat(32) }],
  ])('%s is malformed', (_name, stored, side) => {
    expect(row.read(stored, side)).toEqual({ problem: 'malformed' });
  });

  it('G19: no value and no key make it throw', () => {
    const ciphers = ['aes-256-cbc', 'aes-128-ecb', 'des-cbc', 'des-ede3-ecb', 'blowfish-cbc', 'mysql-aes', 'rc4'];
    const salt = fc.option(fc.string({ maxLength: 16 }), { nil: undefined });
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 64 }),
        fc.constantFrom(...ciphers, 'pbe-md5-des'),
        fc.string({ maxLength: 60 }),
        salt,
        (bytes, algorithm, secret, grain) => {
          const side = { algorithm, pepper: secret, ...(grain !== undefined && { salt: grain }) };
          const stored = Buffer.from(bytes).toString('base64');
          for (const variant of [{}, { variant: 'membership' }])
            expect(() => row.read(stored, { ...side, ...variant })).not.toThrow();
        },
      ),
    );
  });
});
