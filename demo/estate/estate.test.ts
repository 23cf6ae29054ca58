import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type LegacyEstate, legacyEstate } from '../../test/support/legacy-estate.ts';
import { type TestDatabase, testDatabase } from '../../test/support/postgres.ts';
import { demoPeople } from './people.ts';

let database: TestDatabase;
let estate: LegacyEstate;

beforeAll(async () => {
  database = await testDatabase();
  estate = legacyEstate(database.db);
});
afterAll(() => database.drop());

it.each([
  [
    'rent-portal',
    'rent-portal.csv',
    { created: 23, rejections: { hash_missing: 1, duplicate_id: 1, status_unknown: 1 } },
  ],
  ['student-loans', 'student-loans.ndjson', { created: 14, rejections: { login_unexpected: 1 } }],
  ['farm-register', 'farm-register.csv', { created: 11, rejections: {} }],
])('the demo export of %s goes in as its definition says', async (source, fileName, expected) => {
  const definition: unknown = JSON.parse(
    await readFile(join(import.meta.dirname, `../../config/sources/${source}.json`), 'utf8'),
  );
  expect(await estate.migration.sources.add(definition, { actor: 'operator:demo' })).toMatchObject({
    outcome: 'added',
  });
  const stream = createReadStream(join(import.meta.dirname, 'exports', fileName));
  expect(await estate.importText('', { source, fileName, stream })).toMatchObject(expected);
});

it.each(demoPeople.map((person) => [person.login, person] as const))(
  '%s can prove the old password',
  async (_login, person) => {
    const { source, login, password } = person;
    const answer = await estate.migration.oldAccounts.check({
      source,
      login,
      password,
      ip: '127.0.0.1',
      journeyId: 'demo',
      browserKey: 'demo',
    });
    expect(answer.outcome).toBe(login === 'mary.oneill' ? 'mismatch' : 'match');
    if (answer.outcome !== 'match') return;
    expect(await estate.migration.oldAccounts.describe(answer.legacyKey)).toMatchObject({ name: person.name });
  },
);
