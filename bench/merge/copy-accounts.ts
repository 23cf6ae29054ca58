import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import { from as copyFrom } from 'pg-copy-streams';
import { newDataKey } from '../../src/accounts/store/data-key.ts';
import type { KeyRing } from '../../src/platform/crypto/key-ring.ts';
import { uuidv7 } from '../../src/platform/crypto/uuid.ts';
import type { Database } from '../../src/platform/postgres/database.ts';

const SECTORS = ['rents.example', 'permits.example', 'taxes.example'] as const;
const LINKS = 2;
const FIRST_DAY = Date.parse('2025-01-01T00:00:00Z');
const HASH = '$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$c29tZWRpZ2VzdHNvbWVkaWdlc3Rzb21lZGlnZXN0c28';

const TABLES = {
  accounts: 'account_id, status, data_key, language, version, created_at',
  identities: 'account_id, identity_id, kind, value_sealed, value_key, is_primary, verified_at, created_at',
  identity_claims: 'value_key, kind, account_id, claimed_at',
  credentials: 'account_id, credential_id, kind, secret_sealed, below_policy, created_at',
  links:
    'account_id, link_id, legacy_key, source, proofs, policy_version, assurance, linked_by, linked_at, undone_at, undone_by, undone_reason',
  legacy_accounts:
    'legacy_key, source, state, source_status, data_key, personal_sealed, row_digest, account_id, import_id, imported_at, adopted_at, links_made',
  subjects: 'account_id, sector, sub, origin, source, created_at',
  subject_claims: 'sub_key, account_id, sector, claimed_at',
} as const;
type Table = keyof typeof TABLES;
/** In the order of their foreign keys. */
const ORDER: readonly Table[] = [
  'accounts',
  'identities',
  'identity_claims',
  'credentials',
  'links',
  'legacy_accounts',
  'subjects',
  'subject_claims',
];

const hex = (bytes: Uint8Array): string => `\\\\x${Buffer.from(bytes).toString('hex')}`;

/** Accounts with an address, a password, two links and two or three subjects each. Answers their ids, spread evenly. */
export async function copyAccounts(db: Database, keyRing: KeyRing, count: number, sample: number): Promise<string[]> {
  await db.query({
    text: `INSERT INTO sources (source, definition, version, status, created_at, updated_at)
           VALUES ('bench', '{}', 1, 'open', now(), now())`,
  });
  const picked: string[] = [];
  const every = Math.floor(count / sample);
  const batch = 20_000;
  for (let from = 0; from < count; from += batch) {
    const lines = Object.fromEntries(ORDER.map((table) => [table, [] as string[]])) as Record<Table, string[]>;
    for (let n = from; n < Math.min(count, from + batch); n += 1) {
      const real = n % every === 0 && picked.length < sample;
      const accountId = writeAccount(keyRing, lines, { n, count, real });
      if (real) picked.push(accountId);
    }
    for (const table of ORDER) await copyLines(db, table, lines[table]);
  }
  await db.query({ text: 'VACUUM ANALYZE' });
  await db.query({ text: 'CHECKPOINT' });
  return picked;
}

interface Which {
  readonly n: number;
  readonly count: number;
  /** Those that will be merged are sealed; the others hold random bytes of the same lengths. */
  readonly real: boolean;
}

function writeAccount(keyRing: KeyRing, lines: Record<Table, string[]>, { n, count, real }: Which): string {
  const created = FIRST_DAY + Math.floor((n / count) * 600 * 86_400_000);
  const at = new Date(created).toISOString();
  const [accountId, identityId, credentialId] = [uuidv7(created), uuidv7(created), uuidv7(created)];
  const address = `person.${n}@example.org`;
  const { key, wrapped } = real ? newDataKey(keyRing, accountId) : { key: undefined, wrapped: randomBytes(77) };
  const sealed = key?.seal(`identities:${identityId}`, address) ?? randomBytes(29 + address.length);
  const secret = key?.seal(`credentials:${credentialId}`, HASH) ?? randomBytes(29 + HASH.length);
  const valueKey = keyRing.lookupKey('identity', 'email', address);
  const row = (table: Table, ...values: readonly (string | number)[]): void => {
    lines[table].push(`${values.join('\t')}\n`);
  };
  row('accounts', accountId, 'active', hex(wrapped), 'en', 1, at);
  row('identities', accountId, identityId, 'email', hex(sealed), hex(valueKey), 't', at, at);
  row('identity_claims', hex(valueKey), 'email', accountId, at);
  row('credentials', accountId, credentialId, 'password', hex(secret), 'f', at);
  for (let link = 0; link < LINKS; link += 1) {
    const legacyKey = hex(randomBytes(32));
    const proofs = '[{"of":"legacy","kind":"old-password","at":"2025-01-01T00:00:00.000Z"}]';
    row('links', accountId, uuidv7(created), legacyKey, 'bench', proofs, 1, 'Cl', 'citizen', at, '\\N', '\\N', '\\N');
    const [dataKey, personal, digest] = [77, 180, 32].map((size) => hex(randomBytes(size)));
    const state = ['bench', 'adopted', 'active', `${dataKey}`, `${personal}`, `${digest}`];
    row('legacy_accounts', legacyKey, ...state, accountId, accountId, at, at, 1);
  }
  for (const sector of SECTORS.slice(0, 2 + (n % 2))) {
    const sub = `urn:fdc:latchkey:2026:${keyRing.pairwise(sector, accountId).toString('base64url')}`;
    row('subjects', accountId, sector, sub, 'derived', '\\N', at);
    row('subject_claims', hex(keyRing.lookupKey('subject', sector, sub)), accountId, sector, at);
  }
  return accountId;
}

async function copyLines(db: Database, table: Table, lines: readonly string[]): Promise<void> {
  const client = await db.pool.connect();
  try {
    const stream = client.query(copyFrom(`COPY ${table} (${TABLES[table]}) FROM STDIN`));
    for (let at = 0; at < lines.length; at += 500)
      if (!stream.write(lines.slice(at, at + 500).join(''))) await once(stream, 'drain');
    stream.end();
    await finished(stream);
  } finally {
    client.release();
  }
}

/** Bytes on disk, indexes included. */
export async function sizes(db: Database): Promise<{ total: number; links: number }> {
  const [row] = await db.query<{ total: number; links: number }>({
    text: `SELECT sum(pg_total_relation_size(name::regclass))::bigint AS total,
                  pg_total_relation_size('links') + pg_total_relation_size('legacy_accounts') AS links
           FROM unnest($1::text[]) AS name`,
    values: [ORDER],
  });
  return row ?? { total: 0, links: 0 };
}
