import type { Database } from '../../../platform/postgres/database.ts';

/** Rows that were staged for runs which have ended: gone, batch by batch. */
export async function unstageEnded(db: Database): Promise<void> {
  let after = '00000000-0000-0000-0000-000000000000';
  for (;;) {
    const [next] = await db.query<{ run_id: string }>({
      text: 'SELECT run_id FROM run_staged WHERE run_id > $1 ORDER BY run_id LIMIT 1',
      values: [after],
    });
    if (!next) return;
    after = next.run_id;
    const [run] = await db.query({
      text: `SELECT 1 FROM runs WHERE run_id = $1 AND state IN ('stopped', 'refused', 'undone', 'reconciled')`,
      values: [after],
    });
    if (run) await unstage(db, after);
  }
}

async function unstage(db: Database, runId: string): Promise<void> {
  const batches = await db.query<{ part: number; batch: number }>({
    text: 'SELECT part, batch FROM run_batches WHERE run_id = $1',
    values: [runId],
  });
  for (const { part, batch } of batches)
    await db.query({
      text: 'DELETE FROM run_staged WHERE run_id = $1 AND part = $2 AND batch = $3',
      values: [runId, part, batch],
    });
}
