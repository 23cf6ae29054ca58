import { Type } from 'typebox';
import { Value } from 'typebox/value';
import type { AccountsDeps } from '../accounts-deps.ts';
import type { Account, AccountEmail } from '../accounts.ts';
import { emailPlace } from '../identities/write-email.ts';
import { type AccountRow, isAccountId, readAccountRows } from '../store/account-rows.ts';
import { type DataKey, openDataKey } from '../store/data-key.ts';
import { PROFILE } from './create-account.ts';

const Profile = Type.Object({ name: Type.Optional(Type.String()) });

export async function readAccount({ db, keyRing }: AccountsDeps, accountId: string): Promise<Account | undefined> {
  if (!isAccountId(accountId)) return undefined;
  const rows = await readAccountRows(db, accountId);
  const [first] = rows;
  if (!first) return undefined;
  const open = first.status === 'closed' ? undefined : openDataKey(keyRing, accountId, first.data_key);
  return {
    accountId,
    status: first.status,
    language: first.language,
    name: open && readName(first.profile_sealed, open),
    emails: open ? rows.flatMap((row) => readEmail(row, open)) : [],
    hasPassword: first.below_policy !== null,
    passwordBelowPolicy: first.below_policy ?? false,
    createdAt: first.created_at,
    version: first.version,
  };
}

export function readName(profile: Buffer | null, key: DataKey): string | undefined {
  return profile ? Value.Parse(Profile, JSON.parse(key.open(PROFILE, profile))).name : undefined;
}

function readEmail(row: AccountRow, key: DataKey): AccountEmail[] {
  const { identity_id: identityId, value_sealed: sealed, verified_at: verifiedAt } = row;
  if (identityId === null || sealed === null || verifiedAt === null) return [];
  const address = key.open(emailPlace(identityId), sealed);
  return [{ identityId, address, primary: row.is_primary ?? false, verifiedAt }];
}
