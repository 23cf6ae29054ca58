import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mergeTable } from '../../src/accounts/merging/merge-table.ts';
import { testDatabase, type TestDatabase } from '../support/postgres.ts';

// What is added to an account must be decided for a merge: a column that nobody thought of would be lost, a table would
// stay behind. These tests fail until it is.

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.drop());

const columnsOf = async (table: string): Promise<string[]> => {
  const rows = await database.db.query<{ name: string }>({
    text: `SELECT column_name AS name FROM information_schema.columns
           WHERE table_schema = 'public' AND table_name = $1 ORDER BY column_name`,
    values: [table],
  });
  return rows.map(({ name }) => name);
};

describe('E10: the table of what a merge does with each kind of thing', () => {
  it('names every table that has an account in it', async () => {
    const rows = await database.db.query<{ name: string }>({
      text: `SELECT DISTINCT table_name AS name FROM information_schema.columns
             WHERE table_schema = 'public' AND column_name IN ('account_id', 'survivor_id', 'absorbed_id')`,
    });
    const named = new Set<string>(Object.values(mergeTable).flatMap(({ tables }) => [...tables]));
    expect(rows.map(({ name }) => name).filter((name) => !named.has(name))).toEqual([]);
  });

  // Links are moved with whatever columns they have.
  it.each([
    ['accounts', 'account_id created_at data_key language profile_sealed second_factor status version'],
    ['identities', 'account_id created_at identity_id is_primary kind value_key value_sealed verified_at'],
    ['credentials', 'account_id below_policy created_at credential_id kind secret_sealed'],
    ['subjects', 'account_id created_at origin sector source sub'],
    ['subject_aliases', 'account_id aliased_at created_at origin sector source sub'],
  ])('knows every column of %s', async (table, columns) => {
    expect(await columnsOf(table)).toEqual(columns.split(' '));
  });

  it('knows every kind of contact and credential', async () => {
    const rows = await database.db.query<{ rule: string }>({
      text: `SELECT pg_get_constraintdef(oid) AS rule FROM pg_constraint
             WHERE conname IN ('identities_kind_check', 'credentials_kind_check') ORDER BY conname`,
    });
    expect(rows.map(({ rule }) => rule)).toEqual([
      `CHECK ((kind = 'password'::text))`,
      `CHECK ((kind = ANY (ARRAY['email'::text, 'phone'::text])))`,
    ]);
  });
});
