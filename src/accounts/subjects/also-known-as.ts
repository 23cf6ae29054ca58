import type { Queryable } from '../../platform/postgres/database.ts';
import { isAccountId } from '../store/account-rows.ts';

export async function alsoKnownAs(db: Queryable, accountId: string, sector: string): Promise<string[]> {
  if (!isAccountId(accountId)) return [];
  const rows = await db.query<{ sub: string }>({
    name: 'subject-aliases',
    text: 'SELECT sub FROM subject_aliases WHERE account_id = $1 AND sector = $2 ORDER BY aliased_at, created_at, sub',
    values: [accountId, sector],
  });
  return rows.map(({ sub }) => sub);
}
