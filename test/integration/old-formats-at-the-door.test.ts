import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { legacyEstate, type LegacyEstate, rentCsv, rentPortal } from '../support/legacy-estate.ts';
import { legacyKeyOf } from '../../src/migration/ledger/legacy-keys.ts';
import { openHouse } from '../../src/house.ts';
import { testConfig } from '../support/config.ts';
import { testDatabase, type TestDatabase } from '../support/postgres.ts';

let database: TestDatabase;
let estate: LegacyEstate;
beforeAll(async () => {
  database = await testDatabase();
  estate = legacyEstate(database.db);
  await estate.migration.sources.add(rentPortal(), { actor: 'operator:test' });
});
afterAll(() => database.drop());

const ssha = (password: string, salt = 'salt'): string =>
  `{SSHA}${Buffer.concat([createHash('sha1').update(password).update(salt).digest(), Buffer.from(salt)]).toString('base64')}`;

// What the importer recognises by its shape must open at the door: a format known to only one of them locks people out.
it.each([
  { scheme: 'LDAP salted SHA-1', hash: ssha('old password'), password: 'old password' },
  { scheme: 'Apache md5crypt', hash: '$apr1$r31.....$HqJZimcKQFAMYayBlzkrA/', password: 'myPassword' },
  { scheme: 'Drupal 7', hash: '$S$C20340258nzjDWpoQthrdNTR02f0pmev0K/5/Nx80WSkOQcPEQRh', password: 'hashcat' },
])('a row that was imported by its shape can be proved: $scheme', async ({ scheme, hash, password }) => {
  const login = scheme.replaceAll(/\W/g, '-').toLowerCase();
  expect(await estate.importText(rentCsv([{ id: login, login, hash }]))).toMatchObject({ created: 1 });
  const attempt = { source: 'rent-portal', login, ip: '10.0.0.1', journeyId: login, browserKey: 'browser' };
  expect(await estate.migration.oldAccounts.check({ ...attempt, password: 'another' })).toEqual({
    outcome: 'mismatch',
  });
  expect(await estate.migration.oldAccounts.check({ ...attempt, password })).toMatchObject({ outcome: 'match' });
});

it('the house counts what cannot be verified, by scheme and reason, and says no more than a wrong password', async () => {
  const login = 'of-a-scheme-that-is-gone';
  await estate.importText(rentCsv([{ id: login, login, hash: ssha('old password') }]));
  await database.db.query({
    text: `UPDATE legacy_accounts SET scheme = 'rot13' WHERE legacy_key = $1`,
    values: [legacyKeyOf(estate.keyRing, 'rent-portal', login)],
  });
  const house = openHouse({ config: testConfig({ postgres: { url: database.url } }), onError: () => undefined });
  try {
    const attempt = { source: 'rent-portal', login, ip: '10.0.0.2', journeyId: login, browserKey: 'browser' };
    const answer = await house.migration.oldAccounts.check({ ...attempt, password: 'old password' });
    expect(answer).toEqual({ outcome: 'mismatch' });
    expect(await house.metrics.text()).toContain(
      'latchkey_unverifiable_hashes_total{scheme="wrapped",reason="unknown-scheme"} 1',
    );
  } finally {
    await house.close();
  }
});
