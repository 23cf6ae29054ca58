import type { Config } from '../../../platform/config/config-schema.ts';
import type { Problem, ProblemCode, Service, Submission } from '../../service.ts';
import type { ServiceMetadata } from '../service-metadata.ts';

/** What a check may know besides the metadata itself. All of it was read before: checks are pure. */
export interface CheckContext {
  readonly environment: Config['environment'];
  readonly submission: Submission;
  readonly actor: string;
  /** The service as it stands, when it is registered already. */
  readonly existing: Service | undefined;
  /** Departments that have a service in the sector that is asked for. */
  readonly sectorDepartments: readonly string[];
  /** Whether the sector that is asked for continues the service's own, for this service. */
  readonly mayFollow: boolean;
}

/** Judges the fields that have the right shape; an absent field is not its business. */
export type Check = (draft: Partial<ServiceMetadata>, context: CheckContext) => readonly Problem[];

export function problem(field: string, code: ProblemCode, message: string): Problem {
  return { field, code, message };
}
