import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type LegacyEstate, legacyEstate, rentPortal, ssha512Of } from '../../../test/support/legacy-estate.ts';
import { type TestDatabase, testDatabase } from '../../../test/support/postgres.ts';
import { legacyKeyOf } from '../ledger/legacy-keys.ts';
import { openPersonal, openVerifier, sealVerifier } from '../ledger/seal-legacy-row.ts';

const meta = { actor: 'operator:test' };
const PEPPER = 'the pepper of the rent portal';
let database: TestDatabase;
let estate: LegacyEstate;
let sources = 0;
let asked = 0;

beforeAll(async () => {
  database = await testDatabase();
  estate = legacyEstate(database.db, { sourceSecrets: { 'rent-pepper': PEPPER } });
});
beforeEach(() => {
  estate.events.length = 0;
  estate.unverifiable.length = 0;
});
afterAll(() => database.drop());

const digest = (name: string, value: string | Buffer): string => createHash(name).update(value).digest('hex');
type Row = Readonly<Record<string, string>>;

/** A source of its own whose file has these columns beside `id` and `hash`. */
async function newSource(scheme: unknown, columns: Row = {}, file: Record<string, unknown> = {}): Promise<string> {
  const source = `passwords-${(sources += 1)}`;
  const hash = scheme === 'none' ? {} : { hash: 'hash' };
  const definition = rentPortal({
    source,
    scheme,
    file: { format: 'ndjson', columns: { id: 'id', ...hash, ...columns }, ...file },
  });
  expect(await estate.migration.sources.add(definition, meta)).toMatchObject({ outcome: 'added' });
  return source;
}

const importRows = (source: string, rows: readonly Row[]) =>
  estate.importText(rows.map((row) => JSON.stringify(row)).join('\n'), { source });

const check = (source: string, login: string, password: string) =>
  estate.migration.oldAccounts.check({
    source,
    login,
    password,
    ip: `10.3.${Math.floor((asked += 1) / 200)}.${asked % 200}`,
    journeyId: 'journey',
    browserKey: 'browser',
  });

interface Stored extends Record<string, unknown> {
  data_key: Buffer;
  personal_sealed: Buffer;
  verifier_sealed: Buffer | null;
  scheme: string | null;
}

async function storedRow(source: string, id: string): Promise<Stored> {
  const [row] = await database.db.query<Stored>({
    text: 'SELECT * FROM legacy_accounts WHERE legacy_key = $1',
    values: [legacyKeyOf(estate.keyRing, source, id)],
  });
  return row!;
}

async function verifierOf(source: string, id: string): Promise<string> {
  const { data_key: dataKey, verifier_sealed: sealed } = await storedRow(source, id);
  return openVerifier(estate.keyRing, legacyKeyOf(estate.keyRing, source, id), { dataKey, verifierSealed: sealed! });
}

describe('how a column is read', () => {
  it('by a recipe, with salt and user name from columns, a pepper by name, in old characters, trimmed', async () => {
    const recipe = { recipe: 'sha1(salt.lower(user).pass.pepper)', pepper: { secret: 'rent-pepper' } };
    const scheme = { ...recipe, charsets: ['utf-8', 'windows-1252'], trim: true };
    const source = await newSource(scheme, { salt: 'salt', login: 'name' });
    const bytes = Buffer.concat([Buffer.from('s4ltann'), Buffer.from('pässwörd', 'latin1'), Buffer.from(PEPPER)]);
    const rows = [{ id: '1', name: 'ANN', salt: 's4lt', hash: digest('sha1', bytes) }];
    expect(await importRows(source, rows)).toMatchObject({ created: 1 });
    expect(await check(source, 'ann', ' pässwörd ')).toMatchObject({ outcome: 'match' });
    expect(await check(source, 'ann', 'passwörd')).toEqual({ outcome: 'mismatch' });
  });

  it('a secret that the configuration has not is refused before anything is written', async () => {
    const source = await newSource({ recipe: 'md5(pepper.pass)', pepper: { secret: 'not-there' } });
    expect(await importRows(source, [{ id: '1', hash: digest('md5', 'x') }])).toEqual({
      outcome: 'refused',
      problems: [
        {
          field: 'scheme.pepper',
          code: 'secret_missing',
          message: 'Set LATCHKEY_SOURCE_SECRET_NOT_THERE to the secret "not-there".',
        },
      ],
    });
    const imports = await database.db.query({ text: 'SELECT 1 FROM imports WHERE source = $1', values: [source] });
    expect(imports).toEqual([]);
  });

  it('what stands beside a value must be usable, and a file cannot say how its values are read', async () => {
    const scheme = { scheme: 'pbkdf2-parts', algorithm: 'sha256' };
    const source = await newSource(scheme, { salt: 'salt', iterations: 'turns' });
    const hash = Buffer.alloc(32, 7).toString('base64');
    const envelope = `$latchkey$1$${Buffer.from('{"trim":true}').toString('base64url')}$${hash}`;
    const outcome = await importRows(source, [
      { id: '1', hash, salt: 's', turns: '10000' },
      { id: '2', hash, salt: 's', turns: '1e4' },
      { id: '3', hash, salt: 's', turns: '9999999' },
      { id: '4', hash, salt: '', turns: '10000' },
      { id: '5', hash: envelope, salt: 's', turns: '10000' },
    ]);
    expect(outcome).toMatchObject({
      created: 1,
      rejections: { hash_beside_invalid: 1, hash_too_costly: 1, hash_damaged: 1, hash_unknown: 1 },
    });
  });

  it('a password that is switched off goes in without one, and the operator is told', async () => {
    const source = await newSource('detect');
    const outcome = await importRows(source, [
      { id: '1', hash: '!' },
      { id: '2', hash: '{SASL}ann@EXAMPLE' },
      { id: '3', hash: '!$2y$10$c92SVSfjeiCD6F2nAD6y0uBpJDjdRkt0EgeC4/31Rf2LUZbDRDE.O' },
    ]);
    expect(outcome).toMatchObject({ created: 3, notes: { hash_disabled: 2, hash_live_only: 1 } });
    expect(await storedRow(source, '1')).toMatchObject({ verifier_sealed: null, scheme: null });
    expect(await check(source, '1', '!')).toEqual({ outcome: 'mismatch' });
    expect(estate.events.at(-1)?.detail).toMatchObject({ reason: 'no-password' });
  });
});

describe('no bare weak digest at rest', () => {
  it('a file that comes again wraps nothing again, and a changed row only itself', async () => {
    const source = await newSource('hex-md5');
    const rows = ['one', 'two', 'three'].map((word, n) => ({ id: `${n}`, hash: digest('md5', word) }));
    await importRows(source, rows);
    const before = await Promise.all(rows.map(({ id }) => storedRow(source, id)));
    expect(await importRows(source, rows)).toMatchObject({ unchanged: 3 });
    expect(await Promise.all(rows.map(({ id }) => storedRow(source, id)))).toEqual(before);
    const changed = rows.map((row, n) => (n === 1 ? { ...row, hash: digest('md5', 'other') } : row));
    expect(await importRows(source, changed)).toMatchObject({ unchanged: 2, changed: 1 });
    expect(await storedRow(source, '0')).toEqual(before[0]);
    expect(await verifierOf(source, '1')).toMatch(/^\$wrapped\$hex-md5\$/);
    expect(await check(source, '1', 'two')).toEqual({ outcome: 'mismatch' });
    expect(await check(source, '1', 'other')).toMatchObject({ outcome: 'match' });
  });

  it('a bare one from before is wrapped by the file that brought it', async () => {
    const source = await newSource('detect');
    const hash = ssha512Of('secret');
    await importRows(source, [{ id: '1', hash }]);
    const legacyKey = legacyKeyOf(estate.keyRing, source, '1');
    const bare = sealVerifier(estate.keyRing, legacyKey, (await storedRow(source, '1')).data_key, hash);
    await database.db.query({
      text: `UPDATE legacy_accounts SET verifier_sealed = $2, scheme = 'salted-sha512' WHERE legacy_key = $1`,
      values: [legacyKey, bare],
    });
    expect(await check(source, '1', 'secret')).toMatchObject({ outcome: 'match' });
    expect(await importRows(source, [{ id: '1', hash }])).toMatchObject({ changed: 1 });
    expect(await verifierOf(source, '1')).toMatch(/^\$wrapped\$salted-sha512\$/);
    expect(await importRows(source, [{ id: '1', hash }])).toMatchObject({ unchanged: 1 });
  });

  it.each([
    ['in clear', 'plaintext', (text: string) => text],
    ['base64', { scheme: 'plaintext', decode: 'base64' }, (text: string) => Buffer.from(text).toString('base64')],
    ['hex', { scheme: 'plaintext', decode: 'hex' }, (text: string) => Buffer.from(text).toString('hex')],
    [
      'WebSphere xor',
      { scheme: 'plaintext', decode: 'websphere-xor' },
      (text: string) => `{xor}${Buffer.from(Buffer.from(text).map((byte) => byte ^ 0x5f)).toString('base64')}`,
    ],
  ])('M07: a store %s is hashed on arrival and never stored', async (_name, scheme, write) => {
    const source = await newSource(scheme);
    const password = '! Pässword in clear';
    expect(await importRows(source, [{ id: '1', hash: write(password) }])).toMatchObject({ created: 1 });
    const verifier = await verifierOf(source, '1');
    const template = Buffer.from(verifier.split('$')[3] ?? '', 'base64url').toString();
    expect(template).toBe('{PLAIN}');
    expect(verifier).toMatch(/^\$wrapped\$plaintext\$\w+\$argon2id\$/);
    for (const typed of [write(password), digest('sha256', password), 'other'].filter((text) => text !== password))
      expect(await check(source, '1', typed)).toEqual({ outcome: 'mismatch' });
    expect(await check(source, '1', password)).toMatchObject({ outcome: 'match' });
  });

  it('the first good sign-in leaves plain argon2id of what was typed, and no old verifier', async () => {
    const source = await newSource('nthash');
    const md4 = '8846f7eaee8fb117ad06bdd830b7586c';
    await importRows(source, [{ id: '1', hash: md4 }]);
    const proved = await check(source, '1', 'password');
    if (proved.outcome !== 'match') throw new Error(proved.outcome);
    const adopted = await estate.migration.adoptAccount({
      proof: proved.proof,
      journeyId: 'journey',
      browserKey: 'browser',
      meta: { actor: 'citizen', correlationId: 'j' },
      newAccount: { email: 'nt@example.org', emailProvedAt: estate.clock.now, language: 'en' },
    });
    expect(adopted).toMatchObject({ outcome: 'adopted' });
    expect(await estate.accounts.checkPassword('nt@example.org', 'password')).toMatchObject({ outcome: 'match' });
    expect(await estate.accounts.checkPassword('nt@example.org', md4)).toMatchObject({ outcome: 'mismatch' });
    expect(await storedRow(source, '1')).toMatchObject({ state: 'adopted', verifier_sealed: null });
  });
});

describe('rows that carry more, or less', () => {
  it('a source without passwords: the same answer and the same work as for a wrong one', async () => {
    const source = await newSource('none');
    expect(await importRows(source, [{ id: '1' }])).toMatchObject({ created: 1 });
    expect(await importRows(source, [{ id: '1' }])).toMatchObject({ unchanged: 1 });
    for (const [login, reason] of [
      ['1', 'no-password'],
      ['nobody', 'name-unknown'],
    ] as const) {
      const before = estate.work.oldHashes;
      expect(await check(source, login, '')).toEqual({ outcome: 'mismatch' });
      expect(await check(source, login, 'anything')).toEqual({ outcome: 'mismatch' });
      expect(estate.work.oldHashes - before).toBe(2);
      expect(estate.events.at(-1)?.detail).toMatchObject({ reason });
    }
  });

  it('telephone numbers, facts and extras are sealed with the rest', async () => {
    const columns = { phone: 'tel', birthDate: 'born', postcode: 'pc' };
    const source = await newSource('none', columns, { extras: { pin: 'PIN', memorableWord: 'word' } });
    const outcome = await importRows(source, [
      { id: '1', tel: '(0)7700 900123', born: '1970-01-31', pc: 'SW1A 2AA', PIN: '4711', word: 'Llanfair' },
      { id: '2', tel: '101', PIN: '', word: '' },
      { id: '3', PIN: 'x'.repeat(1025) },
      { id: '4', PIN: 'bad\u0000' },
    ]);
    expect(outcome).toMatchObject({
      created: 2,
      notes: { phone_unusable: 1 },
      rejections: { extra_too_long: 1, control_character: 1 },
    });
    const open = async (id: string) => {
      const { data_key: dataKey, personal_sealed: personalSealed } = await storedRow(source, id);
      return openPersonal(estate.keyRing, legacyKeyOf(estate.keyRing, source, id), { dataKey, personalSealed });
    };
    expect(await open('1')).toMatchObject({
      phone: '+447700900123',
      birthDate: '1970-01-31',
      postcode: 'SW1A 2AA',
      extras: { pin: '4711', memorableWord: 'Llanfair' },
    });
    expect(await open('2')).toEqual({ id: '2', login: '2', subject: '2' });
    expect(JSON.stringify(await storedRow(source, '1'))).not.toMatch(/4711|Llanfair/);
  });
});

describe('a stored value that cannot be verified', () => {
  it.each([
    ['damaged', 'bcrypt', '$2y$10$short', { scheme: 'bcrypt', reason: 'malformed' }],
    ['too costly', 'bcrypt', `$2y$31$${'a'.repeat(53)}`, { scheme: 'bcrypt', reason: 'cost-too-high' }],
    ['disabled', 'bcrypt', '!', { scheme: 'bcrypt', reason: 'disabled' }],
    ['wrapped, and damaged', 'wrapped', '$wrapped$hex-md5$x', { scheme: 'wrapped', reason: 'malformed' }],
    ['of a scheme that is gone', 'rot13', 'uryyb', { scheme: 'wrapped', reason: 'unknown-scheme' }],
  ])('%s: a mismatch of the same work, counted', async (_name, scheme, value, counted) => {
    const source = await newSource('detect');
    await importRows(source, [
      { id: 'good', hash: ssha512Of('secret') },
      { id: 'bad', hash: ssha512Of('secret') },
    ]);
    const legacyKey = legacyKeyOf(estate.keyRing, source, 'bad');
    const sealed = sealVerifier(estate.keyRing, legacyKey, (await storedRow(source, 'bad')).data_key, value);
    await database.db.query({
      text: 'UPDATE legacy_accounts SET verifier_sealed = $2, scheme = $3 WHERE legacy_key = $1',
      values: [legacyKey, sealed, scheme],
    });
    for (const login of ['good', 'bad']) {
      const before = estate.work.oldHashes;
      expect(await check(source, login, 'not this')).toEqual({ outcome: 'mismatch' });
      expect(estate.work.oldHashes - before).toBe(1);
    }
    expect(estate.unverifiable).toEqual([counted]);
  });
});
