import type { LegacyRecord, LegacyRecords } from '../../legacy/index.ts';
import type { KeyRing } from '../../platform/crypto/key-ring.ts';
import type { Database } from '../../platform/postgres/database.ts';
import { legacyKeyOf, loginKeyOf } from '../ledger/legacy-keys.ts';
import { findByLoginKey, readLegacyAccount } from '../ledger/read-legacy-account.ts';
import { openPersonal } from '../ledger/seal-legacy-row.ts';
import { loginForm } from '../sources/normalise-login.ts';
import { findSource } from '../sources/source-store.ts';

const MAX_TYPED = 1024;

export interface RecordsDependencies {
  readonly db: Database;
  readonly keyRing: KeyRing;
  /** The old password of a row, by the verifier chain; the same work for nobody. */
  readonly isPassword: (source: string, login: string, password: string) => Promise<boolean>;
}

/** Rows of one source, for adapters that check against what was exported. */
export function createLegacyRecords(deps: RecordsDependencies, sourceKey: string): LegacyRecords {
  const { db, keyRing } = deps;

  const keyOf = async (typed: string): Promise<Buffer | undefined> => {
    const source = await findSource(db, sourceKey);
    if (!source) return undefined;
    const form = loginForm(source.definition.identifier);
    const login = form.normalise(typed.slice(0, MAX_TYPED));
    // What was typed may be the old id itself.
    const byName = await findByLoginKey(db, loginKeyOf(keyRing, sourceKey, login));
    return byName ?? legacyKeyOf(keyRing, sourceKey, login);
  };

  return {
    async find(typed) {
      const legacyKey = await keyOf(typed);
      const row = legacyKey && (await readLegacyAccount(db, legacyKey));
      if (!row || row.source !== sourceKey || row.sourceStatus === 'disabled') return undefined;
      if (row.state !== 'waiting' && row.state !== 'released') return undefined;
      const { id, login, subject: _, extras = {}, ...known } = openPersonal(keyRing, row.legacyKey, row);
      const record: LegacyRecord = { accountKey: id, login, extras, ...known };
      return record;
    },

    checkPassword: (typed, password) => deps.isPassword(sourceKey, typed, password),

    async counter(accountKey, name) {
      const [row] = await db.query<{ value: string }>({
        name: 'legacy-counter',
        text: 'SELECT value FROM legacy_counters WHERE legacy_key = $1 AND name = $2',
        values: [legacyKeyOf(keyRing, sourceKey, accountKey), name],
      });
      return row && Number(row.value);
    },

    async advance(accountKey, name, { from, to }) {
      const values = [legacyKeyOf(keyRing, sourceKey, accountKey), name, to];
      const moved =
        from === undefined
          ? await db.query({
              text: `INSERT INTO legacy_counters (legacy_key, name, value) VALUES ($1, $2, $3)
                     ON CONFLICT (legacy_key, name) DO NOTHING RETURNING 1`,
              values,
            })
          : await db.query({
              text: `UPDATE legacy_counters SET value = $3
                     WHERE legacy_key = $1 AND name = $2 AND value = $4 RETURNING 1`,
              values: [...values, from],
            });
      return moved.length === 1;
    },
  };
}
