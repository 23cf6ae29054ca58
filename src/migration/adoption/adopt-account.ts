import type { PasswordHash } from '../../accounts/index.ts';
import { appendAudit } from '../../audit/index.ts';
import type { Transaction } from '../../platform/postgres/database.ts';
import { isShared } from '../ledger/is-shared.ts';
import { moveLegacyAccount } from '../ledger/move-legacy-account.ts';
import { type LegacyAccountRow, holdLegacyAccount } from '../ledger/read-legacy-account.ts';
import { type LegacyPersonal, openPersonal } from '../ledger/seal-legacy-row.ts';
import type { Source } from '../sources/definition.ts';
import { findSource } from '../sources/source-store.ts';
import { holdTarget, readTarget, TargetChangedError } from './adoption-target.ts';
import type { AdoptDependencies, Adoption, Held } from './adoption.ts';
import type { AdoptRequest, AdoptResult, LegacyProof } from './adoption-types.ts';
import { becomeOrganisation } from './become-organisation.ts';
import { DeclinedError, decline, type Declined, refuse } from './declined.ts';
import { inheritSubjects } from './inherit-subjects.ts';
import { type LinkFacts, decideLink } from './decide-link.ts';
import { type ProofRow, createLegacyProofs } from './legacy-proofs.ts';
import { type LinkAttempt, recordAttempt } from './link-attempts.ts';
import { writeLink } from './write-link.ts';

// Each time one of those that change the account at this moment is done: twenty at once are more than one person has.
const MAX_TRIES = 20;

export function createAdoptAccount(dependencies: AdoptDependencies) {
  const proofs = createLegacyProofs(dependencies.keyRing);
  const tryOnce = async (request: AdoptRequest): Promise<AdoptResult> => {
    const before = await readTarget(dependencies.accounts, request);
    try {
      return await dependencies.db.transaction((tx) => adopt(tx, { ...dependencies, proofs, request, before }));
    } catch (error) {
      if (!(error instanceof DeclinedError)) throw error;
      await recordDecline(dependencies, request, error);
      return error.result;
    }
  };
  return async (request: AdoptRequest): Promise<AdoptResult> => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await tryOnce(request);
      } catch (error) {
        if (!(error instanceof TargetChangedError) || attempt === MAX_TRIES) throw error;
      }
    }
  };
}

async function recordDecline(
  { db, recordEvent, now }: AdoptDependencies,
  request: AdoptRequest,
  { result, attempt }: DeclinedError,
): Promise<void> {
  recordEvent({
    type: 'legacy.adoption-refused',
    ...request.meta,
    ...('accountId' in request && { accountId: request.accountId }),
    detail: reasonOf(result),
  });
  if (attempt) await recordAttempt(db, attempt, now());
}

// Rows are always held in this order: account, proofs, old account. Undoing and merging begin with the account too.
async function adopt(tx: Transaction, adoption: Adoption): Promise<AdoptResult> {
  const { keyRing } = adoption;
  const target = await holdTarget(tx, adoption);
  const proofs = await holdProofs(tx, adoption);
  const [proof] = proofs;
  const source = await findSource(tx, proof.source);
  const legacy = await holdLegacyAccount(tx, proof.legacyKey);
  const facts = factsOf(adoption, { source, legacy, proofs, target });
  const decision = decideLink(facts);
  const attempt = source && { source: source.source, facts, decision };
  if (decision.outcome !== 'linked' && decision.outcome !== 'becomes-organisation') return decline(decision, attempt);
  if (!source || !legacy || !attempt) return refuse('legacy-unknown');

  const known = { source, legacy, personal: openPersonal(keyRing, legacy.legacyKey, legacy), proofs, attempt };
  if (decision.outcome === 'linked') return link(tx, adoption, { ...known, assurance: decision.assurance });
  return becomeOrganisation(tx, adoption, { ...known, accountId: await targetAccount(tx, adoption, undefined) });
}

async function link(
  tx: Transaction,
  adoption: Adoption,
  known: Omit<Held, 'accountId'> & { readonly attempt: LinkAttempt },
): Promise<AdoptResult> {
  const { request, accounts, now } = adoption;
  const { source, legacy, personal, proofs, attempt } = known;
  const accountId = await targetAccount(tx, adoption, { proofs, personal });
  const held: Held = { ...known, accountId };
  if (!(await moveLegacyAccount(tx, legacy.legacyKey, { to: 'adopted', accountId }, now()))) refuse('already-adopted');
  const subjects = await inheritSubjects(tx, adoption, held);
  const linkId = await writeLink(tx, adoption, held, subjects);
  for (const { proofKey } of proofs) if (!(await adoption.proofs.consume(tx, proofKey, now()))) refuse('proof-used');
  await accounts.linking.noteLink(tx, accountId);
  await recordAttempt(tx, attempt, now());
  const created = 'newAccount' in request;
  await appendAudit(tx, {
    chain: `account:${accountId}`,
    type: 'legacy.adopted',
    ...request.meta,
    accountId,
    detail: { source: source.source, legacyKey: legacy.legacyKey.toString('hex'), linkId, created },
  });
  const { contactsBefore } = adoption.before;
  await request.alsoInTransaction?.(tx, { accountId, linkId, created, contactsBefore, oldEmail: personal.email });
  const endings = created ? [] : [await accounts.endings.want(tx, accountId, 'old-account-added')];
  return { outcome: 'adopted', accountId, linkId, created, assurance: held.assurance, subjects, endings };
}

/** Reads and holds every proof. All of them must be of one old account: proofs of two people make neither's. */
async function holdProofs(
  tx: Transaction,
  { request, proofs, now }: Adoption,
): Promise<readonly [ProofRow, ...ProofRow[]]> {
  const hold = async (handle: LegacyProof): Promise<ProofRow> => {
    const proof = (await proofs.hold(tx, handle, request)) ?? refuse('proof-invalid');
    if (proof.consumed) return refuse('proof-used');
    return proof.expiresAt <= now() ? refuse('proof-expired') : proof;
  };
  const first = await hold(request.proof);
  const further: ProofRow[] = [];
  for (const handle of request.furtherProofs ?? []) {
    const proof = await hold(handle);
    if (proof.source !== first.source || !proof.legacyKey.equals(first.legacyKey)) return refuse('proof-not-bound');
    further.push(proof);
  }
  return [first, ...further];
}

interface Found {
  readonly source: Source | undefined;
  readonly legacy: LegacyAccountRow | undefined;
  readonly proofs: readonly ProofRow[];
  readonly target: LinkFacts['target'];
}

function factsOf({ request, now }: Adoption, { source, legacy, proofs, target }: Found): LinkFacts {
  return {
    source: { status: source?.status ?? 'unknown', policy: source?.definition.policy },
    legacy: {
      ...standOf(legacy),
      ownedByTarget: 'accountProvedAt' in request && legacy?.accountId === request.accountId,
      isShared: isShared(source, legacy),
    },
    legacyProofs: proofs.map(({ kind, level, provedAt, bound }) => ({ kind, level, provedAt, bound })),
    target,
    now: now(),
  };
}

/** How an old account stands, as the decision sees it. */
function standOf(legacy: LegacyAccountRow | undefined): Omit<LinkFacts['legacy'], 'ownedByTarget' | 'isShared'> {
  if (!legacy) return { state: 'unknown', sourceStatus: 'disabled', stateSince: undefined };
  const { state, sourceStatus, stateSince, adoptedAt } = legacy;
  return { state, sourceStatus, stateSince: stateSince ?? adoptedAt };
}

/** The account that takes the old one over: new with what it brings, the old password too, or the one that was proved. */
async function targetAccount(
  tx: Transaction,
  { accounts, request }: Adoption,
  brings: { readonly proofs: readonly ProofRow[]; readonly personal: LegacyPersonal } | undefined,
): Promise<string> {
  if ('accountProvedAt' in request) return request.accountId;
  const { email, language, password } = request.newAccount;
  const carried = brings?.proofs.find((proof) => proof.carried)?.carried;
  const account = {
    email,
    language,
    name: brings?.personal.name,
    password: password?.hash ?? carriedPassword(carried?.passwordHash),
    passwordBelowPolicy: password?.belowPolicy ?? carried?.belowPolicy,
  };
  const created = await accounts.create(tx, account, request.meta);
  return created.outcome === 'created'
    ? created.accountId
    : decline({ outcome: 'needs-choice', reason: 'address-taken' });
}

function carriedPassword(hash: string | undefined): PasswordHash | undefined {
  // eslint-disable-next-line typescript/no-unsafe-type-assertion -- sealed from what hashPassword gave; the seal vouches
  return hash as PasswordHash | undefined;
}

function reasonOf(result: Declined): Record<string, string> {
  if (result.outcome === 'needs-proof') return { outcome: result.outcome, of: result.of, because: result.because };
  return { outcome: result.outcome, reason: result.reason };
}
