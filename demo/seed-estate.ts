import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { House } from '../src/house.ts';
import { importOnce, readExport } from './estate/import-once.ts';

const SOURCES = join(import.meta.dirname, '../config/sources');
const EXPORTS = ['farm-register.csv', 'rent-portal.csv', 'student-loans.ndjson'];

/**
 * Brings the old account systems and their exports in, by the same code an operator's commands call. An export that is in
 * already is not read again.
 */
export async function seedEstate(
  house: Pick<House, 'migration' | 'db'>,
  { folder, say }: { readonly folder: string; readonly say: (line: string) => void },
): Promise<void> {
  const definitions = readdirSync(SOURCES).filter((name) => name.endsWith('.json'));
  for (const name of definitions) {
    const definition: unknown = JSON.parse(readFileSync(join(SOURCES, name), 'utf8'));
    const added = await house.migration.sources.add(definition, { actor: 'operator:demo' });
    if (added.outcome === 'invalid') {
      throw new Error(`${name}: ${added.problems.map(({ field, message }) => `${field}: ${message}`).join('; ')}`);
    }
  }
  for (const name of EXPORTS) {
    const source = name.replace(/\.[a-z]+$/, '');
    const done = await importOnce(house, { source, name, bytes: readExport(name), folder });
    if (done) say(`Imported ${name}: ${done.created} new, ${done.changed} changed, ${done.rejected} rejected.`);
  }
}
