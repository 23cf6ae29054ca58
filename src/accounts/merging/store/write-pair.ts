import type { KeyRing } from '../../../platform/crypto/key-ring.ts';
import type { Transaction } from '../../../platform/postgres/database.ts';
import type { DataKey } from '../../store/data-key.ts';
import type { Pair } from '../sides.ts';
import type { Change } from './change.ts';
import { moveContacts } from './move-contacts.ts';
import { moveLinks } from './move-links.ts';
import { movePasswords } from './move-passwords.ts';
import { moveSubjects } from './move-subjects.ts';

export interface PairChange {
  readonly before: Pair;
  readonly after: Pair;
  readonly keys: { readonly survivor: DataKey; readonly absorbed: DataKey };
}

/**
 * Writes the difference between what two accounts are and what they are to be. Both are held. Whatever changes its account
 * is deleted there and inserted here, sealed anew; its claim then points to the other one.
 */
export async function writePair(tx: Transaction, keyRing: KeyRing, { before, after, keys }: PairChange): Promise<void> {
  const [survivorId, absorbedId] = [before.survivor.accountId, before.absorbed.accountId];
  const changes: readonly Change[] = [
    { before: before.survivor, after: after.survivor, key: keys.survivor, otherId: absorbedId },
    { before: before.absorbed, after: after.absorbed, key: keys.absorbed, otherId: survivorId },
  ];
  await moveContacts(tx, changes);
  await movePasswords(tx, changes);
  for (const change of changes) await moveLinks(tx, change);
  await moveSubjects(tx, keyRing, changes);
  for (const { after: side } of changes) {
    await tx.query({
      name: 'merge-account',
      text: 'UPDATE accounts SET status = $2, second_factor = $3, version = $4 WHERE account_id = $1',
      values: [side.accountId, side.status, side.secondFactor, side.version],
    });
  }
}
