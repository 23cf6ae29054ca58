import type { ActionMeta } from '../../accounts/index.ts';
import { appendAudit } from '../../audit/index.ts';
import { uuidv7 } from '../../platform/crypto/uuid.ts';
import type { Transaction } from '../../platform/postgres/database.ts';
import { DeclinedError } from '../adoption/declined.ts';
import { inheritSubjects } from '../adoption/inherit-subjects.ts';
import { insertLink } from '../adoption/write-link.ts';
import { moveLegacyAccount } from '../ledger/move-legacy-account.ts';
import { type LegacyAccountRow, holdLegacyAccount } from '../ledger/read-legacy-account.ts';
import { openPersonal } from '../ledger/seal-legacy-row.ts';
import type { Source } from '../sources/definition.ts';
import { findSource } from '../sources/source-store.ts';
import { type LinkRow, readLink } from './link-rows.ts';
import { type RestoreResult, type UndoRefusal, WAY_BACK_MS } from './links.ts';
import type { LinkDependencies } from './release-link.ts';

export interface Restore {
  readonly accountId: string;
  readonly linkId: string;
  readonly meta: ActionMeta;
}

interface Found {
  readonly status: string | undefined;
  readonly link: LinkRow | undefined;
  readonly legacy: LegacyAccountRow | undefined;
  readonly source: Source | undefined;
  readonly now: Date;
}

/** When an operator's undo cannot be taken back: the first row that holds is the answer. */
const table: readonly (readonly [when: (found: Found) => boolean, then: UndoRefusal])[] = [
  [({ link, legacy, source }) => !link || !legacy || !source, 'link-unknown'],
  [({ link }) => !link?.undone, 'not-undone'],
  [({ link }) => !link?.undone?.by.startsWith('operator:'), 'way-back-closed'],
  [({ link, now }) => now.getTime() - (link?.undone?.at.getTime() ?? 0) > WAY_BACK_MS, 'way-back-closed'],
  [({ legacy }) => legacy?.state !== 'released', 'adopted-since'],
  // Released again since, by somebody who had it meanwhile.
  [({ link, legacy }) => legacy?.stateSince?.getTime() !== link?.undone?.at.getTime(), 'adopted-since'],
  [({ status }) => status !== 'active', 'account-not-active'],
  [({ source }) => source?.status !== 'open', 'source-suspended'],
  [({ legacy }) => legacy?.sourceStatus !== 'active', 'legacy-disabled'],
];

/** Takes an operator's undo back: a new link on the proofs of the old one, as nothing of the record is ever changed. */
export async function restoreLink(
  deps: LinkDependencies,
  tx: Transaction,
  restore: Restore,
): Promise<Exclude<RestoreResult, { outcome: 'needs-proof' }>> {
  const { accountId, linkId, meta } = restore;
  const account = await deps.accounts.linking.hold(tx, accountId);
  const link = await readLink(tx, linkId, accountId);
  const legacy = link && (await holdLegacyAccount(tx, link.legacyKey));
  const source = link && (await findSource(tx, link.source));
  const at = deps.now();
  const refusal = table.find(([when]) => when({ status: account?.status, link, legacy, source, now: at }))?.[1];
  if (refusal) return { outcome: 'refused', reason: refusal };
  if (!link || !legacy || !source) return { outcome: 'refused', reason: 'link-unknown' };

  if (!(await moveLegacyAccount(tx, legacy.legacyKey, { to: 'adopted', accountId }, at)))
    return { outcome: 'refused', reason: 'adopted-since' };
  const personal = openPersonal(deps.keyRing, legacy.legacyKey, legacy);
  const held = { accountId, source, legacy, personal };
  const subjects = await inheritSubjects(tx, { accounts: deps.accounts, request: { meta } }, held);
  const restored = uuidv7(at.getTime());
  await insertLink(tx, {
    ...link,
    linkId: restored,
    proofs: [...link.proofs, { of: 'link', kind: 'way-back', at: at.toISOString() }],
    linkedBy: meta.actor,
    linkedAt: at,
    changed: {
      ...link.changed,
      created: false,
      sectors: subjects.flatMap(({ sector, outcome }) => (outcome === 'inherited' ? [sector] : [])),
    },
    carried: legacy.verifierSealed,
  });
  await deps.accounts.linking.noteLink(tx, accountId);
  await appendAudit(tx, {
    chain: `account:${accountId}`,
    type: 'legacy.link-restored',
    ...meta,
    accountId,
    detail: { source: link.source, legacyKey: link.legacyKey.toString('hex'), linkId: restored, undone: linkId },
    at,
  });
  const ending = await deps.accounts.endings.want(tx, accountId, 'old-account-added');
  return { outcome: 'restored', linkId: restored, ending };
}

/** A sub that somebody else has by now ends the whole transaction: read as a refusal. */
export function readDeclined(error: unknown): { readonly outcome: 'refused'; readonly reason: 'subject-taken' } {
  if (error instanceof DeclinedError) return { outcome: 'refused', reason: 'subject-taken' };
  throw error;
}
