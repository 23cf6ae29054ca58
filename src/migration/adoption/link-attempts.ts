import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import { uuidv7 } from '../../platform/crypto/uuid.ts';
import type { Queryable } from '../../platform/postgres/database.ts';
import type { ProofPolicy } from '../sources/proof-policy.ts';
import { type LinkDecision, type LinkFacts, type LinkTarget, decideLink } from './decide-link.ts';

/** A decision and what it stood on. */
export interface LinkAttempt {
  readonly source: string;
  readonly facts: LinkFacts;
  readonly decision: LinkDecision;
}

const KEEP_MS = 90 * 24 * 3600 * 1000;

const age = Type.Optional(Type.Number());
/** Kinds, ages and states: nothing that tells who it was. Ages are milliseconds before the decision. */
const RecordedFacts = Type.Object({
  status: Type.Enum(['open', 'suspended', 'unknown']),
  shared: Type.Optional(Type.Boolean()),
  state: Type.Enum(['waiting', 'adopted', 'released', 'retired', 'refused', 'organised', 'unknown']),
  disabled: Type.Boolean(),
  mine: Type.Boolean(),
  stateAge: age,
  proofs: Type.Array(
    Type.Object({
      kind: Type.String(),
      level: Type.Optional(Type.Enum(['none', 'Cl', 'Cl.Cm'])),
      age: Type.Number(),
      bound: Type.Boolean(),
    }),
  ),
  target: Type.Object({
    kind: Type.Enum(['new', 'existing', 'nobody']),
    age,
    taken: Type.Optional(Type.Boolean()),
    status: Type.Optional(Type.String()),
  }),
});
type RecordedFacts = Static<typeof RecordedFacts>;

export async function recordAttempt(queryable: Queryable, attempt: LinkAttempt, at: Date): Promise<void> {
  const { source, facts, decision } = attempt;
  await queryable.query({
    name: 'link-attempt',
    text: `INSERT INTO link_attempts (attempt_id, source, policy_version, facts, decision, decided_at, expires_at)
           VALUES ($1, $2, $3, $4::jsonb, $5::jsonb, $6, $7)`,
    values: [
      uuidv7(at.getTime()),
      source,
      facts.source.policy?.version ?? 0,
      JSON.stringify(toRecord(facts)),
      JSON.stringify(decision),
      at,
      new Date(at.getTime() + KEEP_MS),
    ],
  });
}

export interface PolicyTrial {
  readonly attempts: number;
  readonly changes: readonly {
    readonly from: string;
    readonly to: string;
    readonly attempts: number;
    /** Policy versions under which the attempts were decided. */
    readonly versions: readonly number[];
  }[];
}

const MAX_ATTEMPTS = 100_000;

/** Decides the recorded attempts of a source anew, under a draft, and says which would have ended otherwise. */
export async function tryPolicy(queryable: Queryable, source: string, draft: ProofPolicy): Promise<PolicyTrial> {
  const rows = await queryable.query<{ facts: unknown; decision: unknown; policy_version: number; decided_at: Date }>({
    text: `SELECT facts, decision, policy_version, decided_at FROM link_attempts WHERE source = $1
           ORDER BY decided_at DESC LIMIT $2`,
    values: [source, MAX_ATTEMPTS],
  });
  const changes = new Map<string, { from: string; to: string; attempts: number; versions: Set<number> }>();
  for (const row of rows) {
    const facts = fromRecord(Value.Parse(RecordedFacts, row.facts), draft, row.decided_at);
    const from = wordsOf(row.decision);
    const to = wordsOf(decideLink(facts));
    if (from === to) continue;
    const key = `${from} → ${to}`;
    const change = changes.get(key) ?? { from, to, attempts: 0, versions: new Set<number>() };
    change.attempts += 1;
    change.versions.add(row.policy_version);
    changes.set(key, change);
  }
  const sorted = [...changes.values()].toSorted((a, b) => b.attempts - a.attempts);
  return {
    attempts: rows.length,
    changes: sorted.map((change) => ({ ...change, versions: [...change.versions].toSorted((a, b) => a - b) })),
  };
}

/** `linked at Cl`, `needs-proof of legacy: stale`, `refused: already-adopted`. */
function wordsOf(decision: unknown): string {
  const { outcome, reason, of, because, assurance } = Value.Parse(AnyDecision, decision);
  if (outcome === 'linked') return `linked at ${assurance}`;
  if (outcome === 'becomes-organisation') return 'becomes an organisation';
  return outcome === 'needs-proof' ? `needs-proof of ${of}: ${because}` : `${outcome}: ${reason}`;
}

const word = Type.Optional(Type.String());
const AnyDecision = Type.Object({ outcome: Type.String(), reason: word, of: word, because: word, assurance: word });

function toRecord({ source, legacy, legacyProofs, target, now }: LinkFacts): RecordedFacts {
  const ageOf = (at: Date | undefined): { age?: number } => (at ? { age: now.getTime() - at.getTime() } : {});
  const { age: stateAge } = ageOf(legacy.stateSince);
  return {
    status: source.status,
    ...(legacy.isShared === true && { shared: true }),
    state: legacy.state,
    disabled: legacy.sourceStatus === 'disabled',
    mine: legacy.ownedByTarget,
    ...(stateAge !== undefined && { stateAge }),
    proofs: legacyProofs.map(({ kind, level, provedAt, bound }) => ({
      ...(level && { level }),
      kind,
      age: now.getTime() - provedAt.getTime(),
      bound,
    })),
    target: recordTarget(target, ageOf),
  };
}

function recordTarget(target: LinkTarget, ageOf: (at: Date | undefined) => { age?: number }): RecordedFacts['target'] {
  if (target.kind === 'nobody') return { kind: 'nobody' };
  if (target.kind === 'new') return { kind: 'new', ...ageOf(target.addressProvedAt), taken: target.addressTaken };
  return { kind: 'existing', ...ageOf(target.provedAt), ...(target.status && { status: target.status }) };
}

function fromRecord(record: RecordedFacts, policy: ProofPolicy, now: Date): LinkFacts {
  const at = (ms: number | undefined): Date | undefined =>
    ms === undefined ? undefined : new Date(now.getTime() - ms);
  const { kind, age: targetAge, taken = false, status } = record.target;
  const targets = {
    new: { kind: 'new', addressProvedAt: at(targetAge), addressTaken: taken },
    existing: { kind: 'existing', status, provedAt: at(targetAge) },
    nobody: { kind: 'nobody' },
  } as const;
  return {
    source: { status: record.status, policy },
    legacy: {
      state: record.state,
      sourceStatus: record.disabled ? 'disabled' : 'active',
      ownedByTarget: record.mine,
      stateSince: at(record.stateAge),
      isShared: record.shared,
    },
    legacyProofs: record.proofs.map((proof) => ({
      level: proof.level,
      kind: proof.kind,
      provedAt: new Date(now.getTime() - proof.age),
      bound: proof.bound,
    })),
    target: targets[kind],
    now,
  };
}
