import type { Database } from '../../../platform/postgres/database.ts';

/** Rows that were sealed for runs which ended before they came to them: gone, batch by batch. */
export async function unstageEnded(db: Database): Promise<void> {
  const runs = await db.query<{ run_id: string }>({
    text: `SELECT run_id FROM runs WHERE state IN ('stopped', 'refused', 'undone') AND run_id IN (
             SELECT run_id FROM run_batches WHERE staged IS NOT NULL)`,
  });
  for (const { run_id: runId } of runs) {
    const batches = await db.query<{ part: number; batch: number }>({
      text: 'SELECT part, batch FROM run_batches WHERE run_id = $1 AND staged IS NOT NULL',
      values: [runId],
    });
    for (const { part, batch } of batches)
      await db.query({
        text: 'UPDATE run_batches SET staged = NULL, email_keys = NULL WHERE run_id = $1 AND part = $2 AND batch = $3',
        values: [runId, part, batch],
      });
  }
}
