import type { KeyRing } from '../../../platform/crypto/key-ring.ts';
import type { Queryable, Row, Transaction } from '../../../platform/postgres/database.ts';
import { emailPlace } from '../../identities/write-email.ts';
import { readName } from '../../lifecycle/read-account.ts';
import { isAccountId } from '../../store/account-rows.ts';
import { type DataKey, openDataKey } from '../../store/data-key.ts';
import { passwordPlace } from '../../store/password-rows.ts';
import type { AliasRow, ContactRow, LinkRow, PasswordRow, Side, SubjectRow } from '../sides.ts';

/** An account with everything that is its own, and the key that its sealed values are under. */
export interface HeldSide {
  readonly side: Side;
  readonly key: DataKey;
}

const exactly = (column: string): string => `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

type AccountRow = Pick<Side, 'status' | 'version' | 'language'> & {
  second_factor: Side['secondFactor'];
  data_key: Buffer;
  profile_sealed: Buffer | null;
  created_at: string;
};

const ACCOUNT = `
  SELECT status, version, language, second_factor, data_key, profile_sealed, ${exactly('created_at')} AS created_at
  FROM accounts WHERE account_id = $1`;

/** Holds the account: whatever else would change it waits, and sees afterwards what became of it. */
export function holdSide(tx: Transaction, keyRing: KeyRing, accountId: string): Promise<HeldSide | undefined> {
  return read(tx, { keyRing, accountId, how: 'FOR UPDATE' });
}

export function readSide(db: Queryable, keyRing: KeyRing, accountId: string): Promise<HeldSide | undefined> {
  return read(db, { keyRing, accountId, how: '' });
}

interface Read {
  readonly keyRing: KeyRing;
  readonly accountId: string;
  readonly how: 'FOR UPDATE' | '';
}

async function read(db: Queryable, { keyRing, accountId, how }: Read): Promise<HeldSide | undefined> {
  if (!isAccountId(accountId)) return undefined;
  const rowsOf = <R extends Row>(what: string, text: string): Promise<R[]> =>
    db.query<R>({ name: `merge-read-${what}-${how}`, text, values: [accountId] });
  const [account] = await rowsOf<AccountRow>('account', `${ACCOUNT} ${how}`);
  // Of somebody who was erased there is no key any more, and nothing to read.
  if (!account || account.status === 'closed') return undefined;
  const key = openDataKey(keyRing, accountId, account.data_key);
  const side: Side = {
    accountId,
    status: account.status,
    version: account.version,
    language: account.language,
    name: readName(account.profile_sealed, key) ?? null,
    secondFactor: account.second_factor,
    createdAt: account.created_at,
    contacts: (await rowsOf<Sealed<ContactRow>>('contacts', CONTACTS)).map(({ sealed, ...row }) => ({
      ...row,
      value: key.open(emailPlace(row.identityId), sealed),
    })),
    passwords: (await rowsOf<Sealed<PasswordRow>>('passwords', `${PASSWORDS} ${how}`)).map(({ sealed, ...row }) => ({
      ...row,
      secret: key.open(passwordPlace(row.credentialId), sealed),
    })),
    links: await rowsOf<LinkRow>('links', LINKS),
    subjects: await rowsOf<SubjectRow>('subjects', SUBJECTS),
    aliases: await rowsOf<AliasRow>('aliases', ALIASES),
  };
  return { side, key };
}

type Sealed<R> = Omit<R, 'value' | 'secret'> & { sealed: Buffer };

const CONTACTS = `
  SELECT identity_id AS "identityId", kind, encode(value_key, 'hex') AS "valueKey", value_sealed AS sealed,
         is_primary AS "primary", ${exactly('verified_at')} AS "verifiedAt", ${exactly('created_at')} AS "createdAt"
  FROM identities WHERE account_id = $1 ORDER BY is_primary DESC, created_at, identity_id`;

const PASSWORDS = `
  SELECT credential_id AS "credentialId", secret_sealed AS sealed, below_policy AS "belowPolicy",
         ${exactly('created_at')} AS "createdAt"
  FROM credentials WHERE account_id = $1 AND kind = 'password'`;

const LINKS = `
  SELECT link_id AS "linkId", encode(legacy_key, 'hex') AS "legacyKey", source, proofs::text AS proofs,
         ${exactly('linked_at')} AS "linkedAt", ${exactly('undone_at')} AS "undoneAt"
  FROM links WHERE account_id = $1 ORDER BY linked_at, link_id`;

const SUBJECT_COLUMNS = `sector, sub, origin, source, ${exactly('created_at')} AS "createdAt"`;
const SUBJECTS = `SELECT ${SUBJECT_COLUMNS} FROM subjects WHERE account_id = $1 ORDER BY sector`;
const ALIASES = `
  SELECT ${SUBJECT_COLUMNS}, ${exactly('aliased_at')} AS "aliasedAt"
  FROM subject_aliases WHERE account_id = $1 ORDER BY sector, aliased_at, sub`;
