import { appendAudit } from '../../audit/index.ts';
import { lockService, publish } from '../approval/publish.ts';
import { LatchkeyError } from '../../platform/failure/latchkey-error.ts';
import type { Database } from '../../platform/postgres/database.ts';
import type { ActionMeta } from '../service.ts';
import { readService } from '../store/read-services.ts';
import { newClientSecret } from './client-secret.ts';

/** Replaces a service's shared secret by a new version of the service. The caller shows the secret once. */
export function createNewSecret(
  deps: { readonly db: Database; readonly now: () => Date },
  clientId: string,
  meta: ActionMeta,
): Promise<string> {
  return deps.db.transaction(async (tx) => {
    await lockService(tx, clientId);
    const existing = await readService(tx, clientId);
    if (!existing) throw new LatchkeyError('not_found', 'There is no such service.', { detail: clientId });
    if (existing.metadata.authMethod !== 'client_secret_post')
      throw new LatchkeyError('not_allowed', 'This service does not use a shared secret.', { detail: clientId });
    const { secret, hash } = newClientSecret();
    const submission = {
      clientId,
      department: { departmentId: existing.departmentId, name: existing.departmentName },
      metadata: existing.metadata,
    };
    const metadata = { ...existing.metadata, secretHash: hash };
    await publish(tx, { submission, metadata, existing, now: deps.now() }, meta);
    await appendAudit(tx, {
      chain: `service:${clientId}`,
      type: 'service.secret-made',
      actor: meta.actor,
      clientId,
      correlationId: meta.correlationId,
    });
    return secret;
  });
}
