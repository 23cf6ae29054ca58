import type { Accounts, ActionMeta, SessionEnding } from '../../accounts/index.ts';
import { appendAudit } from '../../audit/index.ts';
import type { KeyRing } from '../../platform/crypto/key-ring.ts';
import type { Database, Transaction } from '../../platform/postgres/database.ts';
import { holderOf } from '../ledger/legacy-keys.ts';
import { moveLegacyAccount } from '../ledger/move-legacy-account.ts';
import { type LegacyAccountRow, holdLegacyAccount, readLegacyAccount } from '../ledger/read-legacy-account.ts';
import { openPersonal } from '../ledger/seal-legacy-row.ts';
import { findSource } from '../sources/source-store.ts';
import { type LinkRow, markUndone, readLink, readLinks } from './link-rows.ts';
import type { UndoReason, UndoRefusal, UndoneChanges } from './links.ts';

export interface LinkDependencies {
  readonly db: Database;
  readonly keyRing: KeyRing;
  readonly accounts: Accounts;
  readonly now: () => Date;
}

export interface Release {
  readonly accountId: string;
  readonly linkId: string;
  readonly reason: UndoReason;
  readonly meta: ActionMeta;
}

export type ReleaseResult =
  | { readonly outcome: 'released'; readonly changes: UndoneChanges; readonly ending: SessionEnding }
  | { readonly outcome: 'refused'; readonly reason: UndoRefusal };

/**
 * Undoes one link and exactly what it changed. The account stays, with its contacts. Its password stays too when it is
 * another by now, or the only way in (L15). What the services knew the person by goes with the old account: nobody has it
 * until the old account is proved anew (L11, linking-attacks 14).
 */
export async function releaseLink(deps: LinkDependencies, tx: Transaction, release: Release): Promise<ReleaseResult> {
  const { accountId, linkId, reason, meta } = release;
  const account = await deps.accounts.linking.hold(tx, accountId);
  const link = await readLink(tx, linkId, accountId);
  if (!account || !link) return { outcome: 'refused', reason: 'link-unknown' };
  if (link.undone) return { outcome: 'refused', reason: 'already-undone' };
  if (account.status !== 'active' && account.status !== 'suspended')
    return { outcome: 'refused', reason: 'account-not-active' };
  const legacy = await holdLegacyAccount(tx, link.legacyKey);
  const at = deps.now();
  const move = { to: 'released', from: { accountId }, carried: link.carriedSealed } as const;
  if (!legacy || !(await moveLegacyAccount(tx, link.legacyKey, move, at)))
    throw new Error('a live link leads to an old account that is not adopted by its account');
  if (!(await markUndone(tx, link, { at, by: meta.actor, reason })))
    return { outcome: 'refused', reason: 'already-undone' };

  const changes = {
    password: await dropPassword(deps, tx, link, meta),
    sectors: await handBack(deps, tx, link, legacy),
  };
  await deps.accounts.linking.noteLink(tx, accountId);
  await appendAudit(tx, {
    chain: `account:${accountId}`,
    type: 'legacy.link-undone',
    ...meta,
    accountId,
    detail: {
      source: link.source,
      legacyKey: link.legacyKey.toString('hex'),
      linkId,
      reason,
      password: changes.password,
      sectors: changes.sectors.length,
    },
    at,
  });
  const ending = await deps.accounts.endings.want(tx, accountId, 'old-account-removed');
  return { outcome: 'released', changes, ending };
}

async function dropPassword(
  { accounts }: LinkDependencies,
  tx: Transaction,
  { accountId, changed }: LinkRow,
  meta: ActionMeta,
): Promise<UndoneChanges['password']> {
  if (changed.credentialId === undefined) return 'none';
  return accounts.linking.dropPassword(tx, { accountId, credentialId: changed.credentialId }, meta);
}

async function handBack(
  deps: LinkDependencies,
  tx: Transaction,
  link: LinkRow,
  legacy: LegacyAccountRow,
): Promise<readonly string[]> {
  const { accountId, source } = link;
  const { subject: sub } = openPersonal(deps.keyRing, legacy.legacyKey, legacy);
  if (sub === undefined) return [];
  const holder = holderOf(legacy.legacyKey);
  const sectors = await deps.accounts.linking.reserveSubject(tx, { accountId, sub, source, holder });
  if (sectors.length > 0) await inheritFromOthers(deps, tx, link, sectors);
  return sectors;
}

/** A sector that knew two of the person's old accounts knows them by the other now. */
async function inheritFromOthers(
  { accounts, keyRing }: LinkDependencies,
  tx: Transaction,
  { accountId, linkId }: LinkRow,
  sectors: readonly string[],
): Promise<void> {
  const others = (await readLinks(tx, accountId)).filter((link) => !link.undone && link.linkId !== linkId);
  for (const other of others) {
    const source = await findSource(tx, other.source);
    const legacy = await readLegacyAccount(tx, other.legacyKey);
    const sub = legacy && openPersonal(keyRing, other.legacyKey, legacy).subject;
    if (!source || sub === undefined || source.definition.subjects === 'none') continue;
    for (const sector of source.definition.sectors.filter((name) => sectors.includes(name)))
      await accounts.subjects.inherit(tx, { accountId, sector, sub, source: other.source });
  }
}
