import type { Accounts } from '../../accounts/index.ts';
import type { BatchedAuditEvent } from '../../audit/index.ts';
import type { KeyRing } from '../../platform/crypto/key-ring.ts';
import type { Database, Queryable } from '../../platform/postgres/database.ts';
import type { LegacyProof, ProofPlace } from '../adoption/adoption-types.ts';
import { type Carried, createLegacyProofs } from '../adoption/legacy-proofs.ts';
import { type LegacyAccountRow, readLegacyAccount } from '../ledger/read-legacy-account.ts';
import type { Source } from '../sources/definition.ts';
import { type Assurance, type ProofKind, allowedProof } from '../sources/proof-policy.ts';

export interface ProofDependencies {
  readonly db: Database;
  readonly keyRing: KeyRing;
  readonly accounts: Accounts;
  readonly recordEvent: (event: BatchedAuditEvent) => void;
  readonly now: () => Date;
}

/** What every way of proving an old account answers. `mismatch` says nothing of why, nor whether there is an account. */
export type ProofResult =
  | { readonly outcome: 'match'; readonly legacyKey: string; readonly proof: LegacyProof; readonly kind: ProofKind }
  | { readonly outcome: 'mismatch' }
  | { readonly outcome: 'too-many'; readonly retryAfterSeconds: number };

/** For the record and the metrics, never for a page. */
export type ProofFailure =
  | 'source-unknown'
  | 'source-suspended'
  | 'proof-not-allowed'
  | 'account-unknown'
  | 'already-adopted'
  | 'not-waiting'
  | 'disabled'
  | 'wrong'
  | 'used'
  | 'too-many-attempts';

export interface Candidate {
  readonly source: Source | undefined;
  readonly row: LegacyAccountRow | undefined;
  readonly kind: ProofKind;
}

/** Why this kind of proof can do nothing for this row now; undefined: it can. */
export function whyNotProvable({ source, row, kind }: Candidate): ProofFailure | undefined {
  if (!source) return 'source-unknown';
  if (source.status !== 'open') return 'source-suspended';
  if (allowedProof(source.definition.policy, kind) === undefined) return 'proof-not-allowed';
  if (!row || row.source !== source.source) return 'account-unknown';
  if (row.state === 'adopted') return 'already-adopted';
  if (row.sourceStatus === 'disabled') return 'disabled';
  return row.state === 'waiting' || row.state === 'released' ? undefined : 'not-waiting';
}

export interface ProvenRow {
  readonly source: Source | undefined;
  readonly legacyKey: Buffer;
  readonly kind: ProofKind;
  readonly place: ProofPlace;
  /** Reached at the old system in this session. */
  readonly level?: Assurance | undefined;
  /** Asked only of a row that can be proved: its work must not tell that a password was right for one that moved (A11). */
  readonly carry?: (() => Promise<Carried | undefined>) | undefined;
}

export interface RowProver {
  /** Makes a proof of a row that was proved a moment ago, if its source allows it; a mismatch like any other if not. */
  prove(proven: ProvenRow, queryable?: Queryable): Promise<ProofResult>;
  /** Records why a proof failed and gives the one answer that tells nothing. */
  fail(of: { source: string | undefined; kind: ProofKind; place: ProofPlace }, reason: ProofFailure): ProofResult;
}

export function createRowProver({ db, keyRing, recordEvent, now }: ProofDependencies): RowProver {
  const proofs = createLegacyProofs(keyRing);
  const fail: RowProver['fail'] = ({ source, kind, place }, reason) => {
    recordEvent({
      type: 'legacy.proof-failed',
      actor: 'citizen',
      correlationId: place.journeyId,
      detail: { source: source ?? 'unknown', kind, reason },
    });
    return { outcome: 'mismatch' };
  };
  return {
    fail,
    async prove({ source, legacyKey, kind, place, level, carry }, queryable = db) {
      const row = await readLegacyAccount(queryable, legacyKey);
      const reason = whyNotProvable({ source, row, kind });
      if (reason || !source) return fail({ source: source?.source, kind, place }, reason ?? 'source-unknown');
      const { seconds = 0 } = allowedProof(source.definition.policy, kind) ?? {};
      const carried = await carry?.();
      const made = { source: source.source, legacyKey, kind, level, carried, seconds, now: now() };
      const proof = await proofs.issue(queryable, made, place);
      recordEvent({
        type: 'legacy.proved',
        actor: 'citizen',
        correlationId: place.journeyId,
        detail: { source: source.source, kind, legacyKey: legacyKey.toString('hex') },
      });
      return { outcome: 'match', legacyKey: legacyKey.toString('hex'), proof, kind };
    },
  };
}
