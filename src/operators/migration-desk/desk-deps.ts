import type { AuditBatch } from '../../audit/index.ts';
import type { Migration, Run } from '../../migration/index.ts';
import { LatchkeyError } from '../../platform/failure/latchkey-error.ts';
import type { Pages } from '../../platform/pages/create-pages.ts';
import type { RunFolder } from './files/run-folder.ts';

export interface DeskDeps {
  readonly migration: Pick<Migration, 'runs' | 'sources'>;
  readonly pages: Pick<Pages, 'translate'>;
  /** Undefined: no folder is configured, and files cannot be sent here. */
  readonly files: RunFolder | undefined;
  /** For looks at rows as they came: what changes nothing is recorded in batches. */
  readonly auditBatch: Pick<AuditBatch, 'record'>;
  readonly now: () => Date;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** @throws LatchkeyError `not_found` */
export async function needRun({ migration }: Pick<DeskDeps, 'migration'>, runId: string): Promise<Run> {
  const run = UUID.test(runId) ? await migration.runs.find(runId) : undefined;
  if (run === undefined) throw new LatchkeyError('not_found', 'There is no such run.');
  return run;
}
