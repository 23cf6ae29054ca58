import type { AccountsDeps } from '../accounts-deps.ts';
import type { PasswordCheck } from '../accounts.ts';
import { canonicalEmail } from '../identities/canonical-email.ts';
import { emailKey } from '../identities/email-key.ts';
import { isAccountId } from '../store/account-rows.ts';
import { type DataKey, openDataKey } from '../store/data-key.ts';
import { holderOfEmail } from '../store/email-rows.ts';
import { type PasswordRow, passwordPlace, readPassword } from '../store/password-rows.ts';
import { isCommonPassword } from './common-passwords/is-common-password.ts';
import { isOverlong } from './hash-password.ts';
import { rehashPassword } from './rehash-password.ts';
import { verifyHash } from './verifiers/verify-hash.ts';

const MAX_FAILURES = 100;
const FAILURES_WINDOW_SECONDS = 365 * 86_400;
const NOBODY = '00000000-0000-0000-0000-000000000000';

/** By address. Whoever has none gets the same statements and the same hash work (A11). */
export async function checkPassword(deps: AccountsDeps, address: string, password: string): Promise<PasswordCheck> {
  if (isOverlong(password)) return { outcome: 'mismatch' };
  const accountId = await holderOfEmail(deps.db, emailKey(deps.keyRing, address));
  return check(deps, { accountId, who: accountId ?? `address:${canonicalEmail(address)}` }, password);
}

export async function checkPasswordOf(deps: AccountsDeps, accountId: string, password: string): Promise<PasswordCheck> {
  if (isOverlong(password)) return { outcome: 'mismatch' };
  return check(deps, { accountId: isAccountId(accountId) ? accountId : undefined, who: accountId }, password);
}

interface Claimed {
  readonly accountId: string | undefined;
  /** Of whom tries are counted: the account, or the address that nobody has. */
  readonly who: string;
}

interface StoredPassword {
  readonly accountId: string;
  readonly credentialId: string;
  readonly sealed: Buffer;
  readonly hash: string;
  readonly key: DataKey;
  readonly active: boolean;
  readonly belowPolicy: boolean;
}

async function check(deps: AccountsDeps, { accountId, who }: Claimed, password: string): Promise<PasswordCheck> {
  const { db, attempts, passwordWork } = deps;
  const attempt = await attempts.take({
    what: 'password-failures',
    who,
    limit: MAX_FAILURES,
    windowSeconds: FAILURES_WINDOW_SECONDS,
  });
  if (!attempt.allowed) return { outcome: 'blocked' };

  const row = await readPassword(db, accountId ?? NOBODY);
  const stored = openStored(deps, accountId, row);
  const answer = await verifyHash(passwordWork, stored?.hash ?? passwordWork.decoy, password);
  if (answer === 'not-mine') throw new Error('a stored password hash is of no known format');
  if (answer === 'mismatch' || !stored?.active) return { outcome: 'mismatch' };

  await attempts.reset('password-failures', who);
  if (answer === 'match-needs-rehash') await rehashPassword(deps, { ...stored, password });
  const weak = stored.belowPolicy || isCommonPassword(password);
  return { outcome: 'match', accountId: stored.accountId, ...(weak && { weak }) };
}

function openStored(
  { keyRing }: AccountsDeps,
  accountId: string | undefined,
  row: PasswordRow | undefined,
): StoredPassword | undefined {
  if (accountId === undefined || !row || row.status === 'closed') return undefined;
  const { credential_id: credentialId, secret_sealed: sealed } = row;
  if (credentialId === null || sealed === null) return undefined;
  const key = openDataKey(keyRing, accountId, row.data_key);
  const hash = key.open(passwordPlace(credentialId), sealed);
  const active = row.status === 'active';
  return { accountId, credentialId, sealed, key, hash, active, belowPolicy: row.below_policy ?? false };
}
