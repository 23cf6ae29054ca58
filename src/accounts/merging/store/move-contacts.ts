import type { Transaction } from '../../../platform/postgres/database.ts';
import { emailPlace } from '../../identities/write-email.ts';
import type { ContactRow } from '../sides.ts';
import { type Change, mustBe, without } from './change.ts';

const nameOf = ({ identityId }: ContactRow): string => identityId;

export async function moveContacts(tx: Transaction, changes: readonly Change[]): Promise<void> {
  for (const { before, after } of changes) {
    const gone = without(before.contacts, after.contacts, nameOf);
    if (gone.length === 0) continue;
    await tx.query({
      name: 'merge-contacts-delete',
      text: 'DELETE FROM identities WHERE account_id = $1 AND identity_id = ANY($2)',
      values: [before.accountId, gone.map(nameOf)],
    });
  }
  for (const change of changes) {
    const come = without(change.after.contacts, change.before.contacts, nameOf);
    if (come.length > 0) await insert(tx, change, come);
    await setPrimary(tx, change);
  }
}

async function insert(tx: Transaction, { after, otherId, key }: Change, rows: readonly ContactRow[]): Promise<void> {
  const valueKeys = rows.map(({ valueKey }) => Buffer.from(valueKey, 'hex'));
  await tx.query({
    name: 'merge-contacts-insert',
    text: `INSERT INTO identities
             (account_id, identity_id, kind, value_sealed, value_key, is_primary, verified_at, created_at)
           SELECT $1, * FROM unnest($2::uuid[], $3::text[], $4::bytea[], $5::bytea[], $6::boolean[],
                                    $7::timestamptz[], $8::timestamptz[])`,
    values: [
      after.accountId,
      rows.map(nameOf),
      rows.map(({ kind }) => kind),
      rows.map(({ identityId, value }) => key.seal(emailPlace(identityId), value)),
      valueKeys,
      rows.map(({ primary }) => primary),
      rows.map(({ verifiedAt }) => verifiedAt),
      rows.map(({ createdAt }) => createdAt),
    ],
  });
  const claims = await tx.query({
    name: 'merge-contact-claims',
    text: 'UPDATE identity_claims SET account_id = $1 WHERE value_key = ANY($2) AND account_id = $3 RETURNING value_key',
    values: [after.accountId, valueKeys, otherId],
  });
  mustBe('claims of contacts', claims.length, rows.length);
}

async function setPrimary(tx: Transaction, { before, after }: Change): Promise<void> {
  const was = new Map(before.contacts.map((row) => [row.identityId, row.primary]));
  const changed = after.contacts.filter((row) => (was.get(row.identityId) ?? row.primary) !== row.primary);
  if (changed.length === 0) return;
  await tx.query({
    name: 'merge-contacts-primary',
    text: `UPDATE identities SET is_primary = NOT is_primary WHERE account_id = $1 AND identity_id = ANY($2)`,
    values: [after.accountId, changed.map(nameOf)],
  });
}
