import type { OldPasswordAttempt } from '../adoption/adoption-types.ts';
import type { Named, Verified } from '../adoption/verify-old-password.ts';
import { chooseRoute, type Route } from '../cutover/choose-route.ts';
import type { OldSystemDependencies } from '../proving/old-system.ts';
import type { Source } from '../sources/definition.ts';
import { allowedProof } from '../sources/proof-policy.ts';
import { askAgain, type SaidAgain } from './ask-again.ts';
import { noteComparison } from './note-comparison.ts';
import { settle, type Settled } from './settle.ts';

export interface ToAsk {
  readonly attempt: OldPasswordAttempt;
  readonly named: Named;
  readonly verify: () => Promise<Verified>;
}

export interface BothAnswers {
  readonly verified: Verified;
  /** Undefined: what was imported is all that is asked. */
  readonly asked: (Route & { readonly source: Source; readonly said: SaidAgain }) | undefined;
}

/**
 * What was imported, and the old system wherever its word may count, both at once: how long it takes depends on neither
 * answer (A11), and the old system's floor covers the work here.
 */
export async function askBoth(deps: OldSystemDependencies, { attempt, named, verify }: ToAsk): Promise<BothAnswers> {
  const { source, login, fits } = named;
  const isAllowed = source?.status === 'open' && allowedProof(source.definition.policy, 'old-password') !== undefined;
  const route = isAllowed ? await chooseRoute(deps, { source, login, way: 'old-password' }) : undefined;
  if (!source || !route || route.served === 'new') return { verified: await verify(), asked: undefined };
  const [verified, said] = await Promise.all([verify(), askAgain(deps, { live: route.live, attempt, login, fits })]);
  if (route.sides.shadowSince) await noteComparison(deps, { source: source.source, verified, said });
  return { verified, asked: { ...route, source, said } };
}

/** Whose answer counts, unless there were too many of them. */
export function settledOf({ verified, asked }: BothAnswers): Settled {
  const isImported = !('reason' in verified);
  if (!asked || asked.said.word === 'too-many') return isImported ? 'imported' : 'nobody';
  return settle({ served: asked.served, whenAway: asked.sides.whenAway }, isImported, asked.said.word);
}
