import { appendAudit } from '../../audit/index.ts';
import type { KeyRing } from '../../platform/crypto/key-ring.ts';
import type { Queryable, Transaction } from '../../platform/postgres/database.ts';

/** Browsers that an account has signed in from: they may go on when strangers have used up the tries (A9). */
export interface Devices {
  /** @param deviceId the random id in the device's cookie; stored as a keyed hash that differs per account. */
  remember(tx: Transaction, accountId: string, deviceId: string): Promise<void>;
  isKnown(accountId: string, deviceId: string): Promise<boolean>;
}

export interface DevicesOptions {
  readonly db: Queryable;
  readonly keyRing: KeyRing;
  readonly now: () => Date;
}

export function createDevices({ db, keyRing, now }: DevicesOptions): Devices {
  const keyOf = (accountId: string, deviceId: string): Buffer => keyRing.lookupKey('known-device', accountId, deviceId);
  return {
    async remember(tx, accountId, deviceId) {
      const at = now();
      const values = [accountId, keyOf(accountId, deviceId), at];
      const [seen] = await tx.query({
        text: `UPDATE known_devices SET last_seen_at = $3 WHERE account_id = $1 AND device_key = $2 RETURNING account_id`,
        values,
      });
      if (seen) return;
      const [added] = await tx.query({
        text: `INSERT INTO known_devices (account_id, device_key, created_at, last_seen_at) VALUES ($1, $2, $3, $3)
               ON CONFLICT (account_id, device_key) DO NOTHING RETURNING account_id`,
        values,
      });
      if (!added) return;
      await appendAudit(tx, {
        chain: `account:${accountId}`,
        type: 'account.device-remembered',
        actor: 'citizen',
        accountId,
        at,
      });
    },

    async isKnown(accountId, deviceId) {
      const rows = await db.query({
        text: 'SELECT 1 FROM known_devices WHERE account_id = $1 AND device_key = $2',
        values: [accountId, keyOf(accountId, deviceId)],
      });
      return rows.length === 1;
    },
  };
}
