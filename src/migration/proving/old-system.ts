import type { GuardedAdapter, Legacy, LegacyDependencies } from '../../legacy/index.ts';
import type { CarryTyped } from '../adoption/carry-typed.ts';
import type { BeginShadow } from '../reconcile/begin-shadow.ts';
import type { ProofDependencies } from '../proofs/prove-row.ts';
import type { Source } from '../sources/definition.ts';
import type { ProvingAttempt } from './proving.ts';

export interface OldSystemDependencies extends ProofDependencies {
  readonly legacy: Legacy;
  readonly oldSystems: Pick<LegacyDependencies, 'metrics' | 'onFault'>;
  readonly carryTyped: CarryTyped;
  readonly beginShadow: BeginShadow;
  /** Monotonic milliseconds. */
  readonly clock: () => number;
  /** Where the old system of a source sends browsers back to. */
  readonly callbackUrl: (source: string) => string;
}

export interface Opened<Adapter = GuardedAdapter> {
  readonly source: Source;
  readonly adapter: Adapter;
}
/** One whose secrets are typed on our page. */
export type Typed = Extract<GuardedAdapter, { kind: 'password' }>;

/** Where one attempt happens: what codes and answers of adapters are bound to. */
export const bindingOf = ({ source, place }: Pick<ProvingAttempt, 'source' | 'place'>): readonly string[] => [
  source,
  place.journeyId,
  place.browserKey,
  place.purpose ?? 'first-sign-in',
  place.accountId ?? '',
];
