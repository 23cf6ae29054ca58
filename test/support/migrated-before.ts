import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Client } from 'pg';
import { migrate } from '../../src/platform/postgres/migrate.ts';
import { emptyDatabase } from './postgres.ts';

const MIGRATIONS = new URL('../../migrations/', import.meta.url);

/** A database as it was before the migration of that number. */
export async function migratedBefore(number: string): Promise<{ url: string; client: Client; drop(): Promise<void> }> {
  const { url, drop } = await emptyDatabase();
  const folder = await mkdtemp(join(tmpdir(), 'migrations-'));
  for (const name of await readdir(MIGRATIONS))
    if (name < number) await cp(new URL(name, MIGRATIONS), join(folder, name));
  await migrate(url, undefined, pathToFileURL(`${folder}/`));
  await rm(folder, { recursive: true });
  const client = new Client({ connectionString: url });
  await client.connect();
  return {
    url,
    client,
    async drop() {
      await client.end();
      await drop();
    },
  };
}
