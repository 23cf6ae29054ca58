import type { Transaction } from '../../../platform/postgres/database.ts';
import type { LinkRow } from '../sides.ts';
import { type Change, mustBe, without } from './change.ts';

/** Takes over links of the other account with all that their rows hold, whatever is added to them in time. */
export async function moveLinks(tx: Transaction, { before, after, otherId }: Change): Promise<void> {
  const come = without(after.links, before.links, ({ linkId }) => linkId);
  if (come.length === 0) return;
  const linkIds = come.map(({ linkId }) => linkId);
  await tx.query({
    name: 'merge-links-insert',
    text: `INSERT INTO links
           SELECT (jsonb_populate_record(link, jsonb_build_object('account_id', $1::uuid))).*
           FROM links AS link WHERE account_id = $2 AND link_id = ANY($3)`,
    values: [after.accountId, otherId, linkIds],
  });
  const deleted = await tx.query({
    name: 'merge-links-delete',
    text: 'DELETE FROM links WHERE account_id = $1 AND link_id = ANY($2) RETURNING link_id',
    values: [otherId, linkIds],
  });
  mustBe('links', deleted.length, come.length);
  // Whose an old account is stands on its own row, which has one account only: a live link can be in no second one.
  await tx.query({
    name: 'merge-legacy-accounts',
    text: 'UPDATE legacy_accounts SET account_id = $1 WHERE legacy_key = ANY($2) AND account_id = $3',
    values: [after.accountId, come.filter(isLive).map(legacyKeyOf), otherId],
  });
}

const isLive = ({ undoneAt }: LinkRow): boolean => undoneAt === null;
const legacyKeyOf = ({ legacyKey }: LinkRow): Buffer => Buffer.from(legacyKey, 'hex');
