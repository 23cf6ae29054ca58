import type { KeyRing } from '../../platform/crypto/key-ring.ts';
import type { Database } from '../../platform/postgres/database.ts';
import { readLegacyAccount } from '../ledger/read-legacy-account.ts';
import { isShared } from '../ledger/is-shared.ts';
import { openPersonal } from '../ledger/seal-legacy-row.ts';
import { findSource } from '../sources/source-store.ts';
import type { OldAccountSummary } from './adoption-types.ts';

export function createDescribeOldAccount({ db, keyRing }: { readonly db: Database; readonly keyRing: KeyRing }) {
  return async (legacyKeyHex: string): Promise<OldAccountSummary | undefined> => {
    const legacyKey = Buffer.from(legacyKeyHex, 'hex');
    const row = await readLegacyAccount(db, legacyKey);
    const source = row && (await findSource(db, row.source));
    if (!source) return undefined;
    const personal = openPersonal(keyRing, legacyKey, row);
    const { name } = source.definition;
    return {
      source: row.source,
      sourceName: { en: name.en, cy: name.cy ?? name.en },
      name: personal.name,
      emailHint: personal.email && maskEmail(personal.email),
      isShared: isShared(source, row),
    };
  };
}

function maskEmail(email: string): string {
  const at = email.lastIndexOf('@');
  const [first = ''] = email;
  return `${first}•••${email.slice(at)}`;
}
