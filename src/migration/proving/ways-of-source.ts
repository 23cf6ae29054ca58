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
export function waysOfSource({ policy, adapter }: Pick<SourceDefinition, 'policy' | 'adapter'>): readonly OldWay[] {
  const allowed = new Set(allowedProofs(policy).map(({ kind }) => kind));
  const own = adapter && !('alongside' in adapter && adapter.alongside) ? KIND_OF[adapter.method] : undefined;
  const ways = OLD_WAYS.filter((way) => KINDS_OF[way].some((kind) => allowed.has(kind) && kind !== own));
  const others = ways.filter((way) => way !== 'old-system');
  return adapter ? ['old-system', ...others] : others;
}

/** What ways can prove, all of them together. */
export const kindsOfWays = (ways: readonly OldWay[]): readonly ProofKind[] => ways.flatMap((way) => [...KINDS_OF[way]]);

/** What an adapter proves in place of a way of our own, where it asks for no password besides. */
const KIND_OF: Partial<Record<NonNullable<SourceDefinition['adapter']>['method'], ProofKind>> = {
  M27: 'reference-and-fact',
  M28: 'reference-and-fact',
  M29: 'reference-and-fact',
  M30: 'reference-and-fact',
  M31: 'contact-code',
  M32: 'contact-code',
  M33: 'contact-code',
  M34: 'contact-code',
  M35: 'posted-code',
};
