import {
  type AdapterSettings,
  checkConformance,
  createLegacy,
  type Finding,
  type KnownPerson,
} from '../../src/legacy/index.ts';
import { createRecords, type ExportedRow } from './legacy-records.ts';

export interface Subject {
  readonly settings: AdapterSettings;
  readonly secrets?: Readonly<Record<string, string>>;
  /** Of an export, for families that check against one. */
  readonly rows?: readonly ExportedRow[];
  readonly known: KnownPerson;
  readonly disabled?: KnownPerson;
  readonly now?: () => Date;
  readonly normalise?: (typed: string) => string | undefined;
}

/** The cases of `latchkey sources check` on an old system that a test has started. */
export async function examine(subject: Subject): Promise<readonly Finding[]> {
  const { settings, secrets = {}, rows = [], known, disabled, now = () => new Date(), normalise } = subject;
  const legacy = createLegacy({
    allow: ['127.0.0.1:*', 'localhost:*'],
    secrets,
    records: () => createRecords(rows),
    replays: () => ({ once: async () => true }),
    metrics: { answered: () => {}, fault: () => {} },
    now,
    onFault: () => {},
  });
  const limited = { ...settings, limits: { floorMs: 0, ...settings.limits } };
  const source = { source: 'old', version: 1, identifierLabel: { en: 'User name' }, settings: limited };
  try {
    return await checkConformance({
      adapter: await legacy.adapterOf(source),
      probe: () => legacy.probe(source),
      normalise: normalise ?? ((typed) => typed),
      known,
      disabled,
      floorMs: limited.limits.floorMs,
      clock: () => performance.now(),
    });
  } finally {
    await legacy.close();
  }
}
