import type { KeyRing } from '../../../platform/crypto/key-ring.ts';
import type { Transaction } from '../../../platform/postgres/database.ts';
import type { AliasRow, Side, SubjectRow } from '../sides.ts';
import { type Change, mustBe, without } from './change.ts';

const nameOf = ({ sector, sub }: SubjectRow): string => `${sector} ${sub}`;
const all = ({ subjects, aliases }: Side): SubjectRow[] => [...subjects, ...aliases];

export async function moveSubjects(tx: Transaction, keyRing: KeyRing, changes: readonly Change[]): Promise<void> {
  for (const { before, after } of changes) {
    await remove(tx, 'subjects', before.accountId, without(before.subjects, after.subjects, nameOf));
    await remove(tx, 'subject_aliases', before.accountId, without(before.aliases, after.aliases, nameOf));
  }
  for (const change of changes) {
    const { before, after } = change;
    await insertSubjects(tx, after.accountId, without(after.subjects, before.subjects, nameOf));
    await insertAliases(tx, after.accountId, without(after.aliases, before.aliases, nameOf));
    await moveClaims(tx, keyRing, change);
  }
}

async function remove(
  tx: Transaction,
  table: 'subjects' | 'subject_aliases',
  accountId: string,
  rows: readonly SubjectRow[],
): Promise<void> {
  if (rows.length === 0) return;
  await tx.query({
    name: `merge-${table}-delete`,
    text: `DELETE FROM ${table} WHERE account_id = $1
           AND (sector, sub) IN (SELECT * FROM unnest($2::text[], $3::text[]))`,
    values: [accountId, rows.map(({ sector }) => sector), rows.map(({ sub }) => sub)],
  });
}

async function insertSubjects(tx: Transaction, accountId: string, rows: readonly SubjectRow[]): Promise<void> {
  if (rows.length === 0) return;
  await tx.query({
    name: 'merge-subjects-insert',
    text: `INSERT INTO subjects (account_id, sector, sub, origin, source, created_at)
           SELECT $1, * FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[])`,
    values: [accountId, ...columnsOf(rows)],
  });
}

async function insertAliases(tx: Transaction, accountId: string, rows: readonly AliasRow[]): Promise<void> {
  if (rows.length === 0) return;
  await tx.query({
    name: 'merge-aliases-insert',
    text: `INSERT INTO subject_aliases (account_id, sector, sub, origin, source, created_at, aliased_at)
           SELECT $1, * FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[],
                                    $7::timestamptz[])`,
    values: [accountId, ...columnsOf(rows), rows.map(({ aliasedAt }) => aliasedAt)],
  });
}

function columnsOf(rows: readonly SubjectRow[]): unknown[] {
  return [
    rows.map(({ sector }) => sector),
    rows.map(({ sub }) => sub),
    rows.map(({ origin }) => origin),
    rows.map(({ source }) => source),
    rows.map(({ createdAt }) => createdAt),
  ];
}

/** Whoever had the sub, proper or as an alias, the claim follows it: it stays nobody else's (L11). */
async function moveClaims(tx: Transaction, keyRing: KeyRing, { before, after, otherId }: Change): Promise<void> {
  const come = without(all(after), all(before), nameOf);
  if (come.length === 0) return;
  const claims = await tx.query({
    name: 'merge-subject-claims',
    text: 'UPDATE subject_claims SET account_id = $1 WHERE sub_key = ANY($2) AND account_id = $3 RETURNING sub_key',
    values: [after.accountId, come.map(({ sector, sub }) => keyRing.lookupKey('subject', sector, sub)), otherId],
  });
  mustBe('claims of subjects', claims.length, come.length);
}
