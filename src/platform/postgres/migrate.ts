import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { Client } from 'pg';
import { unavailable } from '../failure/latchkey-error.ts';
import type { Queryable } from './database.ts';
import { sqlState, UNIQUE_VIOLATION } from './sql-state.ts';

const FOLDER = new URL('../../../migrations/', import.meta.url);
const UNDEFINED_TABLE = '42P01';
const DUPLICATE_TABLE = '42P07';
const DUPLICATE_OBJECT = '42710';

interface Migration {
  readonly name: string;
  readonly sql: string;
  readonly digest: string;
}

/**
 * Brings the schema up to date: each file of `migrations/` that was not applied yet, in the order of its name, in one
 * transaction of its own. Forward only. Two processes may call it at once: the row that records a migration is written
 * before its SQL runs, so the second waits for the first to commit and then finds nothing to do.
 * @throws LatchkeyError `unavailable` when Postgres does not answer.
 * @throws Error when a file was changed after it was applied, or its SQL fails; what went before it stays.
 */
export async function migrate(
  url: string,
  log: (line: string) => void = () => {},
  folder: URL = FOLDER,
): Promise<{ applied: string[] }> {
  const client = new Client({ connectionString: url });
  client.on('error', () => {});
  try {
    await client.connect();
  } catch (error) {
    throw unavailable('postgres', error);
  }
  try {
    await makeRecord(client);
    const applied: string[] = [];
    for (const migration of await readMigrations(folder)) {
      if (await applyOnce(client, migration)) {
        applied.push(migration.name);
        log(`applied ${migration.name}`);
      }
    }
    return { applied };
  } finally {
    await client.end();
  }
}

/** The migrations this code expects and the database does not have, by name. Reads one small table. */
export async function pendingMigrations(db: Queryable, folder: URL = FOLDER): Promise<string[]> {
  const names = await migrationNames(folder);
  try {
    const rows = await db.query<{ name: string }>({ text: 'SELECT name FROM schema_migrations' });
    const applied = new Set(rows.map((row) => row.name));
    return names.filter((name) => !applied.has(name));
  } catch (error) {
    if (sqlState(error) === UNDEFINED_TABLE) return names;
    throw error;
  }
}

async function makeRecord(client: Client): Promise<void> {
  try {
    await client.query(
      `CREATE TABLE IF NOT EXISTS schema_migrations (
         name text PRIMARY KEY, digest text NOT NULL, applied_at timestamptz NOT NULL)`,
    );
  } catch (error) {
    // IF NOT EXISTS is no protection against another process that makes the same table at this moment.
    const state = sqlState(error);
    if (state !== UNIQUE_VIOLATION && state !== DUPLICATE_TABLE && state !== DUPLICATE_OBJECT) throw error;
  }
}

/** Whether this call was the one that applied it. */
async function applyOnce(client: Client, migration: Migration): Promise<boolean> {
  await client.query('BEGIN');
  try {
    const claim = await client.query(
      'INSERT INTO schema_migrations (name, digest, applied_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
      [migration.name, migration.digest, new Date()],
    );
    const isOurs = claim.rowCount === 1;
    if (isOurs) await client.query(migration.sql);
    else await checkUnchanged(client, migration);
    await client.query('COMMIT');
    return isOurs;
  } catch (error) {
    await client.query('ROLLBACK');
    throw new Error(`migration ${migration.name} failed`, { cause: error });
  }
}

async function checkUnchanged(client: Client, migration: Migration): Promise<void> {
  const found = await client.query<{ digest: string }>('SELECT digest FROM schema_migrations WHERE name = $1', [
    migration.name,
  ]);
  if (found.rows[0]?.digest !== migration.digest) throw new Error('the file was changed after it was applied');
}

async function readMigrations(folder: URL): Promise<Migration[]> {
  const names = await migrationNames(folder);
  return Promise.all(
    names.map(async (name) => {
      const sql = await readFile(new URL(name, folder), 'utf8');
      return { name, sql, digest: createHash('sha256').update(sql).digest('hex') };
    }),
  );
}

async function migrationNames(folder: URL): Promise<string[]> {
  const names = await readdir(folder);
  return names.filter((name) => /^\d{4}_[a-z0-9_]+\.sql$/.test(name)).toSorted();
}
