import {
  type LegacyScheme,
  type LegacyVerifierHooks,
  createLegacyVerifiers,
  isLegacyScheme,
  isOverlong,
} from '../../accounts/index.ts';
import type { KeyRing } from '../../platform/crypto/key-ring.ts';
import type { PasswordWork } from '../../platform/crypto/password-work.ts';
import type { Database } from '../../platform/postgres/database.ts';
import { loginKeyOf } from '../ledger/legacy-keys.ts';
import { CARRIED_SCHEME } from '../ledger/move-legacy-account.ts';
import { type LegacyAccountRow, findByLoginKey, readLegacyAccount } from '../ledger/read-legacy-account.ts';
import { openVerifier } from '../ledger/seal-legacy-row.ts';
import type { Source } from '../sources/definition.ts';
import { loginForm } from '../sources/normalise-login.ts';
import { type ProofKind, allowedProof } from '../sources/proof-policy.ts';
import { findSource } from '../sources/source-store.ts';
import { type DecoyCost, createSourceCosts } from './source-costs.ts';

export interface VerifyDependencies {
  readonly db: Database;
  readonly keyRing: KeyRing;
  readonly passwordWork: PasswordWork;
  /** Counts stored values that no verifier could use. */
  readonly onUnverifiable?: LegacyVerifierHooks['onUnverifiable'];
  readonly now: () => Date;
}

/** Why a check failed: for the record and the metrics, never for a page. */
export type FailReason =
  | 'source-unknown'
  | 'source-suspended'
  | 'name-unknown'
  | 'name-misshapen'
  | 'already-adopted'
  | 'not-waiting'
  | 'disabled'
  | 'no-password'
  | 'unverifiable'
  | 'proof-not-allowed'
  | 'password-overlong'
  | 'password-wrong'
  | 'old-system-refused'
  | 'old-system-away'
  | 'too-many-attempts';

export interface Person {
  readonly source: Source;
  readonly row: LegacyAccountRow;
  /** Of the old system; of a released account it is today's own. */
  readonly scheme: LegacyScheme | typeof CARRIED_SCHEME;
  readonly verifier: string;
}

export type Verified = Person | { readonly reason: FailReason };

export interface OldPasswordVerifier {
  readName(source: string, login: string): Promise<Named>;
  /** Everybody's path is the same: two reads, one verification of the source's own cost. Counts nothing. */
  verify(named: Named, password: string, needs?: ProofKind): Promise<Verified>;
}

export function createOldPasswordVerifier(deps: VerifyDependencies): OldPasswordVerifier {
  const { db, keyRing } = deps;
  const verifiers = createLegacyVerifiers(
    deps.passwordWork,
    deps.onUnverifiable ? { onUnverifiable: deps.onUnverifiable } : {},
  );
  const costs = createSourceCosts(deps);

  const isRight = async ({ scheme, verifier }: Person, password: string, decoy: DecoyCost): Promise<boolean> =>
    scheme === CARRIED_SCHEME
      ? deps.passwordWork.verify(verifier, password.normalize('NFKC'))
      : (await verifiers.verifyLegacyHash(verifier, scheme, password, decoy)) === 'match';

  return {
    readName: (source, login) => readName(deps, source, login),
    async verify(named, password, needs = 'old-password') {
      if (isOverlong(password)) return { reason: 'password-overlong' };
      const decoy = await costs.decoyFor(named.source?.definition, named.loginKey);
      const legacyKey = (await findByLoginKey(db, named.loginKey)) ?? named.loginKey;
      const candidate = judgeCandidate(keyRing, named, { row: await readLegacyAccount(db, legacyKey), needs });
      if ('reason' in candidate) {
        if (candidate.reason === 'unverifiable') deps.onUnverifiable?.({ scheme: 'wrapped', reason: 'unknown-scheme' });
        await verifiers.decoyLegacyWork(decoy.scheme, password, decoy.cost, decoy.charsets);
        return candidate;
      }
      return (await isRight(candidate, password, decoy)) ? candidate : { reason: 'password-wrong' };
    },
  };
}

export interface Named {
  readonly source: Source | undefined;
  /** As the source compares it. */
  readonly login: string;
  readonly loginKey: Buffer;
  readonly fits: boolean;
}

const MAX_TYPED = 1024;

async function readName({ db, keyRing }: VerifyDependencies, key: string, login: string): Promise<Named> {
  const typed = login.slice(0, MAX_TYPED);
  const source = await findSource(db, key);
  const form = source && loginForm(source.definition.identifier);
  const name = form ? form.normalise(typed) : typed;
  return { source, login: name, loginKey: loginKeyOf(keyRing, key, name), fits: form?.fits(name) ?? false };
}

function judgeCandidate(
  keyRing: KeyRing,
  { source, fits }: Named,
  { row, needs }: { readonly row: LegacyAccountRow | undefined; readonly needs: ProofKind },
): Verified {
  const reason = whyNot({ source, row, fits, needs });
  if (reason) return { reason };
  if (!source || !row?.verifierSealed) return { reason: 'no-password' };
  const { dataKey, verifierSealed, scheme } = row;
  if (!isScheme(scheme)) return { reason: 'unverifiable' };
  return { source, row, scheme, verifier: openVerifier(keyRing, row.legacyKey, { dataKey, verifierSealed }) };
}

interface Asked {
  readonly source: Source | undefined;
  readonly row: LegacyAccountRow | undefined;
  readonly fits: boolean;
  readonly needs: ProofKind;
}

function whyNot({ source, row, fits, needs }: Asked): FailReason | undefined {
  if (!source) return 'source-unknown';
  if (source.status !== 'open') return 'source-suspended';
  if (!fits) return 'name-misshapen';
  if (!row) return 'name-unknown';
  if (row.state === 'adopted') return 'already-adopted';
  if (row.sourceStatus === 'disabled') return 'disabled';
  if (allowedProof(source.definition.policy, needs) === undefined) return 'proof-not-allowed';
  return row.state === 'waiting' || row.state === 'released' ? undefined : 'not-waiting';
}

const isScheme = (scheme: string | undefined): scheme is Person['scheme'] =>
  scheme === CARRIED_SCHEME || isLegacyScheme(scheme);
