import { appendAudit } from '../../audit/index.ts';
import type { SourceMeta } from '../sources/source-store.ts';
import { needSource, type SidesDependencies } from './change-sides.ts';

/**
 * Counts one complaint that the new side did not work for somebody; what they said is kept elsewhere. It does nothing where
 * nobody has moved, or the step that it is about is over. @throws `not_found`
 */
export async function complain(
  { db, now }: Pick<SidesDependencies, 'db' | 'now'>,
  key: string,
  { actor, correlationId }: SourceMeta,
  stepSince?: Date,
): Promise<{ readonly outcome: 'counted' | 'nobody-moved' }> {
  return db.transaction(async (tx) => {
    await needSource(tx, key);
    const counted = await tx.query({
      text: `UPDATE source_sides SET complaints = complaints + 1
             WHERE source = $1 AND step > 0 AND step_since = coalesce($2, step_since) RETURNING 1`,
      values: [key, stepSince ?? null],
    });
    if (counted.length === 0) return { outcome: 'nobody-moved' };
    const at = now();
    await appendAudit(tx, { chain: `source:${key}`, type: 'source.cutover-complained', actor, correlationId, at });
    return { outcome: 'counted' };
  });
}
