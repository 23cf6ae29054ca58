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
  }
  return { stop };
}
