import { Readable } from 'node:stream';
import type { House } from '../../../src/house.ts';
import { importOnce, readExport } from '../import-once.ts';
import { defineSource, exportOf, sourceOf } from './demo-method.ts';
import { demoMethods } from './methods.ts';
import { type StartOptions, startOldSystems } from './start-old-systems.ts';

const OPERATOR = { actor: 'operator:demo' };

/** Starts the old systems that still run, puts all 44 sources on record and imports what they exported. */
export async function openMethods(
  house: Pick<House, 'migration' | 'db'>,
  { folder, ...start }: StartOptions & { readonly folder: string },
): Promise<{ stop: () => Promise<void> }> {
  const { systems, stop } = await startOldSystems(start);
  for (const method of demoMethods) {
    const added = await house.migration.sources.add(defineSource(method, systems), OPERATOR);
    if (added.outcome === 'invalid') {
      throw new Error(`${method.id}: ${added.problems.map(({ field, message }) => `${field}: ${message}`).join('; ')}`);
    }
    const file = method.exported ? readExport(`${sourceOf(method)}.csv`) : undefined;
    const line = exportOf(method);
    const bytes = file ?? (line === undefined ? undefined : Buffer.from(line));
    if (bytes) await importOnce(house, { source: sourceOf(method), bytes, folder });
    if (method.rights !== undefined) await importRights(house, sourceOf(method), method.rights);
  }
  return { stop };
}

async function importRights({ migration }: Pick<House, 'migration'>, source: string, name: string): Promise<void> {
  const stream = Readable.from([readExport(name)]);
  const outcome = await migration.rights.importFile({ source, stream, actor: OPERATOR.actor });
  if (outcome.outcome === 'refused' || outcome.rejected.length > 0)
    throw new Error(`${name}: not all of it can be read`);
}
