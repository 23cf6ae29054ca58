import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PlannedFile, Run, RunMoved, Runs } from '../../src/migration/index.ts';
import { type LegacyEstate, legacyEstate, rentPortal } from './legacy-estate.ts';
import { type TestDatabase, testDatabase } from './postgres.ts';

export const OLWEN = { actor: 'operator:olwen' };
export const BRYN = { actor: 'operator:bryn' };

/** A database with sources in it, a folder for files, and two operators. */
export interface RunDesk extends LegacyEstate {
  readonly runs: Runs;
  readonly folder: string;
  readonly database: TestDatabase;
  newSource(key: string, changes?: Record<string, unknown>): Promise<string>;
  /** Writes a file of the source, and how a plan names it. */
  file(source: string, text: string | Uint8Array, further?: Partial<PlannedFile>): Promise<PlannedFile>;
  planned(files: readonly PlannedFile[], cohort?: number): Promise<Run>;
  /** Olwen has it validated and rehearsed, Bryn approves. */
  approved(files: readonly PlannedFile[], cohort?: number): Promise<Run>;
  /** All the way. */
  finished(files: readonly PlannedFile[], cohort?: number): Promise<Run>;
  /** Asks for it, and works until it is there. */
  bring(runId: string, to: 'validated' | 'rehearsed' | 'staged' | 'reconciled'): Promise<Run>;
  workOn(runId: string): Promise<Run>;
  /** The ledger of a source, opened: what an undisturbed run and another one must agree in. */
  ledger(source: string): Promise<Record<string, unknown>[]>;
  drop(): Promise<void>;
}

export function done(moved: RunMoved): Run {
  if (moved.outcome !== 'done') throw new Error(`refused: ${moved.reason}`);
  return moved.run;
}

export async function runDesk(): Promise<RunDesk> {
  const database = await testDatabase({ poolSize: 10 });
  const estate = legacyEstate(database.db);
  const folder = await mkdtemp(join(tmpdir(), 'runs-'));
  const { runs } = estate.migration;
  const desk: RunDesk = {
    ...estate,
    runs,
    folder,
    database,
    async newSource(key, changes = {}) {
      const added = await estate.migration.sources.add(
        rentPortal({ source: key, sectors: [`${key}.example`], ...changes }),
        OLWEN,
      );
      if (added.outcome === 'invalid') throw new Error(JSON.stringify(added.problems));
      return key;
    },
    async file(source, text, further = {}) {
      const place = join(folder, `${source}-${createHash('sha256').update(text).digest('hex').slice(0, 8)}.csv`);
      await writeFile(place, text);
      return { source, fileName: `${source}.csv`, place, ...further };
    },
    async planned(files, cohort) {
      const outcome = await runs.plan({ title: 'A test', files, cohort, confirmed: true, meta: OLWEN });
      if (outcome.outcome !== 'planned') throw new Error(JSON.stringify(outcome));
      return outcome.run;
    },
    async approved(files, cohort) {
      const { runId } = await desk.planned(files, cohort);
      await desk.bring(runId, 'rehearsed');
      return done(await runs.approve(runId, BRYN, { olderFile: false }));
    },
    async finished(files, cohort) {
      const { runId } = await desk.approved(files, cohort);
      return desk.bring(runId, 'reconciled');
    },
    async bring(runId, to) {
      done(await runs.advance(runId, to, OLWEN));
      return desk.workOn(runId);
    },
    async workOn(runId) {
      await runs.work({ runId, untilIdle: true });
      const run = await runs.find(runId);
      if (!run) throw new Error('no run');
      return run;
    },
    ledger: (source) =>
      database.db.query({
        text: `SELECT l.*, n.login_key FROM legacy_accounts AS l LEFT JOIN legacy_login_names AS n USING (legacy_key)
               WHERE l.source = $1 ORDER BY l.legacy_key, n.login_key`,
        values: [source],
      }),
    async drop() {
      await database.drop();
      await rm(folder, { recursive: true });
    },
  };
  return desk;
}
