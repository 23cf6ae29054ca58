import type { Queryable, Transaction } from '../../../platform/postgres/database.ts';
import { createKeySet } from '../key-set.ts';
import type { EmailKey } from './email-keys.ts';
import type { Lease } from './lease.ts';
import type { PartOfRun } from './part-of-run.ts';
import type { WorkDependencies } from './work-deps.ts';

export interface SharedEmails {
  /** Notes those of a batch that came before, in it or in an earlier one. @throws HaltedError */
  note(keys: readonly EmailKey[]): Promise<void>;
  close(): void;
}

/** Addresses that several rows of one file have: kept in the database, since there may be as many of them as rows. */
export async function createSharedEmails(
  { db }: WorkDependencies,
  part: PartOfRun,
  lease: Lease,
): Promise<SharedEmails> {
  const seen = createKeySet();
  await db.transaction((tx) => forget(tx, part, lease));
  return {
    async note(keys) {
      const again: Buffer[] = [];
      for (const key of keys) {
        if (!key) continue;
        // Keyed hashes: nobody can write a file in which two of them begin alike.
        const [high, low] = [key.readUInt32BE(0), key.readUInt32BE(4)];
        if (seen.has(high, low)) again.push(key);
        else seen.add(high, low);
      }
      if (again.length > 0) await db.transaction((tx) => keep(tx, part, lease, again));
    },
    close: () => seen.close(),
  };
}

async function forget(tx: Transaction, { runId, part }: PartOfRun, lease: Lease): Promise<void> {
  await lease.need(tx);
  await tx.query({ text: 'DELETE FROM run_shared_emails WHERE run_id = $1 AND part = $2', values: [runId, part] });
}

async function keep(tx: Transaction, { runId, part }: PartOfRun, lease: Lease, keys: readonly Buffer[]): Promise<void> {
  await lease.need(tx);
  await tx.query({
    text: `INSERT INTO run_shared_emails (run_id, part, email_key) SELECT $1, $2, unnest($3::bytea[])
           ON CONFLICT DO NOTHING`,
    values: [runId, part, keys],
  });
}

export type FindShared = (keys: readonly Buffer[]) => Promise<ReadonlySet<string>>;

/** Which of these addresses several rows of the file have; hex. */
export async function createFindShared(queryable: Queryable, { runId, part }: PartOfRun): Promise<FindShared> {
  const any = await queryable.query({
    text: 'SELECT 1 FROM run_shared_emails WHERE run_id = $1 AND part = $2 LIMIT 1',
    values: [runId, part],
  });
  if (any.length === 0) return () => Promise.resolve(new Set());
  return async (keys) => {
    const rows = await queryable.query<{ email_key: Buffer }>({
      name: 'run-shared-emails',
      text: 'SELECT email_key FROM run_shared_emails WHERE run_id = $1 AND part = $2 AND email_key = ANY($3::bytea[])',
      values: [runId, part, keys],
    });
    return new Set(rows.map((row) => row.email_key.toString('hex')));
  };
}
