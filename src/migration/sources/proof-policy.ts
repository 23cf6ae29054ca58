import { type Static, Type } from 'typebox';

/** How sure a link is that it is the right person's; `none`: identifies a record, proves no control. */
export type Assurance = 'none' | 'Cl' | 'Cl.Cm';
export type Strength = 'full' | 'half' | 'supporting';

interface ProofKindRules {
  /** No policy can make it count for more. */
  readonly most: Strength;
  /** What control it can prove, at best. */
  readonly assurance: Assurance;
}

/**
 * Every kind of proof of an old account, and the most a policy can make of it. A mailbox is half a proof and a fact only
 * supports: both may be shared, inherited or handed to somebody else (linking-attacks 15, 16; legacy-methods.md §7, 3).
 */
export const PROOF_KINDS = {
  'old-password': { most: 'full', assurance: 'Cl' },
  'old-sign-in': { most: 'full', assurance: 'Cl.Cm' },
  'redirect-assertion': { most: 'full', assurance: 'Cl.Cm' },
  'service-attestation': { most: 'full', assurance: 'Cl.Cm' },
  'two-operators': { most: 'full', assurance: 'Cl' },
  'posted-code': { most: 'full', assurance: 'Cl' },
  'contact-code': { most: 'half', assurance: 'Cl' },
  'reference-and-fact': { most: 'supporting', assurance: 'none' },
} as const satisfies Record<string, ProofKindRules>;

export type ProofKind = keyof typeof PROOF_KINDS;

const KIND = Type.Enum([
  'old-password',
  'old-sign-in',
  'redirect-assertion',
  'service-attestation',
  'two-operators',
  'posted-code',
  'contact-code',
  'reference-and-fact',
]);
const FACT = Type.Enum(['name', 'birth-date', 'postcode']);
export type Fact = Static<typeof FACT>;

/** A proof lives ten minutes at most, whatever a policy says (E3). */
export const MAX_PROOF_SECONDS = 600;
const MAX_VALID_DAYS = 21;

/** As it stands in a definition: a kind by its name takes the most that it can count for. */
export const ProofPolicy = Type.Object(
  {
    version: Type.Integer({ minimum: 1, maximum: 1_000_000 }),
    proofs: Type.Array(
      Type.Union([
        KIND,
        Type.Object(
          {
            kind: KIND,
            strength: Type.Optional(Type.Enum(['full', 'half', 'supporting'])),
            seconds: Type.Optional(Type.Integer({ minimum: 60, maximum: MAX_PROOF_SECONDS })),
            validDays: Type.Optional(Type.Integer({ minimum: 1, maximum: MAX_VALID_DAYS })),
            facts: Type.Optional(Type.Array(FACT, { minItems: 1, uniqueItems: true })),
            by: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 64 }), { minItems: 1, maxItems: 20 })),
          },
          { additionalProperties: false },
        ),
      ]),
      { minItems: 1, maxItems: 8 },
    ),
    needed: Type.Optional(Type.Integer({ minimum: 1, maximum: 3 })),
    assurance: Type.Enum(['none', 'Cl', 'Cl.Cm']),
    proofSeconds: Type.Optional(Type.Integer({ minimum: 60, maximum: MAX_PROOF_SECONDS })),
  },
  { additionalProperties: false },
);
export type ProofPolicy = Static<typeof ProofPolicy>;

/** One proof that a policy allows, with everything said. */
export interface AllowedProof {
  readonly kind: ProofKind;
  readonly strength: Strength;
  /** How long it counts once made. */
  readonly seconds: number;
  /** How long a code that is brought along may be redeemed. */
  readonly validDays: number;
  /** Which facts count beside the reference number. */
  readonly facts: readonly Fact[];
  /** Client ids of the services that may attest. */
  readonly by: readonly string[];
}

/** What a policy says of a kind of proof; undefined: it is not allowed. Nothing is allowed that is not named. */
export function allowedProof(policy: ProofPolicy, kind: string): AllowedProof | undefined {
  return allowedProofs(policy).find((proof) => proof.kind === kind);
}

export function allowedProofs(policy: ProofPolicy): readonly AllowedProof[] {
  return policy.proofs.map((entry) => {
    const said = typeof entry === 'string' ? { kind: entry } : entry;
    return {
      kind: said.kind,
      strength: weaker(said.strength ?? 'full', PROOF_KINDS[said.kind].most),
      seconds: said.seconds ?? policy.proofSeconds ?? MAX_PROOF_SECONDS,
      validDays: said.validDays ?? MAX_VALID_DAYS,
      facts: said.facts ?? [],
      by: said.by ?? [],
    };
  });
}

const WEIGHT = { full: 2, half: 1, supporting: 1 } as const satisfies Record<Strength, number>;
const ENOUGH = 2;

/**
 * Whether proofs of these kinds are enough: as many different kinds as the policy asks for, one that does not only
 * support, and together the weight of a full proof.
 */
export function isEnough(policy: ProofPolicy, kinds: readonly string[]): boolean {
  const proofs = [...new Set(kinds)].flatMap((kind) => allowedProof(policy, kind) ?? []);
  const weight = proofs.reduce((sum, { strength }) => sum + WEIGHT[strength], 0);
  return proofs.length >= (policy.needed ?? 1) && weight >= ENOUGH && proofs.some((p) => p.strength !== 'supporting');
}

/** A proof as the decision weighs it. */
export interface WeighedProof {
  readonly kind: string;
  /** What was reached in that session; undefined: what its kind is worth at best. */
  readonly level?: Assurance | undefined;
}

/** What a link on these proofs is worth: the lower of what the policy grants and the best that was proved (LA33). */
export function assuranceOf(policy: ProofPolicy, proofs: readonly WeighedProof[]): Assurance {
  const proved = proofs.flatMap(({ kind, level }) => {
    if (!isProofKind(kind)) return [];
    const { assurance } = PROOF_KINDS[kind];
    return [level === undefined ? assurance : lowerOf(assurance, level)];
  });
  return lowerOf(policy.assurance, proved.reduce<Assurance>(higherOf, 'none'));
}

const ORDER = { none: 0, Cl: 1, 'Cl.Cm': 2 } as const satisfies Record<Assurance, number>;
export const lowerOf = (a: Assurance, b: Assurance): Assurance => (ORDER[a] <= ORDER[b] ? a : b);
const higherOf = (a: Assurance, b: Assurance): Assurance => (ORDER[a] >= ORDER[b] ? a : b);

const STRENGTHS = { full: 2, half: 1, supporting: 0 } as const satisfies Record<Strength, number>;
const weaker = (a: Strength, b: Strength): Strength => (STRENGTHS[a] <= STRENGTHS[b] ? a : b);

export const isProofKind = (kind: string): kind is ProofKind => Object.hasOwn(PROOF_KINDS, kind);
