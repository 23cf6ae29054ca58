import { Value } from 'typebox/value';
import { type Problem, SourceDefinition } from './definition.ts';
import { PROOF_KINDS, ProofPolicy, type Strength, allowedProofs, isEnough } from './proof-policy.ts';

const ORDER: readonly Strength[] = ['supporting', 'half', 'full'];

type Rule = (policy: ProofPolicy) => Problem | undefined;

const rules: readonly Rule[] = [
  function eachKindOnce(policy) {
    const kinds = allowedProofs(policy).map(({ kind }) => kind);
    if (new Set(kinds).size === kinds.length) return undefined;
    return { field: 'policy.proofs', code: 'proof_twice', message: 'Name each kind of proof once.' };
  },
  function notStrongerThanItIs({ proofs }) {
    for (const entry of proofs) {
      if (typeof entry === 'string' || entry.strength === undefined) continue;
      const { most } = PROOF_KINDS[entry.kind];
      if (ORDER.indexOf(entry.strength) > ORDER.indexOf(most))
        return {
          field: 'policy.proofs',
          code: 'strength_too_high',
          message: `${entry.kind} counts as "${most}" at most: others may have it too.`,
        };
    }
    return undefined;
  },
  function factsNamed(policy) {
    const supporting = allowedProofs(policy).find(({ kind }) => kind === 'reference-and-fact');
    if (!supporting || supporting.facts.length > 0) return undefined;
    return { field: 'policy.proofs', code: 'facts_missing', message: 'Name the facts of reference-and-fact.' };
  },
  function attestersNamed(policy) {
    const attestation = allowedProofs(policy).find(({ kind }) => kind === 'service-attestation');
    if (!attestation || attestation.by.length > 0) return undefined;
    return {
      field: 'policy.proofs',
      code: 'attesters_missing',
      message: 'Name the services ("by") whose attestation counts.',
    };
  },
  function canBeMet(policy) {
    const kinds = allowedProofs(policy).map(({ kind }) => kind);
    if (isEnough(policy, kinds)) return undefined;
    return {
      field: 'policy.proofs',
      code: 'policy_unsatisfiable',
      message: 'All of these proofs together are not enough: nobody could ever link an account.',
    };
  },
];

/** Judges a policy whose shape is right: every problem at once. */
export function checkPolicy(policy: ProofPolicy): readonly Problem[] {
  return rules.flatMap((rule) => rule(policy) ?? []);
}

type Draft =
  | { readonly outcome: 'valid'; readonly policy: ProofPolicy }
  | { readonly outcome: 'invalid'; readonly problems: readonly Problem[] };

/** Reads a draft from a file: a policy by itself, or a whole definition that holds one. */
export function checkPolicyDraft(input: unknown): Draft {
  const policy = Value.Check(SourceDefinition, input) ? input.policy : input;
  if (!Value.Check(ProofPolicy, policy)) {
    const problems = Value.Errors(ProofPolicy, policy).map(({ instancePath, message }) => ({
      field: instancePath.replaceAll('/', '.').slice(1) || '(whole)',
      code: 'shape',
      message,
    }));
    return { outcome: 'invalid', problems };
  }
  const problems = checkPolicy(policy);
  return problems.length > 0 ? { outcome: 'invalid', problems } : { outcome: 'valid', policy };
}
