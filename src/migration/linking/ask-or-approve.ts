import type { ActionMeta } from '../../accounts/index.ts';
import { appendAudit } from '../../audit/index.ts';
import { uuidv7 } from '../../platform/crypto/uuid.ts';
import type { Transaction } from '../../platform/postgres/database.ts';
import type { UndoRefusal } from './links.ts';
import type { LinkDependencies } from './release-link.ts';
import { type OpenRequest, type RequestKind, approveRequest, insertRequest, openRequestOf } from './request-rows.ts';

/** An operator's words: what they saw that makes it right. Sealed; another operator reads it before approving. */
export interface OperatorAct {
  /** `operator:<name>`. */
  readonly meta: ActionMeta;
  readonly evidence: string;
  /** For doors where asking and approving are two rights: whoever has one of them does only that. Either when left out. */
  readonly only?: 'ask' | 'approve';
}

export type RequestRefusal =
  | UndoRefusal
  | 'same-operator'
  | 'evidence-missing'
  | 'asked-already'
  | 'nothing-asked'
  | 'not-an-operator'
  | 'subject-taken'
  | 'proof-not-allowed'
  | 'account-unknown'
  | 'organisation-unknown';

const OPERATOR = /^operator:[a-z0-9][a-z0-9._-]{0,63}$/;
export const isOperator = (actor: string): boolean => OPERATOR.test(actor);
const REQUEST_LIVES_MS = 7 * 24 * 3600 * 1000;
const MIN_EVIDENCE = 10;
const MAX_EVIDENCE = 2000;

export interface RequestTarget {
  readonly kind: RequestKind;
  readonly source: string;
  readonly legacyKey: Buffer;
  readonly accountId?: string;
  readonly linkId?: string;
  readonly reason: string;
}

export type RequestStep =
  | { readonly step: 'requested'; readonly requestId: string; readonly expiresAt: Date }
  | { readonly step: 'refused'; readonly reason: RequestRefusal }
  | { readonly step: 'approved'; readonly request: OpenRequest };

/** Records a request, or approves the one that somebody else made. Runs while the account or the old one is held. */
export async function askOrApprove(
  deps: LinkDependencies,
  tx: Transaction,
  target: RequestTarget,
  act: OperatorAct,
): Promise<RequestStep> {
  const { meta } = act;
  if (!isOperator(meta.actor)) return { step: 'refused', reason: 'not-an-operator' };
  const at = deps.now();
  const open = await openRequestOf(deps, tx, target, at);
  if (open && act.only === 'ask') return { step: 'refused', reason: 'asked-already' };
  if (!open) {
    if (act.only === 'approve') return { step: 'refused', reason: 'nothing-asked' };
    const evidence = act.evidence.trim().slice(0, MAX_EVIDENCE);
    if (evidence.length < MIN_EVIDENCE) return { step: 'refused', reason: 'evidence-missing' };
    const requestId = uuidv7(at.getTime());
    const expiresAt = new Date(at.getTime() + REQUEST_LIVES_MS);
    await insertRequest(deps, tx, { ...target, requestId, evidence, askedBy: meta.actor, askedAt: at, expiresAt });
    await record(tx, 'legacy.request-made', { target, act, requestId });
    return { step: 'requested', requestId, expiresAt };
  }
  const { requestId } = open;
  const isSecond = open.askedBy !== meta.actor && (await approveRequest(tx, requestId, { by: meta.actor, at }));
  await record(tx, isSecond ? 'legacy.request-approved' : 'legacy.request-refused', { target, act, requestId });
  return isSecond ? { step: 'approved', request: open } : { step: 'refused', reason: 'same-operator' };
}

async function record(
  tx: Transaction,
  type: 'legacy.request-made' | 'legacy.request-approved' | 'legacy.request-refused',
  { target, act, requestId }: { readonly target: RequestTarget; readonly act: OperatorAct; readonly requestId: string },
): Promise<void> {
  const { kind, accountId, linkId, source } = target;
  await appendAudit(tx, {
    chain: accountId === undefined ? `source:${source}` : `account:${accountId}`,
    type,
    ...act.meta,
    ...(accountId !== undefined && { accountId }),
    detail: { kind, requestId, ...(linkId !== undefined && { linkId }) },
  });
}
