import { afterAll, beforeAll, expect, it } from 'vitest';
import { type HashVector, hashVectors } from '../support/hash-vectors.ts';
import { type LegacyEstate, legacyEstate, rentPortal } from '../support/legacy-estate.ts';
import { passwordFiles } from '../support/old-password-files.ts';
import { type TestDatabase, testDatabase } from '../support/postgres.ts';

// Tried against: vectors that other implementations made
// M01 to M08 need no old system. Known passwords of hashcat, passlib, Django and others go through an import, as an
// export would, and sign in.

let database: TestDatabase;
let estate: LegacyEstate;
const secrets: Record<string, string> = {};

const methods = {
  M01: ['bcrypt', 'bcrypt-2x', 'argon2', 'scrypt', 'yescrypt', 'wordpress-bcrypt'],
  M02: [
    'django-pbkdf2',
    'aspnet-identity-v2',
    'aspnet-identity-v3',
    'keycloak',
    'atlassian-pbkdf2',
    'spring-pbkdf2',
    'passlib-pbkdf2',
    'ldap-pbkdf2',
  ],
  M03: [
    'des-crypt',
    'bsdi-crypt',
    'md5-crypt',
    'apr-md5-crypt',
    'sha256-crypt',
    'sha512-crypt',
    'sha1-crypt',
    'sun-md5-crypt',
    'phpass',
    'drupal7',
  ],
  M04: [
    'digest-expr',
    'ldap-salted-sha1',
    'ldap-salted-md5',
    'salted-sha512',
    'django-sha1',
    'dotnet-membership',
    'ipb-mybb',
  ],
  M05: ['hex-md5', 'hex-sha1', 'hex-sha256', 'nthash', 'lmhash'],
  M06: [
    'oracle10',
    'oracle11',
    'oracle12',
    'mssql2000',
    'mssql2005',
    'mssql2012',
    'mysql323',
    'mysql41',
    'mysql-caching-sha2',
    'postgres-md5',
    'postgres-scram-sha256',
    'sybase-ase',
    'racf-des',
  ],
  M08: ['apr-md5-crypt', 'ldap-sha1', 'bcrypt', 'des-crypt', 'htdigest'],
} as const;

const known = (scheme: string): HashVector[] =>
  hashVectors().filter((vector) => vector.scheme === scheme && vector.expect && vector.stored !== '');
// Names of secrets are known before anything is imported.
const files = new Map(
  Object.entries(methods).map(([id, schemes]) => [
    id,
    schemes.flatMap((scheme) => {
      const found = passwordFiles(known(scheme), secrets);
      return found.map((file, index) => ({ ...file, scheme, source: `${id}-${scheme}-${index}`.toLowerCase() }));
    }),
  ]),
);

beforeAll(async () => {
  database = await testDatabase();
  estate = legacyEstate(database.db, { sourceSecrets: secrets });
});
afterAll(() => database.drop());

let asked = 0;
const check = (source: string, login: string, password: string) =>
  estate.migration.oldAccounts.check({
    source,
    login,
    password,
    ip: `10.8.${Math.floor((asked += 1) / 40)}.1`,
    journeyId: 'journey',
    browserKey: 'browser',
  });

/** Everybody in the method's files, with a wrong password and the right one: what was not as it should be. */
async function signInWith(id: string): Promise<readonly string[]> {
  const wrong: string[] = [];
  for (const { source, definition, ndjson, vectors, scheme } of files.get(id) ?? []) {
    const added = await estate.migration.sources.add({ ...definition, source }, { actor: 'operator:test' });
    const imported = await estate.importText(ndjson, { source });
    if (added.outcome !== 'added' || !('created' in imported) || imported.created !== vectors.length)
      wrong.push(`${scheme}: not imported`);
    for (const { login, password } of vectors) {
      if ((await check(source, login, `not ${password}`)).outcome !== 'mismatch') wrong.push(`${scheme}: any password`);
      if ((await check(source, login, password)).outcome !== 'match') wrong.push(`${scheme}: not its own password`);
    }
  }
  const tried = new Set<string>((files.get(id) ?? []).map(({ scheme }) => scheme));
  const expected = Object.entries(methods).find(([method]) => method === id)?.[1] ?? ['a method that is not there'];
  return [...wrong, ...expected.filter((scheme) => !tried.has(scheme)).map((scheme) => `${scheme}: not tried`)];
}

it('M01: people of bcrypt, Argon2, scrypt, yescrypt and WordPress sign in after an import', async () => {
  expect(await signInWith('M01')).toEqual([]);
});
it('M02: people of frameworks with PBKDF2 sign in after an import', async () => {
  expect(await signInWith('M02')).toEqual([]);
});
it('M03: people of crypt(3) and the portable hashes sign in after an import', async () => {
  expect(await signInWith('M03')).toEqual([]);
});
it('M04: people of salted fast digests sign in after an import', async () => {
  expect(await signInWith('M04')).toEqual([]);
});
it('M05: people of unsalted digests and NT hashes sign in after an import', async () => {
  expect(await signInWith('M05')).toEqual([]);
});
it('M06: people of database accounts sign in after an import', async () => {
  expect(await signInWith('M06')).toEqual([]);
});
it('M08: people of htpasswd and htdigest files sign in after an import', async () => {
  expect(await signInWith('M08')).toEqual([]);
});

it('M07: people whose passwords could be read sign in after an import, and nobody can read them any more', async () => {
  const password = 'Blwyddyn newydd dda 2026';
  const stores = [
    ['plain', 'plaintext', password],
    ['base64', { scheme: 'plaintext', decode: 'base64' }, Buffer.from(password).toString('base64')],
    ['hex', { scheme: 'plaintext', decode: 'hex' }, Buffer.from(password).toString('hex')],
  ] as const;
  for (const [name, scheme, stored] of stores) {
    const source = `m07-${name}`;
    const file = { format: 'ndjson', columns: { id: 'id', hash: 'pw' } };
    const definition = rentPortal({ source, file, scheme, subjects: 'none', sectors: [] });
    expect(await estate.migration.sources.add(definition, { actor: 'operator:test' })).toMatchObject({
      outcome: 'added',
    });
    await estate.importText(JSON.stringify({ id: 'anna', pw: stored }), { source });
    expect(await check(source, 'anna', `${password}!`)).toEqual({ outcome: 'mismatch' });
    expect(await check(source, 'anna', password)).toMatchObject({ outcome: 'match' });
  }
});
