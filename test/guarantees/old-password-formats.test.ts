import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  LEGACY_SCHEMES,
  checkKnownPairs,
  createLegacyVerifiers,
  detectScheme,
  encodeWithSide,
} from '../../src/accounts/index.ts';
import { createPasswordWork } from '../../src/platform/crypto/password-work.ts';
import { type HashVector, hashVectors } from '../support/hash-vectors.ts';

const work = createPasswordWork({ memoryKiB: 1024, iterations: 2, parallelism: 1, workers: 2, queue: 64 });
const verifiers = createLegacyVerifiers(work);
const { verifyLegacyHash } = verifiers;
const vectors = hashVectors();

async function answer({ scheme, stored, side, password }: HashVector): Promise<boolean> {
  if (scheme === undefined) return false;
  return (await verifyLegacyHash(encodeWithSide(stored, side), scheme, password)) === 'match';
}

/** A value of no known scheme: it must not match anything. */
const UNSUPPORTED: readonly string[] = ['unknown'];

describe('A7: known answers of other implementations', () => {
  it.each(vectors.map((vector) => [vector.line, vector.name, vector] as const))(
    'line %i, %s',
    async (_line, name, vector) => {
      expect(await answer(vector)).toBe(vector.expect && !UNSUPPORTED.includes(name));
    },
  );

  it('every scheme of the vectors is in the registry, but for those that are named here', () => {
    const missing = vectors.filter(({ scheme }) => scheme === undefined).map(({ name }) => name);
    expect([...new Set(missing)].toSorted()).toEqual(UNSUPPORTED.toSorted());
    expect(vectors.filter(({ origin }) => origin === undefined)).toHaveLength(279);
  });

  it('every scheme of the registry has an answer of somebody else', () => {
    const proved = new Set<string | undefined>(vectors.filter((vector) => vector.expect).map(({ scheme }) => scheme));
    expect(LEGACY_SCHEMES.filter(({ id }) => !proved.has(id)).map(({ id }) => id)).toEqual([]);
    for (const { origin, line } of vectors) expect(line > 279).toBe(origin !== undefined);
  });

  it('every row of the registry states its family, bounds and a note, and has an id of its own', () => {
    const ids = LEGACY_SCHEMES.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const row of LEGACY_SCHEMES) {
      expect(row.id).toMatch(/^[a-z][a-z0-9-]+$/);
      for (const text of [row.family, row.bounds, row.note]) expect(text).toMatch(/\S/);
      expect(row.commonCost).toBeGreaterThan(0);
    }
  });
});

describe('A7: the gate of an import', () => {
  const md5 = (text: string): string => createHash('md5').update(text).digest('hex');

  it('lets no pair through by a wrong recipe, and names the right one', async () => {
    const pairs = ['one', 'two', 'three'].map((word, index) => ({
      stored: md5(`${index}salt${md5(word)}`),
      side: { salt: `${index}salt` },
      password: word,
    }));
    const right = { scheme: 'digest-expr', side: { expr: 'md5(salt.md5(pass))' } } as const;
    expect(await checkKnownPairs(verifiers, right, pairs)).toEqual({ outcome: 'all-verify', pairs: 3 });
    const wrong = await checkKnownPairs(verifiers, { scheme: 'vbulletin' }, pairs);
    expect(wrong).toMatchObject({
      outcome: 'some-fail',
      failed: [0, 1, 2].map((index) => ({ index, reason: 'mismatch' })),
    });
    expect(wrong).toHaveProperty('wouldVerify', [
      { scheme: 'digest-expr', side: { expr: 'md5(salt.md5(pass))', saltEncoding: 'text' } },
    ]);
  });

  it('finds a drift of the character set, and a look-alike', async () => {
    const latin = createHash('md5').update(Buffer.from('fööbar', 'latin1')).digest('hex');
    const drift = await checkKnownPairs(verifiers, { scheme: 'hex-md5' }, [{ stored: latin, password: 'fööbar' }]);
    expect(drift).toMatchObject({
      outcome: 'some-fail',
      wouldVerify: expect.arrayContaining([
        { scheme: 'hex-md5', side: { charsets: ['utf-8', 'windows-1252', 'latin-1'] } },
      ]),
    });
    const nt = [{ stored: '8846f7eaee8fb117ad06bdd830b7586c', password: 'password' }];
    expect(await checkKnownPairs(verifiers, { scheme: 'hex-md5' }, nt)).toMatchObject({
      outcome: 'some-fail',
      wouldVerify: expect.arrayContaining([{ scheme: 'nthash', side: {} }]),
    });
  });

  it('is shut without pairs, and for one bad pair among good ones', async () => {
    expect(await checkKnownPairs(verifiers, { scheme: 'hex-md5' }, [])).toEqual({ outcome: 'no-pairs' });
    const pairs = [
      { stored: md5('a'), password: 'a' },
      { stored: md5('b'), password: 'c' },
    ];
    expect(await checkKnownPairs(verifiers, { scheme: 'hex-md5' }, pairs)).toMatchObject({
      outcome: 'some-fail',
      failed: [{ index: 1, reason: 'mismatch' }],
      wouldVerify: [],
    });
  });
});

describe('the detector', () => {
  const best = (samples: readonly string[]) => detectScheme(samples).candidates[0];

  it.each([
    ['bcrypt', '$2y$10$c92SVSfjeiCD6F2nAD6y0uBpJDjdRkt0EgeC4/31Rf2LUZbDRDE.O'],
    ['ldap-salted-sha1', '{SSHA}0c0blFTXXNuAMHECS4uxrj3ZieMoWImr'],
    ['aspnet-identity-v3', 'AQAAAAEAACcQAAAAEAABAgMEBQYHCAkKCwwNDg+yWU7rLgUwPZb1Itsmra7cbxw2EFpwpVFIEtP+JIuUEw=='],
    ['sha512-crypt', `$6$rounds=10000$saltsalt$${'a'.repeat(86)}`],
    ['phpass', '$P$9IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0'],
  ] as const)('%s tells itself', (scheme, sample) => {
    expect(best([sample, '!', ''])).toMatchObject({ scheme, fits: 1, decidedBy: 'shape' });
    expect(best([sample])?.confidence).toBeGreaterThan(0.9);
  });

  it('says the parameters and how many fit', () => {
    const samples = [4, 10, 12].map((cost) => `$2b$${String(cost).padStart(2, '0')}$${'a'.repeat(53)}`);
    const detection = detectScheme([...samples, '*', '{SASL}me@REALM', 'what is this']);
    expect(detection).toMatchObject({ samples: 6, disabled: 1, liveSourceOnly: 1, unknown: 1 });
    expect(detection.candidates[0]).toMatchObject({
      scheme: 'bcrypt',
      fits: 3,
      parameters: { costClass: 'bcrypt', leastCost: 4, mostCost: 12 },
    });
  });

  it.each([
    [
      '32 hex digits',
      '5f4dcc3b5aa765d61d8327deb882cf99',
      ['hex-md5', 'nthash', 'hex-md4', 'joomla-md5', 'lotus-domino5'],
    ],
    ['md5$salt$hex', 'md5$123abcdef$c8272612932975ee80e8a35995708e80', ['django-md5', 'werkzeug']],
    ['20 bytes of base64', 'uXmFVrdBvv293L9kDR3VnRmx4ZM=', ['dotnet-membership', 'peoplesoft', 'umbraco-hmac-sha1']],
  ])('%s are ambiguous, and known pairs decide', (_name, sample, schemes) => {
    const { candidates } = detectScheme([sample]);
    expect(candidates.map(({ scheme }) => scheme)).toEqual(expect.arrayContaining(schemes));
    for (const { confidence, decidedBy } of candidates) {
      expect(confidence).toBeLessThan(0.7);
      expect(decidedBy).toBe('known-pairs');
    }
  });
});
