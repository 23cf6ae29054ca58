import { Value } from 'typebox/value';
import { LatchkeyError } from '../../platform/failure/latchkey-error.ts';
import type { Queryable, Row } from '../../platform/postgres/database.ts';
import { ServiceMetadataSchema } from '../registration/service-metadata.ts';
import type { LocalName, Service } from '../service.ts';

interface ServiceRow extends Row {
  readonly client_id: string;
  readonly department_id: string;
  readonly department_name: LocalName;
  readonly status: 'live' | 'suspended';
  readonly version: number;
  readonly metadata: unknown;
}

// Three reference tables: on a distributed Postgres every node has them, so this join stays local (rule S4).
const SELECT = `
  SELECT s.client_id, s.department_id, d.name AS department_name, s.status, v.version, v.metadata
  FROM services s
  JOIN service_versions v ON v.client_id = s.client_id AND v.version = s.live_version
  JOIN departments d ON d.department_id = s.department_id`;

export async function readService(db: Queryable, clientId: string): Promise<Service | undefined> {
  const [row] = await db.query<ServiceRow>({
    name: 'read-service',
    text: `${SELECT} WHERE s.client_id = $1`,
    values: [clientId],
  });
  return row && toService(row);
}

export async function listServices(db: Queryable): Promise<readonly Service[]> {
  const rows = await db.query<ServiceRow>({ text: `${SELECT} ORDER BY s.client_id` });
  return rows.map(toService);
}

/** Live services of a sector. In the caller's transaction: not cached, and no second connection. */
export async function readLiveServicesOf(db: Queryable, sector: string): Promise<readonly Service[]> {
  const rows = await db.query<ServiceRow>({
    name: 'read-services-of-sector',
    text: `${SELECT} WHERE s.status = 'live' AND v.metadata->>'sector' = $1 ORDER BY s.client_id`,
    values: [sector],
  });
  return rows.map(toService);
}

function toService(row: ServiceRow): Service {
  // A row that a newer or older node wrote in a shape we do not know is our outage, not the service's mistake.
  if (!Value.Check(ServiceMetadataSchema, row.metadata))
    throw new LatchkeyError('unavailable', 'The service is not available right now. Try again in a moment.', {
      detail: `metadata of service ${row.client_id} version ${row.version} has an unknown shape`,
    });
  return {
    clientId: row.client_id,
    departmentId: row.department_id,
    departmentName: row.department_name,
    status: row.status,
    version: row.version,
    metadata: row.metadata,
  };
}
