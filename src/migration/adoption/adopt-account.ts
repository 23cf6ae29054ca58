import type { Accounts, PasswordHash } from '../../accounts/index.ts';
import { appendAudit, type BatchedAuditEvent } from '../../audit/index.ts';
import type { KeyRing } from '../../platform/crypto/key-ring.ts';
import { uuidv7 } from '../../platform/crypto/uuid.ts';
import type { Database, Transaction } from '../../platform/postgres/database.ts';
import { type LegacyAccountRow, holdLegacyAccount } from '../ledger/read-legacy-account.ts';
import { type LegacyPersonal, openPersonal } from '../ledger/seal-legacy-row.ts';
import type { Source } from '../sources/definition.ts';
import { findSource } from '../sources/source-store.ts';
import type { AdoptRequest, AdoptResult } from './adoption-types.ts';
import { type LinkFacts, decideLink } from './decide-link.ts';
import { type LegacyProofs, type ProofRow, createLegacyProofs } from './legacy-proofs.ts';

export interface AdoptDependencies {
  readonly db: Database;
  readonly keyRing: KeyRing;
  readonly accounts: Accounts;
  readonly recordEvent: (event: BatchedAuditEvent) => void;
  readonly now: () => Date;
}

type Declined = Exclude<AdoptResult, { outcome: 'adopted' }>;

/** Ends the transaction without a trace: nothing of an adoption that was declined may stay. */
class DeclinedError extends Error {
  readonly result: Declined;
  constructor(result: Declined) {
    super(result.outcome);
    this.result = result;
  }
}

const decline = (result: Declined): never => {
  throw new DeclinedError(result);
};
const refuse = (reason: Extract<Declined, { outcome: 'refused' }>['reason']): never =>
  decline({ outcome: 'refused', reason });

export function createAdoptAccount(dependencies: AdoptDependencies) {
  const proofs = createLegacyProofs(dependencies.keyRing);
  return async (request: AdoptRequest): Promise<AdoptResult> => {
    const target = await readTarget(dependencies.accounts, request);
    try {
      return await dependencies.db.transaction((tx) => adopt(tx, { ...dependencies, proofs, request, target }));
    } catch (error) {
      if (!(error instanceof DeclinedError)) throw error;
      dependencies.recordEvent({
        type: 'legacy.adoption-refused',
        ...request.meta,
        ...('accountId' in request && { accountId: request.accountId }),
        detail: reasonOf(error.result),
      });
      return error.result;
    }
  };
}

interface Adoption extends AdoptDependencies {
  readonly proofs: LegacyProofs;
  readonly request: AdoptRequest;
  readonly target: LinkFacts['target'];
}

/** What is known of the account that is to own the old one, before any row is held. */
async function readTarget(accounts: Accounts, request: AdoptRequest): Promise<LinkFacts['target']> {
  if ('accountId' in request) {
    const account = await accounts.read(request.accountId);
    return { kind: 'existing', status: account?.status, provedAt: request.accountProvedAt };
  }
  const { email, emailProvedAt } = request.newAccount;
  const addressTaken = (await accounts.findByEmail(email)) !== undefined;
  return { kind: 'new', addressProvedAt: emailProvedAt, addressTaken };
}

async function adopt(tx: Transaction, adoption: Adoption): Promise<AdoptResult> {
  const { request, keyRing, now } = adoption;
  const proof = (await adoption.proofs.hold(tx, request.proof, request)) ?? refuse('proof-invalid');
  if (proof.consumed) return refuse('proof-used');
  if (proof.expiresAt <= now()) return refuse('proof-expired');
  const source = await findSource(tx, proof.source);
  const legacy = await holdLegacyAccount(tx, proof.legacyKey);
  const decision = decideLink(factsOf(adoption, { source, legacy, proof }));
  if (decision.outcome !== 'linked') return decline(decision);
  if (!source || !legacy) return refuse('legacy-unknown');

  const personal = openPersonal(keyRing, legacy.legacyKey, legacy);
  const accountId = await targetAccount(tx, adoption, { proof, personal });
  const held: Held = { accountId, source, legacy, personal, proof };
  await markAdopted(tx, adoption, held);
  const linkId = await writeLink(tx, adoption, held);
  const subjects = await inheritSubjects(tx, adoption, held);
  if (!(await adoption.proofs.consume(tx, proof.proofKey, now()))) return refuse('proof-used');
  const created = !('accountId' in request);
  await appendAudit(tx, {
    chain: `account:${accountId}`,
    type: 'legacy.adopted',
    ...request.meta,
    accountId,
    detail: { source: source.source, legacyKey: legacy.legacyKey.toString('hex'), linkId, created },
  });
  await request.alsoInTransaction?.(tx, { accountId, created, oldEmail: personal.email });
  return { outcome: 'adopted', accountId, created, subjects };
}

interface Found {
  readonly source: Source | undefined;
  readonly legacy: LegacyAccountRow | undefined;
  readonly proof: ProofRow;
}

function factsOf({ request, target, now }: Adoption, { source, legacy, proof }: Found): LinkFacts {
  return {
    source: { status: source?.status ?? 'unknown', proofs: source?.definition.policy.proofs ?? [] },
    legacy: {
      state: legacy?.state ?? 'unknown',
      sourceStatus: legacy?.sourceStatus ?? 'disabled',
      ownedByTarget: 'accountId' in request && legacy?.accountId === request.accountId,
      stateSince: legacy?.adoptedAt,
    },
    legacyProof: { kind: proof.kind, provedAt: proof.provedAt, bound: proof.bound },
    target,
    now: now(),
  };
}

/** The account that takes the old one over: new with the old password carried along, or the one that was proved. */
async function targetAccount(
  tx: Transaction,
  { accounts, request }: Adoption,
  { proof, personal }: { readonly proof: ProofRow; readonly personal: LegacyPersonal },
): Promise<string> {
  if ('accountId' in request) return request.accountId;
  const { email, language } = request.newAccount;
  const created = await accounts.create(
    tx,
    {
      email,
      language,
      name: personal.name,
      password: carriedPassword(proof),
      passwordBelowPolicy: proof.carried?.belowPolicy,
    },
    request.meta,
  );
  return created.outcome === 'created'
    ? created.accountId
    : decline({ outcome: 'needs-choice', reason: 'address-taken' });
}

function carriedPassword({ carried }: ProofRow): PasswordHash | undefined {
  // eslint-disable-next-line typescript/no-unsafe-type-assertion -- sealed from what hashPassword gave; the seal vouches
  return carried?.passwordHash as PasswordHash | undefined;
}

interface Held {
  readonly accountId: string;
  readonly source: Source;
  readonly legacy: LegacyAccountRow;
  readonly personal: LegacyPersonal;
  readonly proof: ProofRow;
}

async function markAdopted(tx: Transaction, { now }: Adoption, { accountId, legacy }: Held): Promise<void> {
  const rows = await tx.query({
    text: `UPDATE legacy_accounts SET state = 'adopted', account_id = $2, adopted_at = $3, verifier_sealed = NULL
           WHERE legacy_key = $1 AND state IN ('waiting', 'released') RETURNING 1`,
    values: [legacy.legacyKey, accountId, now()],
  });
  if (rows.length !== 1) refuse('already-adopted');
}

async function writeLink(tx: Transaction, { request, now }: Adoption, held: Held): Promise<string> {
  const { accountId, source, legacy, proof } = held;
  const linkId = uuidv7(now().getTime());
  const proofs = [
    { of: 'legacy', kind: proof.kind, at: proof.provedAt, truncated: proof.carried?.truncated ?? false },
    'accountId' in request
      ? { of: 'account', kind: 'signed-in', at: request.accountProvedAt }
      : { of: 'address', kind: 'email-code', at: request.newAccount.emailProvedAt },
  ];
  const { policy } = source.definition;
  await tx.query({
    text: `INSERT INTO links (account_id, link_id, legacy_key, source, proofs, policy_version, assurance, linked_by, linked_at)
           VALUES ($1, $2, $3, $4, $5::jsonb, $6, $7, $8, $9)`,
    values: [
      accountId,
      linkId,
      legacy.legacyKey,
      source.source,
      JSON.stringify(proofs),
      policy.version,
      policy.assurance,
      request.meta.actor,
      now(),
    ],
  });
  return linkId;
}

type InheritedSubjects = Extract<AdoptResult, { outcome: 'adopted' }>['subjects'];

/** Each sector that knew the person by the old id goes on knowing them by it, unless it knows this account already. */
async function inheritSubjects(
  tx: Transaction,
  { accounts, request }: Adoption,
  held: Held,
): Promise<InheritedSubjects> {
  const { definition } = held.source;
  const sub = held.personal.subject;
  if (definition.subjects === 'none' || sub === undefined) return [];
  const subjects: InheritedSubjects[number][] = [];
  for (const sector of definition.sectors) {
    const subject = { accountId: held.accountId, sector, sub, source: definition.source };
    const { outcome } = await accounts.subjects.inherit(tx, subject, request.meta);
    if (outcome === 'taken') return refuse('subject-taken');
    subjects.push({ sector, outcome });
  }
  return subjects;
}

function reasonOf(result: Declined): Record<string, string> {
  if (result.outcome === 'needs-proof') return { outcome: result.outcome, of: result.of };
  return { outcome: result.outcome, reason: result.reason };
}
