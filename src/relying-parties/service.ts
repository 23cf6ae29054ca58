import type { ServiceMetadata } from './registration/service-metadata.ts';

/** A service as it stands: its live version. A suspended one is returned too; callers decide what it may still do. */
export interface Service {
  readonly clientId: string;
  readonly departmentId: string;
  readonly departmentName: LocalName;
  readonly status: 'live' | 'suspended';
  readonly version: number;
  readonly metadata: ServiceMetadata;
}

export interface LocalName {
  readonly en: string;
  readonly cy?: string | undefined;
}

/** Who acts: `operator:<name>` or `system`. */
export interface ActionMeta {
  readonly actor: string;
  readonly correlationId?: string | undefined;
}

/** What a department (today: an operator on its behalf) asks to put on record. `metadata` is judged, not trusted. */
export interface Submission {
  readonly clientId: string;
  readonly department: { readonly departmentId: string; readonly name: LocalName };
  readonly metadata: unknown;
}

/** One thing that is wrong: `field` as a path (`redirectUris.0`), a stable `code`, and a sentence for people. */
export interface Problem {
  readonly field: string;
  readonly code: ProblemCode;
  readonly message: string;
}

export type ProblemCode =
  | 'required'
  | 'unknown_field'
  | 'wrong_shape'
  | 'unsafe_text'
  | 'not_a_url'
  | 'not_canonical'
  | 'scheme_not_allowed'
  | 'has_fragment'
  | 'has_credentials'
  | 'has_wildcard'
  | 'host_not_public'
  | 'keys_missing'
  | 'keys_unexpected'
  | 'key_not_public'
  | 'key_not_usable'
  | 'key_id_missing'
  | 'method_not_allowed'
  | 'openid_missing'
  | 'offline_not_allowed'
  | 'sector_taken'
  | 'sector_fixed'
  | 'department_fixed'
  | 'kind_not_allowed'
  | 'client_id_not_allowed';

export type SubmitOutcome =
  | { readonly outcome: 'published'; readonly service: Service; readonly secret?: string | undefined }
  | { readonly outcome: 'unchanged'; readonly service: Service }
  | { readonly outcome: 'refused'; readonly problems: readonly Problem[] };
