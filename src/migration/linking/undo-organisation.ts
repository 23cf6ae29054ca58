import { appendAudit } from '../../audit/index.ts';
import type { Transaction } from '../../platform/postgres/database.ts';
import { legacyKeyOf } from '../ledger/legacy-keys.ts';
import { moveLegacyAccount } from '../ledger/move-legacy-account.ts';
import { holdLegacyAccount } from '../ledger/read-legacy-account.ts';
import { type OperatorAct, type RequestRefusal, type RequestStep, askOrApprove } from './ask-or-approve.ts';
import type { LinkDependencies } from './release-link.ts';

export interface EndedOrganisation {
  readonly name: string;
  /** Accounts of everybody who was part of it. */
  readonly accountIds: readonly string[];
}

export type UndoOrganisationAct = OperatorAct & {
  readonly alsoInTransaction?: (tx: Transaction, ended: EndedOrganisation) => Promise<void>;
};

export interface UndoneForOperators {
  readonly outcome: 'undone';
  readonly members: number;
}

type Outcome =
  | UndoneForOperators
  | { readonly outcome: 'requested'; readonly requestId: string; readonly expiresAt: Date }
  | { readonly outcome: 'refused'; readonly reason: RequestRefusal };

/** For one whose first prover had no right to it: that somebody knew a shared password says little. Two operators decide. */
export async function undoOrganisation(
  deps: LinkDependencies,
  { source, legacyId }: { readonly source: string; readonly legacyId: string },
  act: UndoOrganisationAct,
): Promise<Outcome> {
  const legacyKey = legacyKeyOf(deps.keyRing, source, legacyId);
  const { organisations } = deps.accounts;
  const organisationId = await organisations.madeFrom({ source, key: legacyKey });
  if (organisationId === undefined) return refused('organisation-unknown');
  return deps.db.transaction(async (tx) => {
    await holdLegacyAccount(tx, legacyKey);
    const kind = 'undo-organisation';
    const step = await askOrApprove(deps, tx, { kind, source, legacyKey, reason: kind }, act);
    if (step.step !== 'approved') return waiting(step);
    const undone = await organisations.undo(tx, organisationId, act.meta);
    if (!undone) return refused('way-back-closed');
    const release = { to: 'released', from: 'organisation', carried: undone.kept } as const;
    if (!(await moveLegacyAccount(tx, legacyKey, release, deps.now())))
      throw new Error('an organisation stands on an old account that is not its own');
    const { name, accountIds } = undone;
    await appendAudit(tx, {
      chain: `source:${source}`,
      type: 'legacy.organisation-undone',
      ...act.meta,
      detail: { legacyKey: legacyKey.toString('hex'), organisationId, requestId: step.request.requestId },
    });
    await act.alsoInTransaction?.(tx, { name, accountIds });
    return { outcome: 'undone', members: accountIds.length };
  });
}

const refused = (reason: RequestRefusal) => ({ outcome: 'refused', reason }) as const;

function waiting(step: Exclude<RequestStep, { step: 'approved' }>): Exclude<Outcome, { outcome: 'undone' }> {
  if (step.step === 'refused') return refused(step.reason);
  return { outcome: 'requested', requestId: step.requestId, expiresAt: step.expiresAt };
}
