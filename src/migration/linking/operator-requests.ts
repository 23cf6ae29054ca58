import { appendAudit } from '../../audit/index.ts';
import type { Transaction } from '../../platform/postgres/database.ts';
import { legacyKeyOf } from '../ledger/legacy-keys.ts';
import { holdLegacyAccount } from '../ledger/read-legacy-account.ts';
import { whyNotProvable } from '../proofs/prove-row.ts';
import { issueVoucher } from '../proofs/vouchers.ts';
import { allowedProof } from '../sources/proof-policy.ts';
import { findSource } from '../sources/source-store.ts';
import {
  type OperatorAct,
  type RequestRefusal,
  type RequestStep,
  type RequestTarget,
  askOrApprove,
} from './ask-or-approve.ts';
import { readChangeFacts } from './create-links.ts';
import { readLink } from './link-rows.ts';
import { type LinkHook, UNDO_REASONS, type UndoReason, type UndoneChanges } from './links.ts';
import { type LinkDependencies, releaseLink } from './release-link.ts';
import { undoOrganisation, type UndoOrganisationAct, type UndoneForOperators } from './undo-organisation.ts';
import { type OpenRequest, type RequestKind, openRequests } from './request-rows.ts';
import { readDeclined, restoreLink } from './restore-link.ts';

type LinkAct = OperatorAct & { readonly alsoInTransaction?: LinkHook };
type UndoAct = LinkAct & { readonly reason: UndoReason };
interface VouchFor {
  readonly source: string;
  readonly legacyId: string;
  readonly accountId: string;
}
interface Undone {
  readonly outcome: 'undone';
  readonly changes: UndoneChanges;
}
interface Restored {
  readonly outcome: 'restored';
  readonly linkId: string;
}
interface Vouched {
  readonly outcome: 'vouched';
  readonly code: string;
  readonly validDays: number;
}

export type RequestOutcome<Done> =
  /** Nothing has happened yet: another operator must ask for the same. */
  | { readonly outcome: 'requested'; readonly requestId: string; readonly expiresAt: Date }
  | { readonly outcome: 'refused'; readonly reason: RequestRefusal }
  | Done;

/**
 * What operators may do about links, and only two of them together (linking-attacks 17, L17). The first call records who
 * asks and why; the same call by somebody else within seven days does it. None of it links anything that its owner did not
 * link: `vouch` gives a code that only a signed-in citizen can use.
 */
export interface OperatorRequests {
  undo(linkId: string, act: UndoAct): Promise<RequestOutcome<Undone>>;
  /** Takes an operators' undo back, within seven days of it. */
  restore(linkId: string, act: LinkAct): Promise<RequestOutcome<Restored>>;
  /**
   * For somebody who lost every other way: a code for one old account, to be given to the person who was identified. Only
   * the account that both operators named can use it, so neither of them gains anything by keeping it.
   */
  vouch(of: VouchFor, act: OperatorAct): Promise<RequestOutcome<Vouched>>;
  /**
   * Within 30 days of its making: the organisation ends with every membership and invitation, and the shared old account
   * is released. Whoever wants it proves it anew.
   */
  undoOrganisation(
    of: { readonly source: string; readonly legacyId: string },
    act: UndoOrganisationAct,
  ): Promise<RequestOutcome<UndoneForOperators>>;
  /** What waits for a second operator, newest first. */
  list(): Promise<readonly OpenRequest[]>;
}

export function createOperatorRequests(deps: LinkDependencies): OperatorRequests {
  return {
    undo: (linkId, act) => undo(deps, linkId, act),
    restore: (linkId, act) => restore(deps, linkId, act),
    vouch: (of, act) => vouch(deps, of, act),
    undoOrganisation: (of, act) => undoOrganisation(deps, of, act),
    list: () => openRequests(deps, deps.now()),
  };
}

type LinkRequest = RequestTarget & { readonly accountId: string; readonly linkId: string };

async function requestFor(
  { db }: LinkDependencies,
  linkId: string,
  what: { readonly kind: RequestKind; readonly reason: string },
): Promise<LinkRequest | undefined> {
  const link = await readLink(db, linkId);
  return link && { ...what, source: link.source, legacyKey: link.legacyKey, accountId: link.accountId, linkId };
}

async function undo(deps: LinkDependencies, linkId: string, act: UndoAct): Promise<RequestOutcome<Undone>> {
  if (!UNDO_REASONS.includes(act.reason)) return refused('reason-unknown');
  const target = await requestFor(deps, linkId, { kind: 'undo-link', reason: act.reason });
  if (!target) return refused('link-unknown');
  const { accountId } = target;
  const facts = await readChangeFacts(deps, target);
  return deps.db.transaction(async (tx) => {
    await deps.accounts.linking.hold(tx, accountId);
    const link = await readLink(tx, linkId, accountId);
    if (!link) return refused('link-unknown');
    if (link.undone) return refused('already-undone');
    const step = await askOrApprove(deps, tx, target, act);
    if (step.step !== 'approved') return waiting(step);
    // What the first operator gave as the reason, and the second has read, is what goes on record.
    const reason = UNDO_REASONS.find((known) => known === step.request.reason) ?? act.reason;
    const result = await releaseLink(deps, tx, { accountId, linkId, reason, meta: act.meta });
    if (result.outcome === 'refused') return result;
    if (facts) await act.alsoInTransaction?.(tx, facts);
    return { outcome: 'undone', changes: result.changes };
  });
}

async function restore(deps: LinkDependencies, linkId: string, act: LinkAct): Promise<RequestOutcome<Restored>> {
  const target = await requestFor(deps, linkId, { kind: 'restore-link', reason: 'restore' });
  if (!target) return refused('link-unknown');
  const { accountId } = target;
  const facts = await readChangeFacts(deps, target);
  const work = async (tx: Transaction): Promise<RequestOutcome<Restored>> => {
    await deps.accounts.linking.hold(tx, accountId);
    const step = await askOrApprove(deps, tx, target, act);
    if (step.step !== 'approved') return waiting(step);
    const result = await restoreLink(deps, tx, { accountId, linkId, meta: act.meta });
    if (result.outcome === 'restored' && facts) await act.alsoInTransaction?.(tx, facts);
    return result;
  };
  return deps.db.transaction(work).catch(readDeclined);
}

async function vouch(deps: LinkDependencies, of: VouchFor, act: OperatorAct): Promise<RequestOutcome<Vouched>> {
  const { source: key, legacyId, accountId } = of;
  const legacyKey = legacyKeyOf(deps.keyRing, key, legacyId);
  const account = await deps.accounts.read(accountId);
  if (account?.status !== 'active') return refused('account-not-active');
  return deps.db.transaction(async (tx) => {
    const source = await findSource(tx, key);
    const row = await holdLegacyAccount(tx, legacyKey);
    const whyNot = whyNotProvable({ source, row, kind: 'two-operators' });
    if (whyNot === 'account-unknown' || !source) return refused('account-unknown');
    if (whyNot) return refused(whyNot === 'already-adopted' ? 'adopted-since' : 'proof-not-allowed');
    const step = await askOrApprove(
      deps,
      tx,
      { kind: 'vouch', source: key, legacyKey, accountId, reason: 'vouch' },
      act,
    );
    if (step.step !== 'approved') return waiting(step);
    const { validDays = 1 } = allowedProof(source.definition.policy, 'two-operators') ?? {};
    const { requestId } = step.request;
    const kind = 'two-operators';
    const voucher = { source: key, legacyKey, kind, validDays, accountId, requestId, now: deps.now() } as const;
    const code = await issueVoucher(deps.keyRing, tx, voucher);
    const detail = { requestId, legacyKey: legacyKey.toString('hex') };
    await appendAudit(tx, { chain: `account:${accountId}`, type: 'legacy.vouched', ...act.meta, accountId, detail });
    return { outcome: 'vouched', code, validDays };
  });
}

const refused = (reason: RequestRefusal) => ({ outcome: 'refused', reason }) as const;

function waiting(step: Exclude<RequestStep, { step: 'approved' }>): RequestOutcome<never> {
  if (step.step === 'refused') return refused(step.reason);
  return { outcome: 'requested', requestId: step.requestId, expiresAt: step.expiresAt };
}
