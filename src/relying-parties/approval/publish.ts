import { appendAudit } from '../../audit/index.ts';
import type { Transaction } from '../../platform/postgres/database.ts';
import type { ServiceMetadata } from '../registration/service-metadata.ts';
import type { ActionMeta, Service, Submission } from '../service.ts';

/** Holds a service for the rest of the transaction, so that two submissions cannot both make the next version. */
export async function lockService(tx: Transaction, clientId: string): Promise<void> {
  await tx.query({ text: 'SELECT 1 FROM services WHERE client_id = $1 FOR UPDATE', values: [clientId] });
}

export interface Publication {
  readonly submission: Submission;
  readonly metadata: ServiceMetadata;
  readonly existing: Service | undefined;
  readonly now: Date;
}

/** Writes the next version, makes it the live one, and records who did it. Versions are never changed afterwards. */
export async function publish(
  tx: Transaction,
  { submission, metadata, existing, now }: Publication,
  meta: ActionMeta,
): Promise<Service> {
  const { clientId, department } = submission;
  const version = (existing?.version ?? 0) + 1;
  await tx.query({
    text: `INSERT INTO departments (department_id, name, created_at) VALUES ($1, $2, $3)
           ON CONFLICT (department_id) DO UPDATE SET name = EXCLUDED.name`,
    values: [department.departmentId, department.name, now],
  });
  const written = await tx.query({
    text: existing
      ? 'UPDATE services SET live_version = $3, updated_at = $4 WHERE client_id = $1 AND department_id = $2 RETURNING 1'
      : `INSERT INTO services (client_id, department_id, status, live_version, created_at, updated_at)
         VALUES ($1, $2, 'live', $3, $4, $4) ON CONFLICT (client_id) DO NOTHING RETURNING 1`,
    values: [clientId, department.departmentId, version, now],
  });
  // Two first submissions at once: the loser starts again (40001 is retried) and finds a service.
  if (written.length === 0) throw Object.assign(new Error('the service was registered meanwhile'), { code: '40001' });
  await tx.query({
    text: `INSERT INTO service_versions (client_id, version, metadata, created_by, created_at)
           VALUES ($1, $2, $3, $4, $5)`,
    values: [clientId, version, metadata, meta.actor, now],
  });
  await appendAudit(tx, {
    chain: `service:${clientId}`,
    type: 'service.published',
    actor: meta.actor,
    clientId,
    correlationId: meta.correlationId,
    detail: { version },
  });
  return {
    clientId,
    departmentId: department.departmentId,
    departmentName: department.name,
    status: existing?.status ?? 'live',
    version,
    metadata,
  };
}
