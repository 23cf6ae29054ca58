import type { SourceDefinition } from '../sources/definition.ts';
import { allowedProofs, type ProofKind } from '../sources/proof-policy.ts';
import { OLD_WAYS, type OldWay } from './proving.ts';

const KINDS_OF = {
  'old-password': ['old-password'],
  'old-system': ['old-sign-in', 'redirect-assertion'],
  'contact-code': ['contact-code'],
  'reference-and-fact': ['reference-and-fact'],
  'code-in-hand': ['posted-code', 'two-operators'],
} as const satisfies Record<OldWay, readonly ProofKind[]>;

/** The ways that a policy opens. What the adapter itself proves (a code, a fact) is not offered a second time. */
export function waysOfSource({ policy, adapter }: SourceDefinition): readonly OldWay[] {
  const allowed = new Set(allowedProofs(policy).map(({ kind }) => kind));
  const ways = OLD_WAYS.filter((way) => KINDS_OF[way].some((kind) => allowed.has(kind)));
  const own = adapter && OWN_WAY[adapter.family];
  if (!adapter) return ways.filter((way) => way !== 'old-system');
  return ['old-system', ...ways.filter((way) => way !== 'old-system' && way !== own)];
}

/** Which of our own ways an adapter of the family takes the place of. */
const OWN_WAY: Partial<Record<NonNullable<SourceDefinition['adapter']>['family'], OldWay>> = {};
