import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { LatchkeyError } from '../../../platform/failure/latchkey-error.ts';
import { createMendFile } from '../mend-file.ts';
import { linesOf, type OutcomeGroup } from '../phases/outcome-groups.ts';
import { type PartOfRun, readPart } from '../phases/part-of-run.ts';
import { openFileOf, RefusedError } from '../phases/read-file.ts';
import type { WorkDependencies } from '../phases/work-deps.ts';
import { createRejectsFile, type Reject } from '../rejects-file.ts';
import type { SortedBatch } from '../sort-rows.ts';

export interface RejectsTo {
  /** Why, as CSV; no hash in it. */
  readonly report?: Writable | undefined;
  /** The rows as they came, to be corrected and sent again; hashes too. */
  readonly mend?: Writable | undefined;
}

/** Reads the file of a part once more and gives back what was rejected of it. Answers how many rows that were. */
export async function writeRejects(
  deps: WorkDependencies,
  runId: string,
  number: number,
  to: RejectsTo,
): Promise<number> {
  const part = await readPart(deps.db, runId, number);
  if (!part) return 0;
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-rejects-'));
  try {
    const written = await writeFiles(deps, part, folder).catch(explainRefusal);
    for (const [path, stream] of [
      [written.rejectsPath, to.report],
      [written.mendPath, to.mend],
    ] as const) {
      if (!stream) continue;
      if (path === undefined) stream.end();
      else await pipeline(createReadStream(path), stream);
    }
    return written.rejected;
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** @throws `conflict`: the file is not the one that was planned. */
function explainRefusal(error: unknown): never {
  if (!(error instanceof RefusedError)) throw error;
  const said = error.problems.map(({ field, message }) => `${field}: ${message}`);
  throw new LatchkeyError('conflict', said.join(' '), { cause: error });
}

async function writeFiles(deps: WorkDependencies, part: PartOfRun, folder: string) {
  const taken = await takenLines(deps, part);
  const opened = openFileOf(deps, part);
  const mend = createMendFile(join(folder, 'mend'), opened.writing);
  const file = createRejectsFile(join(folder, 'rejects.csv'), mend);
  let rejected = 0;
  try {
    for await (const batch of opened.batches) {
      const rejects = [...batch.rejects, ...rejectsAmong(batch, taken)];
      rejected += rejects.length;
      await file.write(rejects);
    }
    return { rejected, ...(await file.close()) };
  } finally {
    await file.close();
  }
}

/** Good rows whose user name another old account has: only the ledger knew. */
function rejectsAmong({ rows }: SortedBatch, taken: ReadonlySet<number>): Reject[] {
  if (taken.size === 0) return [];
  return rows
    .filter(({ line }) => taken.has(line))
    .map(({ line, raw, row }) => ({ line, raw, codes: ['login_taken'], id: row.personal.id }));
}

async function takenLines({ db }: WorkDependencies, { runId, part, done }: PartOfRun): Promise<ReadonlySet<number>> {
  const table = done === 'ran' || done === 'undone' ? 'run_batches' : 'run_rehearsals';
  const rows = await db.query<{ outcomes: readonly OutcomeGroup[] }>({
    text: `SELECT outcomes FROM ${table} WHERE run_id = $1 AND part = $2 AND outcomes @> '[{"code": "login_taken"}]'`,
    values: [runId, part],
  });
  const groups = rows.flatMap(({ outcomes }) => outcomes).filter(({ code }) => code === 'login_taken');
  return new Set(groups.flatMap(({ lines }) => [...linesOf(lines)]));
}
