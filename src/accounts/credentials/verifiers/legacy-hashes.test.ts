import { createHash, pbkdf2Sync, randomBytes } from 'node:crypto';
import { hash as bcryptHash } from '@node-rs/bcrypt';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type PasswordWork, createPasswordWork } from '../../../platform/crypto/password-work.ts';
import { parseLegacyHash } from './parse-legacy-hash.ts';
import type { LegacyScheme } from './registry.ts';
import { verifyHash } from './verify-hash.ts';
import { createLegacyVerifiers, legacyHashTruncates } from './verify-legacy-hash.ts';
import { encodeSaltedSha512 } from './encode-salted-sha512.ts';

const work = createPasswordWork({ memoryKiB: 19_456, iterations: 2, parallelism: 1, workers: 2, queue: 64 });
const { verifyLegacyHash, decoyLegacyWork } = createLegacyVerifiers(work);

/** Made by other implementations: Openwall, PHP, Django, hashcat, ory/kratos, OpenLDAP. */
const VECTORS: readonly [scheme: LegacyScheme, encoded: string, password: string, matches: boolean][] = [
  ['bcrypt', '$2a$05$c92SVSfjeiCD6F2nAD6y0uBpJDjdRkt0EgeC4/31Rf2LUZbDRDE.O', 'U*U*U*U*', true],
  ['bcrypt', '$2a$05$c92SVSfjeiCD6F2nAD6y0uBpJDjdRkt0EgeC4/31Rf2LUZbDRDE.O', 'U*U*U*U', false],
  ['bcrypt', '$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW', 'U*U', true],
  ['bcrypt', '$2y$04$mIJxfrCaEI3GukZe11CiXublhEFanu5.ododkll1WphfSp6pn4zIu', 'test1', false],
  ['django-pbkdf2', 'pbkdf2_sha1$10000$wz5B6WkasRoF$atJmJ1o+XfJxKq1+Nu1f1i57Z5I=', 'not a password', true],
  ['django-pbkdf2', 'pbkdf2_sha1$10000$wz5B6WkasRoF$atJmJ1o+XfJxKq1+Nu1f1i57Z5I=', 'a password', false],
  ['django-pbkdf2', 'pbkdf2_sha256$390000$seasalt$8xBlGd3jVgvJ+92hWPxi5ww0uuAuAnKgC45eudxro7c=', 'lètmeinz', false],
  ['django-pbkdf2', 'pbkdf2_sha256$390000$seasalt$8xBlGd3jVgvJ+92hWPxi5ww0uuAuAnKgC45eudxro7c=', 'lètmein', true],
  [
    'salted-sha512',
    '{SSHA512}Bz8w5q6qEtB1Nnc8b1jfTvTXVTwohWag33oghQGOtLChnkZTw/cuJaHQlLJEI3AWKZGCRyLA6Phujdxo+is7AjA2MDcyNjY1Mg==',
    'hashcat',
    true,
  ],
  [
    'salted-sha512',
    '{SSHA512}SCMmLlStPIxVtJc8Y6REiGTMsgSEFF7xVQFoYZYg39H0nEeDuK/fWxxNZCdSYlRgJK3U3q0lYTka3Nre2CjXzeNUjbvHabYP',
    'password!',
    false,
  ],
];

describe('E8, A7: vectors of other implementations', () => {
  it.each(VECTORS)('%s %s %j → %s', async (scheme, encoded, password, matches) => {
    expect(parseLegacyHash(encoded)).toMatchObject({ scheme, encoded });
    expect(await verifyLegacyHash(encoded, scheme, password)).toBe(matches ? 'match' : 'mismatch');
  });

  it('the same $2b$ hash is read as $2a$, $2b$ and $2y$', async () => {
    const encoded = await bcryptHash('pâsswörd', 4);
    for (const version of ['2a', '2b', '2y'])
      expect(await verifyLegacyHash(encoded.replace(/^\$2b/, `$${version}`), 'bcrypt', 'pâsswörd')).toBe('match');
  });
});

describe('any password in any format', () => {
  const password = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).filter((text) => !text.includes('\0'));
  const salt = fc.string({ minLength: 1, maxLength: 16 }).filter((text) => !/[\n\r]/.test(text));

  it('salted SHA-512 in both orders and as LDAP has it; a $ in the salt does no harm', async () => {
    await fc.assert(
      fc.asyncProperty(password, salt, async (word, grain) => {
        const hex = (text: string): string => createHash('sha512').update(text).digest('hex');
        const ldap = Buffer.concat([
          createHash('sha512')
            .update(word + grain)
            .digest(),
          Buffer.from(grain),
        ]);
        for (const encoded of [
          encodeSaltedSha512('password-salt', grain, hex(word + grain).toUpperCase()),
          encodeSaltedSha512('salt-password', grain, hex(grain + word)),
          `{ssha512}${ldap.toString('base64')}`,
        ]) {
          expect(parseLegacyHash(encoded)).toMatchObject({ scheme: 'salted-sha512' });
          expect(await verifyLegacyHash(encoded, 'salted-sha512', word)).toBe('match');
          expect(await verifyLegacyHash(encoded, 'salted-sha512', `${word}x`)).toBe('mismatch');
        }
      }),
    );
  });

  it('Django PBKDF2', async () => {
    await fc.assert(
      fc.asyncProperty(password, fc.constantFrom('sha1', 'sha256'), async (word, digest) => {
        const grain = randomBytes(8).toString('hex');
        const key = pbkdf2Sync(word, grain, 10, digest === 'sha1' ? 20 : 32, digest);
        const encoded = `pbkdf2_${digest}$10$${grain}$${key.toString('base64')}`;
        expect(await verifyLegacyHash(encoded, 'django-pbkdf2', word)).toBe('match');
        expect(await verifyLegacyHash(encoded, 'django-pbkdf2', `${word}x`)).toBe('mismatch');
      }),
    );
  });

  it('G19: no text at all makes reading or verifying throw', async () => {
    const prefix = fc.constantFrom('$2b$10$', '$2a$', 'pbkdf2_sha256$', '{SSHA512}', 'sha512-ps$', 'sha512-sp$', '');
    await fc.assert(
      fc.asyncProperty(prefix, fc.string({ unit: 'binary', maxLength: 200 }), async (start, rest) => {
        parseLegacyHash(start + rest);
        expect(await verifyLegacyHash(start + rest, 'salted-sha512', 'x')).toBe('mismatch');
      }),
      { numRuns: 300 },
    );
  });

  it('nor of a dear scheme, where each is answered at the cost of a wrong password', async () => {
    for (const encoded of ['', '$2b$10$', '$2a$', 'pbkdf2_sha256$1$', '\0', '$2b$10$'.repeat(200)])
      for (const scheme of ['bcrypt', 'django-pbkdf2'] as const)
        expect(await verifyLegacyHash(encoded, scheme, 'x')).toBe('mismatch');
  });
});

describe('cost bounds (linking-attacks 22), at import and at verification', () => {
  const tail = 'c92SVSfjeiCD6F2nAD6y0uBpJDjdRkt0EgeC4/31Rf2LUZbDRDE.O';
  const digest = randomBytes(32).toString('base64');

  it.each([
    ['bcrypt', `$2a$31$${tail}`, 'cost-too-high'],
    ['bcrypt', `$2a$15$${tail}`, 'cost-too-high'],
    ['bcrypt', `$2a$03$${tail}`, 'malformed'],
    ['bcrypt', `$2a$5$${tail}`, 'malformed'],
    ['bcrypt', `$2a$05$${tail}x`, 'malformed'],
    ['django-pbkdf2', `pbkdf2_sha256$2000001$salt$${digest}`, 'cost-too-high'],
    ['django-pbkdf2', `pbkdf2_sha256$9999999999$salt$${digest}`, 'cost-too-high'],
    ['django-pbkdf2', `pbkdf2_sha256$0$salt$${digest}`, 'malformed'],
    ['django-pbkdf2', `pbkdf2_sha256$1e3$salt$${digest}`, 'malformed'],
    ['django-pbkdf2', `pbkdf2_sha256$1000$$${digest}`, 'malformed'],
    ['django-pbkdf2', `pbkdf2_sha256$1000$salt$${digest.slice(0, 20)}`, 'malformed'],
    ['django-pbkdf2', `pbkdf2_sha256$1000$${'s'.repeat(2000)}$${digest}`, 'too-long'],
    ['salted-sha512', '{SSHA512}AAAA', 'malformed'],
    ['salted-sha512', `{SSHA512}${randomBytes(64).toString('base64')}`, 'malformed'],
    ['salted-sha512', `sha512-ps$$${'0'.repeat(128)}`, 'malformed'],
    ['salted-sha512', `sha512-ps$salt$${'0'.repeat(127)}`, 'malformed'],
    ['bcrypt', `$2x$05$${tail}`, 'unknown-format'],
    ['bcrypt', '!', 'unknown-format'],
  ] as const)('%s %s is refused: %s', async (scheme, encoded, problem) => {
    const start = performance.now();
    expect(parseLegacyHash(encoded)).toEqual({ problem });
    expect(await verifyLegacyHash(encoded, scheme, 'U*U*U*U*')).toBe('mismatch');
    // As long as any wrong password takes, and nowhere near what the value asks for.
    expect(performance.now() - start).toBeLessThan(3000);
  });

  it('a hint keeps other schemes out', () => {
    expect(parseLegacyHash(`$2a$05$${tail}`, 'django-pbkdf2')).toEqual({ problem: 'unknown-format' });
    expect(parseLegacyHash(` $2a$05$${tail}\n`, 'bcrypt')).toEqual({
      scheme: 'bcrypt',
      encoded: `$2a$05$${tail}`,
      cost: 5,
    });
  });
});

describe('A2: bcrypt’s limits', () => {
  it('a longer password matches on its first 72 bytes, as the old system had it, and is reported', async () => {
    const long = 'a'.repeat(72);
    const encoded = await bcryptHash(`${long}b`, 4);
    expect(await verifyLegacyHash(encoded, 'bcrypt', `${long}b`)).toBe('match');
    expect(await verifyLegacyHash(encoded, 'bcrypt', 'a'.repeat(71))).toBe('mismatch');
    expect(
      [`${long}b`, 'é'.repeat(37), long, 'é'.repeat(36)].map((word) => legacyHashTruncates('bcrypt', word)),
    ).toEqual([true, true, false, false]);
    expect(legacyHashTruncates('django-pbkdf2', `${long}b`)).toBe(false);
  });

  it('a password with NUL is refused (linking-attacks 24)', async () => {
    const encoded = await bcryptHash('a', 4);
    expect(await verifyLegacyHash(encoded, 'bcrypt', 'a\0b')).toBe('mismatch');
    const withNul = await bcryptHash('a\0b', 4);
    expect(await verifyLegacyHash(withNul, 'bcrypt', 'a\0b')).toBe('mismatch');
  });
});

describe('the chain', () => {
  it('answers for every format it knows, and says when none does', async () => {
    const phc = await work.hash('secret');
    const raised = createPasswordWork({ memoryKiB: 19_456, iterations: 3, parallelism: 1, workers: 1, queue: 1 });
    const bcrypt = await bcryptHash('secret', 4);
    expect([
      await verifyHash(work, phc, 'secret'),
      await verifyHash(raised, phc, 'secret'),
      await verifyHash(work, phc, 'wrong'),
      await verifyHash(work, bcrypt, 'secret'),
      await verifyHash(work, bcrypt, 'wrong'),
      await verifyHash(work, 'plain text', 'plain text'),
    ]).toEqual(['match', 'match-needs-rehash', 'mismatch', 'match-needs-rehash', 'mismatch', 'not-mine']);
  });
});

describe('A11: decoys', () => {
  it.each([
    ['bcrypt', 4],
    ['bcrypt', 12],
    ['django-pbkdf2', 1000],
    ['salted-sha512', 1],
  ] as const)('%s of cost %i is a hash of that cost, and no password opens it', async (scheme, cost) => {
    const seen: string[] = [];
    const spy: PasswordWork = {
      ...work,
      run: (job) => {
        seen.push('run');
        return work.run(job);
      },
    };
    expect(await createLegacyVerifiers(spy).decoyLegacyWork(scheme, 'anything', cost)).toBe('mismatch');
    expect(seen).toEqual(['run']);
  });

  it('bcrypt: the decoy costs what a real one costs', async () => {
    const encoded = await bcryptHash('secret', 9);
    // CPU time, not wall time: it is the same on a busy machine.
    const cost = async (job: () => Promise<unknown>): Promise<number> => {
      const costs: number[] = [];
      for (let index = 0; index < 7; index += 1) {
        const before = process.cpuUsage();
        await job();
        const used = process.cpuUsage(before);
        costs.push(used.user + used.system);
      }
      return Math.min(...costs);
    };
    const real = await cost(() => verifyLegacyHash(encoded, 'bcrypt', 'wrong'));
    const decoy = await cost(() => decoyLegacyWork('bcrypt', 'wrong', 9));
    expect(decoy / real).toBeGreaterThan(0.6);
    expect(decoy / real).toBeLessThan(1.6);
  });
});
