import { createHash, timingSafeEqual } from 'node:crypto';
import type { ProofPlace } from '../adoption/adoption-types.ts';
import { forgetAttempts, takeAttempt } from '../adoption/attempt-limits.ts';
import { legacyKeyOf } from '../ledger/legacy-keys.ts';
import { readLegacyAccount } from '../ledger/read-legacy-account.ts';
import { type LegacyPersonal, openPersonal } from '../ledger/seal-legacy-row.ts';
import { type Fact, allowedProof } from '../sources/proof-policy.ts';
import { findSource } from '../sources/source-store.ts';
import { type ProofDependencies, type ProofResult, createRowProver, whyNotProvable } from './prove-row.ts';

export interface ReferenceAttempt extends ProofPlace {
  readonly source: string;
  /** The old id as it stands on paper. */
  readonly reference: string;
  readonly fact: { readonly kind: Fact; readonly value: string };
  readonly ip: string;
}

const KIND = 'reference-and-fact';

/** A reference number and a fact: others know both. It supports another proof and never stands alone. */
export function createReferenceCheck(deps: ProofDependencies) {
  const { db, keyRing, accounts } = deps;
  const prover = createRowProver(deps);
  return async (attempt: ReferenceAttempt): Promise<ProofResult> => {
    const legacyKey = legacyKeyOf(keyRing, attempt.source, attempt.reference.trim().slice(0, 255));
    const counted = { ip: attempt.ip, loginKey: `reference ${legacyKey.toString('base64url')}` };
    const place = { source: attempt.source, kind: KIND, place: attempt } as const;
    const wait = await takeAttempt(accounts.attempts, counted);
    if (wait !== undefined) {
      prover.fail(place, 'too-many-attempts');
      return { outcome: 'too-many', retryAfterSeconds: wait };
    }
    const source = await findSource(db, attempt.source);
    const row = await readLegacyAccount(db, legacyKey);
    const reason = whyNotProvable({ source, row, kind: KIND });
    if (reason || !source || !row) return prover.fail(place, reason ?? 'account-unknown');
    const facts = allowedProof(source.definition.policy, KIND)?.facts ?? [];
    if (!facts.includes(attempt.fact.kind)) return prover.fail(place, 'proof-not-allowed');
    const held = factOf(openPersonal(keyRing, legacyKey, row), attempt.fact.kind);
    if (!isSame(attempt.fact.kind, held, attempt.fact.value)) return prover.fail(place, 'wrong');
    await forgetAttempts(accounts.attempts, counted);
    return prover.prove({ source, legacyKey, kind: KIND, place: attempt });
  };
}

const factOf = (personal: LegacyPersonal, kind: Fact): string | undefined =>
  ({ name: personal.name, 'birth-date': personal.birthDate, postcode: personal.postcode })[kind];

/** How a fact is compared: as people write it, not as machines do. */
const FORMS = {
  name: (value) =>
    value
      .normalize('NFKD')
      .replaceAll(/[^\p{L}]/gu, '')
      .toLowerCase(),
  'birth-date': (value) => value.replaceAll(/\D/g, ''),
  postcode: (value) => value.replaceAll(/\s/g, '').toUpperCase(),
} as const satisfies Record<Fact, (value: string) => string>;

/** A fact that the old system does not hold is no fact: two empty values are never the same. */
function isSame(kind: Fact, held: string | undefined, said: string): boolean {
  const known = FORMS[kind](held ?? '');
  if (known === '') return false;
  return timingSafeEqual(digest(known), digest(FORMS[kind](said.slice(0, 255))));
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
