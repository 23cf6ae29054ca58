import { createHash, pbkdf2Sync } from 'node:crypto';
import { hash as bcryptHash } from '@node-rs/bcrypt';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type LegacyScheme,
  type SideInput,
  type Unverifiable,
  createLegacyVerifiers,
  encodeWithSide,
  legacyHashTruncates,
  parseLegacyHash,
  wrapWeak,
} from '../../src/accounts/index.ts';
import { sameBytes } from '../../src/accounts/credentials/verifiers/compare.ts';
import { schemeRow } from '../../src/accounts/credentials/verifiers/registry.ts';
import { readStored } from '../../src/accounts/credentials/verifiers/stored-value.ts';
import { verifyHash } from '../../src/accounts/credentials/verifiers/verify-hash.ts';
import { createPasswordWork } from '../../src/platform/crypto/password-work.ts';
import { type HashVector, hashVectors } from '../support/hash-vectors.ts';

const counted: { scheme: LegacyScheme; reason: Unverifiable }[] = [];
const onUnverifiable = (event: { scheme: LegacyScheme; reason: Unverifiable }): number => counted.push(event);
const cost = { memoryKiB: 1024, iterations: 2, parallelism: 1, workers: 2, queue: 64 };
const work = createPasswordWork(cost);
const { verifyLegacyHash } = createLegacyVerifiers(work, { onUnverifiable });
/** As in production: where what a sign-in costs is the point. */
const atFullCost = createLegacyVerifiers(createPasswordWork({ ...cost, memoryKiB: 19_456 }), { onUnverifiable });

type Known = HashVector & { readonly scheme: LegacyScheme };
const known = hashVectors().filter((vector): vector is Known => vector.scheme !== undefined && vector.expect);

const encode = ({ stored, side }: Pick<Known, 'stored' | 'side'>): string => encodeWithSide(stored, side);

/** What a captured table holds, in every writing that somebody could type. */
const writings = (digest: Buffer): string[] => [
  digest.toString('hex'),
  digest.toString('hex').toUpperCase(),
  digest.toString('base64'),
  digest.toString('latin1'),
];

function readingOf(vector: Known) {
  const row = schemeRow(vector.scheme);
  const read = row && readStored(row, vector);
  if (!row || !read || 'problem' in read) throw new Error(`line ${vector.line} cannot be read`);
  return read;
}

/** Which of these passwords open a stored value. */
async function opening(encoded: string, scheme: LegacyScheme, typed: readonly string[]): Promise<string[]> {
  const opened: string[] = [];
  for (const password of new Set(typed))
    if ((await verifyLegacyHash(encoded, scheme, password)) === 'match') opened.push(password);
  return opened;
}

/** The same digest in another writing, or a password that the old system itself took for the same. */
function sameMeaning(vector: Known, damaged: Known): boolean {
  if (damaged.stored !== vector.stored) {
    const row = schemeRow(vector.scheme);
    const read = row && readStored(row, damaged);
    return read !== undefined && !('problem' in read) && read.expected.equals(readingOf(vector).expected);
  }
  const fold = (text: string): string =>
    text
      .normalize('NFKC')
      .trim()
      .toUpperCase()
      .slice(0, schemeRow(vector.scheme)?.sees ?? 1024);
  return fold(vector.password) === fold(damaged.password) || vector.scheme === 'mysql323';
}

const weak = known.filter((vector) => readingOf(vector).blank !== undefined);

describe('LA22: a cost bomb in an imported hash', () => {
  const salt = 'c29tZXNhbHRzb21lc2FsdA';
  const digest = 'A'.repeat(43);
  const bombs: readonly [scheme: LegacyScheme, stored: string, side?: SideInput][] = [
    ['argon2', `$argon2id$v=19$m=4194304,t=3,p=1$${salt}$${digest}`],
    ['argon2', `$argon2id$v=19$m=65536,t=4294967295,p=1$${salt}$${digest}`],
    ['argon2', `$argon2id$v=19$m=65536,t=1,p=1000$${salt}$${digest}`],
    ['ldap-argon2', `{ARGON2}$argon2id$v=19$m=4194304,t=3,p=1$${salt}$${digest}`],
    ['bcrypt', `$2b$31$${'a'.repeat(53)}`],
    ['wordpress-bcrypt', `$wp$2y$31$${'a'.repeat(53)}`],
    ['sha512-crypt', `$6$rounds=999999999$salt$${'a'.repeat(86)}`],
    ['sha256-crypt', `$5$rounds=999999999$salt$${'a'.repeat(43)}`],
    ['ldap-crypt', `{CRYPT}$6$rounds=999999999$salt$${'a'.repeat(86)}`],
    ['sha1-crypt', `$sha1$999999999$salt$${'a'.repeat(28)}`],
    ['scrypt', `$scrypt$ln=30,r=8,p=1$${salt}$${digest}`],
    ['scrypt', `$scrypt$ln=14,r=8,p=4096$${salt}$${digest}`],
    ['django-scrypt', `scrypt$1073741824$salt$8$1$${'A'.repeat(86)}==`],
    ['werkzeug-scrypt', `scrypt:32768:4096:1$salt$${'a'.repeat(128)}`],
    ['scrypt-crypt7', `$7$S6..../....salt$${'.'.repeat(43)}`],
    ['spring-scrypt', `$1e0801$${salt}$${digest}`],
    ['kratos-firescrypt', `$firescrypt$ln=31,r=8,p=1$${salt}$${'A'.repeat(86)}==$Bw==$${'A'.repeat(86)}==`],
    ['django-pbkdf2', `pbkdf2_sha256$2000001$salt$${digest}=`],
    ['werkzeug-pbkdf2', `pbkdf2:sha512:4000000000$salt$${'a'.repeat(128)}`],
    ['passlib-pbkdf2', `$pbkdf2-sha512$9999999999$${salt}$${'A'.repeat(86)}`],
    ['aspnet-identity-v3', Buffer.from(`01000000017fffffff00000010${'00'.repeat(48)}`, 'hex').toString('base64')],
    ['pbkdf2-parts', `${digest}=`, { algorithm: 'sha1', iterations: 2 ** 31, salt: 'salt' }],
    ['postgres-scram-sha256', `SCRAM-SHA-256$999999999:${salt}==$${digest}=:${digest}=`],
    ['aix-ssha256', `{ssha256}31$salt$${'.'.repeat(43)}`],
    ['phpass', `$P$Ssaltsalt${'a'.repeat(22)}`],
    ['drupal7', `$S$Ssaltsalt${'a'.repeat(43)}`],
    ['shiro1', `$shiro1$SHA-256$999999999$${salt}==$${digest}=`],
    ['bsdi-crypt', `_zzzzsalt${'a'.repeat(11)}`],
    ['netiq-sspr', `$sspr$1$9999999$NONE$${'a'.repeat(40)}`],
    ['sap-codvn-h', `{x-issha, 9999999}${Buffer.alloc(30).toString('base64')}`],
    ['mysql-caching-sha2', `$A$999*${'41'.repeat(20)}*${'41'.repeat(43)}`],
    ['yescrypt', `$y$jFT$saltsalt$${'.'.repeat(43)}`],
    ['yescrypt', `$y$jT5$saltsalt$${'.'.repeat(43)}`],
    ['yescrypt', `$y$j6kE$saltsalt$${'.'.repeat(43)}`],
    ['yescrypt', `$y$j75.D$saltsalt$${'.'.repeat(43)}`],
    ['yescrypt', `$y$j75/xzzz$saltsalt$${'.'.repeat(43)}`],
    ['ldap-crypt', `{CRYPT}$y$jFT$saltsalt$${'.'.repeat(43)}`],
    ['sun-md5-crypt', `$md5,rounds=4294963199$salt$${'.'.repeat(22)}`],
    ['racf-kdfaes', `$racf$*USER123*E7D7E66D000180000010003400100010${'A'.repeat(64)}`],
    ['racf-kdfaes', `$racf-kdfaes$*USER*E7D7E66D000180000008FFFF00100010*${'A'.repeat(32)}*${'A'.repeat(32)}`],
    ['magento2-argon2', `${'a'.repeat(64)}:${'s'.repeat(16)}:3_32_2_4294967296`],
    ['magento2-argon2', `${'a'.repeat(64)}:${'s'.repeat(16)}:3_32_9999_67108864`],
    ['wbb4', `$2a$14$${'a'.repeat(53)}`],
    ['spring-prefixed', `{pbkdf2}${'a'.repeat(80)}`, { iterations: 2 ** 31 }],
    ['spring-prefixed', `{scrypt}$1e0801$${salt}$${digest}`],
    ['digest-expr', 'a'.repeat(32), { expr: 'iterate(rounds, pass, md5(prev))', iterations: 200_001 }],
    ['digest-expr', 'a'.repeat(32), { expr: 'iterate(99999, pass, md5(md5(md5(prev))))' }],
  ];

  it.each(bombs)(
    '%s is refused at import, and at sign-in is a mismatch in bounded time: %s',
    async (scheme, stored, side = {}) => {
      const encoded = encodeWithSide(stored, side);
      expect(parseLegacyHash(encoded, scheme)).toEqual({ problem: 'cost-too-high' });
      const start = process.cpuUsage();
      expect(await atFullCost.verifyLegacyHash(encoded, scheme, 'password')).toBe('mismatch');
      const { user, system } = process.cpuUsage(start);
      expect((user + system) / 1e6).toBeLessThan(3);
      expect(counted).toContainEqual({ scheme, reason: 'cost-too-high' });
    },
  );

  it('several character sets share one budget', () => {
    const stored = `$6$rounds=500000$salt$${'a'.repeat(86)}`;
    expect(parseLegacyHash(stored, 'sha512-crypt')).not.toHaveProperty('problem');
    const side: SideInput = { charsets: ['utf-8', 'windows-1252'] };
    expect(parseLegacyHash(encodeWithSide(stored, side), 'sha512-crypt')).toEqual({ problem: 'cost-too-high' });
  });
});

describe('LA23: truncation', () => {
  it('bcrypt sees 72 bytes, and says that it saw no more', async () => {
    const encoded = await bcryptHash('a'.repeat(72), 4);
    expect(await verifyLegacyHash(encoded, 'bcrypt', `${'a'.repeat(72)}b`)).toBe('match');
    expect(legacyHashTruncates('bcrypt', `${'a'.repeat(72)}b`)).toBe(true);
    expect(await verifyLegacyHash(encoded, 'bcrypt', 'a'.repeat(71))).toBe('mismatch');
  });

  it('a wrapped crypt(3) hash still tells that eight characters were seen', async () => {
    const parsed = parseLegacyHash('CCNf8Sbh3HDfQ', 'des-crypt');
    if ('problem' in parsed) throw new Error(parsed.problem);
    const { encoded, scheme } = await wrapWeak(work, parsed);
    expect(scheme).toBe('wrapped');
    expect(await verifyLegacyHash(encoded, 'wrapped', 'U*U*U*U*and more')).toBe('match');
    expect(legacyHashTruncates('wrapped', 'U*U*U*U*and more', encoded)).toBe(true);
    expect(legacyHashTruncates('wrapped', 'U*U*U*U*', encoded)).toBe(false);
  });

  it('a stored digest that was cut never matches', async () => {
    const opened: string[] = [];
    for (const vector of known.filter(({ scheme }) => scheme !== 'plaintext' && scheme !== 'dovecot'))
      for (const less of [1, 3, 4]) {
        const stored = vector.stored.slice(0, -less);
        const row = schemeRow(vector.scheme);
        // What cannot be read is a mismatch, at the cost of a decoy each.
        if (!row || 'problem' in readStored(row, { stored, side: vector.side })) continue;
        const answer = await verifyLegacyHash(encode({ ...vector, stored }), vector.scheme, vector.password);
        if (answer === 'match' && !sameMeaning(vector, { ...vector, stored }))
          opened.push(`${vector.line}, ${less} less`);
      }
    expect(opened).toEqual([]);
  }, 180_000);
});

describe('LA24: NUL and the sign bug', () => {
  it('no bcrypt and no crypt(3) hash of "a" opens to "a", NUL and anything', async () => {
    const encoded = await bcryptHash('a', 4);
    expect(await verifyLegacyHash(encoded, 'bcrypt', 'a')).toBe('match');
    expect(await verifyLegacyHash(encoded, 'bcrypt', 'a\0b')).toBe('mismatch');
    // Ours would hash what is behind the NUL; whoever made the value did not, so it is no evidence.
    expect(await verifyLegacyHash(await bcryptHash('a\0b', 4), 'bcrypt', 'a\0b')).toBe('mismatch');
    expect(await verifyLegacyHash('CCNf8Sbh3HDfQ', 'des-crypt', 'U*U*U*U*\0b')).toBe('mismatch');
  });

  it('$2x$ is not $2y$: it is never taken unasked, and never for letters beyond ASCII', async () => {
    const twoY = await bcryptHash('pässwörd', 4);
    const twoX = twoY.replace(/^\$2b/, '$2x');
    expect(parseLegacyHash(twoX)).toEqual({ problem: 'unknown-format' });
    expect(parseLegacyHash(twoX, 'bcrypt')).toEqual({ problem: 'unknown-format' });
    expect(await verifyLegacyHash(twoX, 'bcrypt-2x', 'pässwörd')).toBe('mismatch');
    expect(await verifyLegacyHash(twoX, 'bcrypt', 'pässwörd')).toBe('mismatch');
  });
});

describe('LA25: PBKDF2 takes the digest of a long password for the password', () => {
  const long = 'a long password, longer than the block of SHA-1 which is sixty-four bytes';
  const key = (password: string): string => pbkdf2Sync(password, 'salt', 1000, 20, 'sha1').toString('base64');
  const digest = createHash('sha1').update(long).digest();

  it('the raw digest as typed text is not the password, bare or wrapped', async () => {
    const stored = `pbkdf2_sha1$1000$salt$${key(long)}`;
    const parsed = parseLegacyHash(stored);
    if ('problem' in parsed) throw new Error(parsed.problem);
    const wrapped = await wrapWeak(work, parsed);
    expect(wrapped.scheme).toBe('wrapped');
    expect(await verifyLegacyHash(stored, 'django-pbkdf2', long)).toBe('match');
    expect(await verifyLegacyHash(wrapped.encoded, 'wrapped', long)).toBe('match');
    for (const text of writings(digest)) {
      expect(await verifyLegacyHash(stored, 'django-pbkdf2', text)).toBe('mismatch');
      expect(await verifyLegacyHash(wrapped.encoded, 'wrapped', text)).toBe('mismatch');
    }
  });
});

describe('LA26, E12: pass-the-hash', () => {
  it.each(weak.map((vector) => [vector.line, vector.scheme, vector] as const))(
    'line %i, %s: wrapped at rest, opened by the password and by nothing that a captured table holds',
    async (_line, scheme, vector) => {
      const parsed = parseLegacyHash(encode(vector), scheme);
      if ('problem' in parsed) throw new Error(parsed.problem);
      expect(parsed.weak).toBe(true);
      const { expected } = readingOf(vector);
      const { encoded, ...wrapped } = await wrapWeak(work, parsed);
      expect(wrapped).toEqual({ scheme: 'wrapped', cost: parsed.cost });
      // Neither the digest nor the value it came in is left anywhere in what is stored.
      const template = Buffer.from(encoded.split('$')[3] ?? '', 'base64url').toString();
      const captured = [...writings(expected), expected.toString()];
      expect(captured.filter((text) => text.length >= 8 && (template + encoded).includes(text))).toEqual([]);

      expect(await verifyHash(work, encoded, vector.password)).toBe('match-needs-rehash');
      const typed = [...captured, vector.stored, `wrapped:${scheme}:${expected.toString('hex')}`];
      if (schemeRow(scheme)?.sees === undefined) typed.push(`${vector.password}x`);
      expect(
        await opening(
          encoded,
          'wrapped',
          typed.filter((text) => text !== vector.password),
        ),
      ).toEqual([]);
    },
  );

  it('no value of the vectors that is weak is left bare by wrapping; slow ones stay as they are', async () => {
    for (const vector of known) {
      const parsed = parseLegacyHash(encode(vector), vector.scheme);
      if ('problem' in parsed || parsed.weak) continue;
      expect(await wrapWeak(work, parsed)).toBe(parsed);
    }
    expect(weak.length).toBeGreaterThan(60);
  });

  it('a wrapped value whose scheme or recipe was exchanged does not open', async () => {
    const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
    const parsed = parseLegacyHash(md5('secret'), 'hex-md5');
    if ('problem' in parsed) throw new Error(parsed.problem);
    const { encoded } = await wrapWeak(work, parsed);
    expect(await verifyLegacyHash(encoded, 'wrapped', 'secret')).toBe('match');
    for (const other of ['plaintext', 'hex-md4', 'nthash', 'hex-sha1'])
      for (const typed of ['secret', md5('secret')])
        expect(await verifyLegacyHash(encoded.replace('$hex-md5$', `$${other}$`), 'wrapped', typed)).toBe('mismatch');
  });
});

describe('LA28: loose comparison', () => {
  it('magic hashes are not equal to each other, nor parts to the whole', async () => {
    // Both digests read 0e and digits, which PHP's == takes for zero.
    const magic = createHash('md5').update('240610708').digest('hex');
    expect(magic).toMatch(/^0e\d+$/);
    expect(await verifyLegacyHash(magic, 'hex-md5', '240610708')).toBe('match');
    expect(await verifyLegacyHash(magic, 'hex-md5', 'QNKCDZO')).toBe('mismatch');
    expect(sameBytes(Buffer.from('ab'), Buffer.from('abc'))).toBe(false);
    expect(sameBytes(Buffer.alloc(0), Buffer.from('abc'))).toBe(false);
    expect(sameBytes(undefined, Buffer.alloc(0))).toBe(false);
  });

  it('hex is compared by value in either case, base64 by its one writing', async () => {
    const digest = createHash('sha1').update('secret').digest();
    expect(await verifyLegacyHash(digest.toString('hex').toUpperCase(), 'hex-sha1', 'secret')).toBe('match');
    expect(await verifyLegacyHash(`{SHA}${digest.toString('base64')}`, 'ldap-sha1', 'secret')).toBe('match');
    expect(await verifyLegacyHash(`{SHA}${digest.toString('base64').toLowerCase()}`, 'ldap-sha1', 'secret')).toBe(
      'mismatch',
    );
  });
});

describe('LA29: encoding drift', () => {
  const md5 = (bytes: Buffer): string => createHash('md5').update(bytes).digest('hex');

  it('a digest of an old character set verifies where the source names it, and only there', async () => {
    const stored = md5(Buffer.from('fööbar', 'latin1'));
    const euro = md5(Buffer.from([0x80, 0x75, 0x72, 0x6f]));
    const side: SideInput = { charsets: ['utf-8', 'windows-1252'] };
    expect(await verifyLegacyHash(stored, 'hex-md5', 'fööbar')).toBe('mismatch');
    expect(await verifyLegacyHash(encodeWithSide(stored, side), 'hex-md5', 'fööbar')).toBe('match');
    expect(await verifyLegacyHash(encodeWithSide(stored, side), 'hex-md5', 'foobar')).toBe('mismatch');
    expect(await verifyLegacyHash(encodeWithSide(euro, side), 'hex-md5', '€uro')).toBe('match');
    expect(await verifyLegacyHash(encodeWithSide(euro, { charsets: ['latin-1'] }), 'hex-md5', '€uro')).toBe('mismatch');
    expect(
      await verifyLegacyHash(encodeWithSide(md5(Buffer.from([0x81])), { charsets: ['cp437'] }), 'hex-md5', 'ü'),
    ).toBe('match');
  });

  it('blanks are cut off only where the source did; a prefix is read in any case', async () => {
    const stored = md5(Buffer.from('secret'));
    expect(await verifyLegacyHash(stored, 'hex-md5', ' secret ')).toBe('mismatch');
    expect(await verifyLegacyHash(encodeWithSide(stored, { trim: true }), 'hex-md5', ' secret ')).toBe('match');
    expect(await verifyLegacyHash('{crypt}$1$dOHYPKoP$tnxS1T8Q6VVn3kpV8cN6o.', 'ldap-crypt', '')).toBe('match');
  });

  it('the drift survives wrapping', async () => {
    const side: SideInput = { charsets: ['utf-8', 'latin-1'], trim: true };
    const parsed = parseLegacyHash(encodeWithSide(md5(Buffer.from('fööbar', 'latin1')), side), 'hex-md5');
    if ('problem' in parsed) throw new Error(parsed.problem);
    const { encoded } = await wrapWeak(work, parsed);
    expect(await verifyLegacyHash(encoded, 'wrapped', 'fööbar ')).toBe('match');
    expect(await verifyLegacyHash(encoded, 'wrapped', 'fööbär')).toBe('mismatch');
  });
});

describe('false accepts: none, ever', () => {
  const cheap = known.filter((vector) => {
    const row = schemeRow(vector.scheme);
    return (
      row &&
      readingOf(vector).cost <= (row.costClass === 'bcrypt' ? 4 : row.costClass === 'fast' ? 100 : 5000) &&
      row.costClass !== 'scrypt' &&
      row.costClass !== 'argon2'
    );
  });
  /** Instead of what a sign-in would cost where the damaged value cannot be read: half of the time of this test. */
  const CHEAPEST = { scheme: 'hex-md5', cost: 1 } as const;
  const alphabet = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz$=+:{}*';

  it('10,000 damaged values and passwords: none matches', async () => {
    const mutation = fc.record({
      pick: fc.nat(cheap.length - 1),
      at: fc.nat(2000),
      kind: fc.constantFrom('replace', 'drop', 'insert', 'swap-case-of-password', 'password'),
      character: fc.constantFrom(...Array.from(alphabet)),
      word: fc.string({ unit: 'grapheme', maxLength: 24 }),
    });
    let tried = 0;
    await fc.assert(
      fc.asyncProperty(mutation, async ({ pick, at, kind, character, word }) => {
        const vector = cheap[pick];
        if (!vector) return;
        const damaged = damage(vector, { at, kind, character, word });
        if (!damaged) return;
        tried += 1;
        const answer = await verifyLegacyHash(encode(damaged), vector.scheme, damaged.password, CHEAPEST);
        expect(answer === 'mismatch' || sameMeaning(vector, damaged)).toBe(true);
      }),
      { numRuns: 12_000 },
    );
    expect(tried).toBeGreaterThan(10_000);
  }, 300_000);

  interface Damage {
    readonly at: number;
    readonly kind: string;
    readonly character: string;
    readonly word: string;
  }

  function damage(vector: Known, { at, kind, character, word }: Damage): Known | undefined {
    const { stored } = vector;
    const place = at % Math.max(stored.length, 1);
    if (kind === 'password' || kind === 'swap-case-of-password') {
      const password =
        kind === 'password' ? word : vector.password.slice(0, place) + character + vector.password.slice(place);
      return password === vector.password ? undefined : { ...vector, password };
    }
    const rest = stored.slice(place + (kind === 'insert' ? 0 : 1));
    const changed = stored.slice(0, place) + (kind === 'drop' ? '' : character) + rest;
    return changed === stored ? undefined : { ...vector, stored: changed };
  }

  it('what is no hash is a mismatch, counted by scheme and reason, and never throws', async () => {
    for (const [stored, reason] of [
      ['!', 'disabled'],
      ['*', 'disabled'],
      ['', 'disabled'],
      ['!$6$salt$x', 'disabled'],
      ['{SASL}user@REALM', 'live-source-only'],
      ['$unknown$12$o6hx', 'malformed'],
    ] as const) {
      counted.length = 0;
      expect(await verifyLegacyHash(stored, 'sha512-crypt', 'password')).toBe('mismatch');
      expect(counted).toEqual([{ scheme: 'sha512-crypt', reason }]);
    }
  });

  it('A11: what cannot be read costs what a wrong password costs', async () => {
    const cpu = async (job: () => Promise<unknown>): Promise<number> => {
      const costs: number[] = [];
      for (let index = 0; index < 5; index += 1) {
        const before = process.cpuUsage();
        await job();
        const used = process.cpuUsage(before);
        costs.push(used.user + used.system);
      }
      return Math.min(...costs);
    };
    const wrong = await cpu(() =>
      atFullCost.verifyLegacyHash(`$6$saltsalt$${'a'.repeat(86)}`, 'sha512-crypt', 'wrong'),
    );
    const unreadable = await cpu(() => atFullCost.verifyLegacyHash('!', 'sha512-crypt', 'wrong'));
    expect(unreadable / wrong).toBeGreaterThan(0.4);
    expect(unreadable / wrong).toBeLessThan(2.5);
  });
});
