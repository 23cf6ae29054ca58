import { uuidv7 } from '../../platform/crypto/uuid.ts';
import type { Transaction } from '../../platform/postgres/database.ts';
import type { DataKey } from '../store/data-key.ts';
import { insertEmail } from '../store/email-rows.ts';
import { tidy } from './canonical-email.ts';

/** The place of an address among an account's sealed values. */
export function emailPlace(identityId: string): string {
  return `identities:${identityId}`;
}

export interface WriteEmail {
  readonly accountId: string;
  readonly address: string;
  /** Claimed already, in this transaction. */
  readonly valueKey: Buffer;
  readonly key: DataKey;
  readonly primary: boolean;
  readonly at: Date;
}

/** Writes a claimed and proved address, sealed as typed. Returns its identity id. */
export async function writeEmail(tx: Transaction, email: WriteEmail): Promise<string> {
  const { accountId, valueKey, primary, at } = email;
  const identityId = uuidv7(at.getTime());
  const sealed = email.key.seal(emailPlace(identityId), tidy(email.address));
  await insertEmail(tx, { accountId, identityId, sealed, valueKey, primary, at });
  return identityId;
}
