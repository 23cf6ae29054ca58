import { Type } from 'typebox';
import { Value } from 'typebox/value';
import type { Problem } from '../../service.ts';
import { type ServiceMetadata, ServiceMetadataSchema } from '../service-metadata.ts';
import { problem } from './check.ts';

const DraftSchema = Type.Partial(ServiceMetadataSchema);

export interface Shape {
  readonly problems: readonly Problem[];
  /** The fields that have the right shape. */
  readonly draft: Partial<ServiceMetadata>;
  /** The metadata, when every field has. */
  readonly whole: ServiceMetadata | undefined;
}

/** Judges names, types, lengths and allowed values of all fields. Unknown fields are refused: a typing error is not a default. */
export function checkShape(metadata: unknown): Shape {
  const problems = shapeProblems(metadata);
  if (typeof metadata !== 'object' || metadata === null) return { problems, draft: {}, whole: undefined };
  const unsound = new Set(problems.map(({ field }) => field.split('.')[0]));
  const draft = Object.fromEntries(Object.entries(metadata).filter(([field]) => !unsound.has(field)));
  return {
    problems,
    draft: Value.Check(DraftSchema, draft) ? draft : {},
    whole: Value.Check(ServiceMetadataSchema, metadata) ? metadata : undefined,
  };
}

function shapeProblems(metadata: unknown): readonly Problem[] {
  const found = new Map<string, Problem>();
  for (const { keyword, instancePath, params, message } of Value.Errors(ServiceMetadataSchema, metadata)) {
    const at = instancePath.split('/').slice(1);
    const fields = 'requiredProperties' in params ? params.requiredProperties.map((name) => [...at, name]) : [at];
    for (const path of fields) {
      const field = path.join('.');
      // An unknown field is reported twice: as "additionalProperties" of its parent and as "boolean" of itself.
      if (keyword !== 'additionalProperties' && !found.has(field))
        found.set(field, shapeProblem(field, keyword, message));
    }
  }
  return [...found.values()];
}

function shapeProblem(field: string, keyword: string, message: string): Problem {
  if (keyword === 'required') return problem(field, 'required', 'This field is needed.');
  if (keyword === 'boolean') return problem(field, 'unknown_field', 'There is no such field.');
  return problem(field, 'wrong_shape', `The value ${message}.`);
}
