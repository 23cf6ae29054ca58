import { appendAudit } from '../../audit/index.ts';
import { LatchkeyError } from '../../platform/failure/latchkey-error.ts';
import type { Database } from '../../platform/postgres/database.ts';
import type { ActionMeta, Service } from '../service.ts';

/** Stops a service or lets it go on. Doing it twice is no error and leaves one audit event. */
export function setStatus(
  deps: { readonly db: Database; readonly now: () => Date },
  clientId: string,
  status: Service['status'],
  meta: ActionMeta,
): Promise<void> {
  return deps.db.transaction(async (tx) => {
    const [row] = await tx.query<{ status: string }>({
      text: 'SELECT status FROM services WHERE client_id = $1 FOR UPDATE',
      values: [clientId],
    });
    if (!row) throw new LatchkeyError('not_found', 'There is no such service.', { detail: clientId });
    if (row.status === status) return;
    await tx.query({
      text: 'UPDATE services SET status = $2, updated_at = $3 WHERE client_id = $1',
      values: [clientId, status, deps.now()],
    });
    await appendAudit(tx, {
      chain: `service:${clientId}`,
      type: status === 'live' ? 'service.resumed' : 'service.suspended',
      actor: meta.actor,
      clientId,
      correlationId: meta.correlationId,
    });
  });
}
