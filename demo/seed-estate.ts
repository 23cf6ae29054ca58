import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { Migration } from '../src/migration/index.ts';
import type { Queryable } from '../src/platform/postgres/database.ts';

const SOURCES = join(import.meta.dirname, '../config/sources');
const EXPORTS = join(import.meta.dirname, 'estate/exports');
const OPERATOR = { actor: 'operator:demo' };

/**
 * Brings the old account systems and their exports in, by the same code an operator's commands call. An export that is in
 * already is not read again.
 */
export async function seedEstate(
  { migration, db }: { readonly migration: Migration; readonly db: Queryable },
  options: { readonly folder: string; readonly say: (line: string) => void },
): Promise<void> {
  const definitions = readdirSync(SOURCES).filter((name) => name.endsWith('.json'));
  for (const name of definitions) {
    const added = await migration.sources.add(JSON.parse(readFileSync(join(SOURCES, name), 'utf8')), OPERATOR);
    if (added.outcome === 'invalid') {
      throw new Error(`${name}: ${added.problems.map(({ field, message }) => `${field}: ${message}`).join('; ')}`);
    }
  }
  mkdirSync(options.folder, { recursive: true });
  for (const file of readdirSync(EXPORTS)) await importOnce({ migration, db }, file, options);
}

async function importOnce(
  { migration, db }: { readonly migration: Migration; readonly db: Queryable },
  file: string,
  { folder, say }: { readonly folder: string; readonly say: (line: string) => void },
): Promise<void> {
  const source = file.replace(/\.[a-z]+$/, '');
  const bytes = readFileSync(join(EXPORTS, file));
  const digest = createHash('sha256').update(bytes).digest();
  const known = await db.query({
    text: 'SELECT 1 FROM imports WHERE source = $1 AND file_digest = $2 AND finished_at IS NOT NULL LIMIT 1',
    values: [source, digest],
  });
  if (known.length > 0) return;
  const outcome = await migration.importFile({
    source,
    stream: Readable.from([bytes]),
    fileName: file,
    rejectsPath: join(folder, `${file}.rejects.csv`),
    ...OPERATOR,
  });
  if (outcome.outcome === 'refused') {
    throw new Error(`${file}: ${outcome.problems.map(({ field, message }) => `${field}: ${message}`).join('; ')}`);
  }
  say(`Imported ${file}: ${outcome.created} new, ${outcome.changed} changed, ${outcome.rejected} rejected.`);
}
