import type { LegacyIdentity } from '../../legacy/index.ts';
import type { OldPasswordAttempt, OldPasswordResult } from '../adoption/adoption-types.ts';
import { writeCarried } from '../adoption/carry-typed.ts';
import type { Carried } from '../adoption/legacy-proofs.ts';
import type { Named, Person, Verified } from '../adoption/verify-old-password.ts';
import type { Sides } from '../cutover/sides.ts';
import { readLegacyAccount } from '../ledger/read-legacy-account.ts';
import type { Judge } from '../proving/judge-answer.ts';
import type { OldSystemDependencies } from '../proving/old-system.ts';
import type { Source } from '../sources/definition.ts';
import { isEnough, type ProofKind } from '../sources/proof-policy.ts';
import { followOld } from './follow-old.ts';

export interface Believed {
  readonly source: Source;
  readonly sides: Sides;
  readonly attempt: OldPasswordAttempt;
  readonly named: Named;
  /** What the import of it said to the same password. */
  readonly verified: Verified;
  readonly identity: LegacyIdentity;
}

export interface BelieveDependencies extends OldSystemDependencies {
  readonly judge: Judge;
  /** For the new account, of a password that the import knows: with all that is known of whose and what it is. */
  readonly carryKnown: (attempt: OldPasswordAttempt, person: Person) => Promise<Carried>;
}

/**
 * Makes a proof of the old system's yes: of an old password where what was imported knows it as well, and otherwise of what it
 * is, a sign-in there. Whose row it is, the id says that the old system gave, never the name that was typed: names are given
 * to others (linking-attacks 15).
 */
export async function believeOld(
  deps: BelieveDependencies,
  { source, sides, attempt, named, verified, identity }: Believed,
): Promise<OldPasswordResult> {
  const { definition } = source;
  let made: Promise<Carried> | undefined;
  const { password } = attempt;
  let known = 'reason' in verified ? undefined : verified;
  const carried = (): Promise<Carried> =>
    (made ??= known ? deps.carryKnown(attempt, known) : deps.carryTyped({ definition, login: named.login, password }));
  const onMet = async (legacyKey: Buffer): Promise<ProofKind | undefined> => {
    const row = await readLegacyAccount(deps.db, legacyKey);
    // Adopted: the person's password is their new account's. It costs them no work, either, that others are spared (A11).
    if (row?.state !== 'waiting' && row?.state !== 'released') return undefined;
    if (!known?.row.legacyKey.equals(legacyKey)) known = undefined;
    // Where its word alone links nothing, it must not be able to make itself the other proofs, too (L16).
    const kind = known && 'old-password';
    if (!isEnough(definition.policy, ['old-sign-in'])) return kind;
    const passwordHash = known || sides.authority.password === 'new' ? undefined : (await carried()).passwordHash;
    await followOld(deps, { row, sides, identity, passwordHash, correlationId: attempt.journeyId });
    return kind;
  };
  const judged = await deps.judge(
    source,
    { source: source.source, ip: attempt.ip, place: attempt },
    {
      answer: { outcome: 'identified', identity },
      login: named.login,
      carry: async () => writeCarried(await carried()),
      onMet,
    },
  );
  if (judged.outcome !== 'match') return { outcome: 'mismatch' };
  const { legacyKey, proof, kind } = judged;
  return { outcome: 'match', legacyKey, proof, kind };
}
