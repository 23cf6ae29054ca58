import { isDeepStrictEqual } from 'node:util';
import type { Config } from '../../platform/config/config-schema.ts';
import type { Database, Queryable, Transaction } from '../../platform/postgres/database.ts';
import { lockService, publish } from '../approval/publish.ts';
import { newClientSecret } from '../keys/client-secret.ts';
import type { ActionMeta, Service, Submission, SubmitOutcome } from '../service.ts';
import { readService } from '../store/read-services.ts';
import { checkMetadata } from './check-metadata.ts';
import { normalise } from './normalise.ts';
import type { ServiceMetadata } from './service-metadata.ts';

export interface SubmitDependencies {
  readonly db: Database;
  readonly now: () => Date;
  readonly environment: Config['environment'];
  readonly mayFollow: MayFollow;
}

export type MayFollow = (
  db: Queryable,
  change: { readonly clientId: string; readonly from: string; readonly to: string },
) => Promise<boolean>;

/**
 * Puts a service on record, or a new version of it. What an operator submits goes live at once; the same metadata a
 * second time changes nothing.
 */
export function submitService(
  deps: SubmitDependencies,
  submission: Submission,
  meta: ActionMeta,
): Promise<SubmitOutcome> {
  const candidate = normalise(submission.metadata);
  return deps.db.transaction(async (tx) => {
    await lockService(tx, submission.clientId);
    const existing = await readService(tx, submission.clientId);
    const checked = checkMetadata(candidate, {
      environment: deps.environment,
      submission,
      actor: meta.actor,
      existing,
      sectorDepartments: await departmentsInSector(tx, candidate),
      mayFollow: await followsSector(deps, tx, { candidate, existing }),
    });
    if (checked.outcome === 'refused') return checked;
    if (existing && isSame(existing, submission, checked.metadata)) return { outcome: 'unchanged', service: existing };

    const { metadata, secret } = withSecret(checked.metadata, existing);
    const service = await publish(tx, { submission, metadata, existing, now: deps.now() }, meta);
    return { outcome: 'published', service, secret };
  });
}

async function followsSector(
  { mayFollow }: SubmitDependencies,
  tx: Transaction,
  { candidate, existing }: { readonly candidate: unknown; readonly existing: Service | undefined },
): Promise<boolean> {
  const to = sectorIn(candidate);
  if (!existing || to === undefined || to === existing.metadata.sector) return false;
  return mayFollow(tx, { clientId: existing.clientId, from: existing.metadata.sector, to });
}

function sectorIn(candidate: unknown): string | undefined {
  const given = typeof candidate === 'object' && candidate !== null && 'sector' in candidate;
  return given ? String(candidate.sector) : undefined;
}

async function departmentsInSector(tx: Transaction, candidate: unknown): Promise<readonly string[]> {
  const sector = sectorIn(candidate);
  if (sector === undefined) return [];
  const rows = await tx.query<{ department_id: string }>({
    text: `SELECT DISTINCT s.department_id FROM services s
           JOIN service_versions v ON v.client_id = s.client_id AND v.version = s.live_version
           WHERE v.metadata->>'sector' = $1 AND v.metadata->>'kind' <> 'internal'`,
    values: [sector],
  });
  return rows.map((row) => row.department_id);
}

function isSame(existing: Service, submission: Submission, metadata: ServiceMetadata): boolean {
  const { secretHash: _, ...before } = existing.metadata;
  return isDeepStrictEqual(before, metadata) && isDeepStrictEqual(existing.departmentName, submission.department.name);
}

/** A shared secret outlives new versions; it is made when there is none yet and goes when the method changes. */
function withSecret(
  metadata: ServiceMetadata,
  existing: Service | undefined,
): { readonly metadata: ServiceMetadata; readonly secret?: string } {
  if (metadata.authMethod !== 'client_secret_post') return { metadata };
  if (existing?.metadata.secretHash) return { metadata: { ...metadata, secretHash: existing.metadata.secretHash } };
  const { secret, hash } = newClientSecret();
  return { metadata: { ...metadata, secretHash: hash }, secret };
}
