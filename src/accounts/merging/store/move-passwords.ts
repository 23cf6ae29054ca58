import type { Transaction } from '../../../platform/postgres/database.ts';
import { passwordPlace } from '../../store/password-rows.ts';
import type { PasswordRow } from '../sides.ts';
import { type Change, without } from './change.ts';

const nameOf = ({ credentialId }: PasswordRow): string => credentialId;

export async function movePasswords(tx: Transaction, changes: readonly Change[]): Promise<void> {
  for (const { before, after } of changes) {
    const gone = without(before.passwords, after.passwords, nameOf);
    if (gone.length === 0) continue;
    await tx.query({
      name: 'merge-passwords-delete',
      text: 'DELETE FROM credentials WHERE account_id = $1 AND credential_id = ANY($2)',
      values: [before.accountId, gone.map(nameOf)],
    });
  }
  for (const { before, after, key } of changes) {
    for (const row of without(after.passwords, before.passwords, nameOf)) {
      await tx.query({
        name: 'merge-passwords-insert',
        text: `INSERT INTO credentials (account_id, credential_id, kind, secret_sealed, below_policy, created_at)
               VALUES ($1, $2, 'password', $3, $4, $5)`,
        values: [
          after.accountId,
          row.credentialId,
          key.seal(passwordPlace(row.credentialId), row.secret),
          row.belowPolicy,
          row.createdAt,
        ],
      });
    }
  }
}
