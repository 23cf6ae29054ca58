import type { OldPasswordAttempt, OldPasswordResult } from '../adoption/adoption-types.ts';
import type { OldAccountProofs } from '../proofs/create-proofs.ts';
import type { ProofResult } from '../proofs/prove-row.ts';
import type { Source } from '../sources/definition.ts';
import type { OldSystemDependencies } from './old-system.ts';
import type { Asks, ProvingAnswer, ProvingResult } from './proving.ts';

export interface ProvingDependencies extends OldSystemDependencies {
  readonly proofs: OldAccountProofs;
  readonly checkOldPassword: (attempt: OldPasswordAttempt) => Promise<OldPasswordResult>;
}

/** One of our own ways: what it asks first, and what becomes of an answer. */
export interface OwnWay {
  ask(source: Source): Asks;
  answer(deps: ProvingDependencies, source: Source, answer: ProvingAnswer): Promise<ProvingResult>;
}

export const asks = (fields: Asks['prompt']['fields'], further: Partial<Asks['prompt']> = {}, state = ''): Asks => ({
  outcome: 'asks',
  prompt: { fields, ...further },
  state,
});

/** What was proved without a password: a new account needs one of its own. */
export const withoutPassword = (result: ProofResult): ProvingResult =>
  result.outcome === 'match' ? { ...result, carriesPassword: false } : result;
