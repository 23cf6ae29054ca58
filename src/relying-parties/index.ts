/**
 * Services on record: which relying parties exist, whose they are, what they may ask for and how they prove themselves.
 *
 * It owns `departments`, `services` and `service_versions`. It does not own what the protocol does with them (oidc) nor
 * the old account systems a service names (migration). A registration passes through `normalise` (repairs, never
 * judges), the table in `check-metadata` (judges, never repairs, all problems at once), and `publish` (a new version row
 * and its audit event in one transaction). Readers use `find`, which remembers a service for at most 5 seconds and
 * tells *absent* (undefined) from *failed* (`unavailable`). `logo` fetches a service's picture, so that a page need not name
 * another server.
 */
export { createRelyingParties } from './create-relying-parties.ts';
export type { RelyingParties } from './create-relying-parties.ts';
export type { LocalName, Problem, ProblemCode, Service, Submission, SubmitOutcome } from './service.ts';
export type { ServiceMetadata } from './registration/service-metadata.ts';
export { secretMatches } from './keys/client-secret.ts';
