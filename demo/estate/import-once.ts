import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { House } from '../../src/house.ts';
import type { ImportOutcome } from '../../src/migration/index.ts';

export const EXPORTS = join(import.meta.dirname, 'exports');
export const readExport = (name: string): Buffer => readFileSync(join(EXPORTS, name));

interface Export {
  readonly source: string;
  readonly bytes: Buffer;
  /** Of the file; its source's when left out. */
  readonly name?: string;
  /** Where what was rejected is written. */
  readonly folder: string;
}

/** By the same code as an operator's command; undefined for an export that is in already, byte for byte. */
export async function importOnce(
  { migration, db }: Pick<House, 'migration' | 'db'>,
  { source, bytes, name = source, folder }: Export,
): Promise<Exclude<ImportOutcome, { outcome: 'refused' }> | undefined> {
  const digest = createHash('sha256').update(bytes).digest();
  const known = await db.query({
    text: 'SELECT 1 FROM imports WHERE source = $1 AND file_digest = $2 AND finished_at IS NOT NULL LIMIT 1',
    values: [source, digest],
  });
  if (known.length > 0) return undefined;
  mkdirSync(folder, { recursive: true });
  const outcome = await migration.importFile({
    source,
    stream: Readable.from([bytes]),
    fileName: name,
    rejectsPath: join(folder, `${name}.rejects.csv`),
    actor: 'operator:demo',
  });
  if (outcome.outcome !== 'refused') return outcome;
  throw new Error(`${name}: ${outcome.problems.map(({ field, message }) => `${field}: ${message}`).join('; ')}`);
}
