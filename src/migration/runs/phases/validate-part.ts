import { canonicalEmail } from '../../../accounts/index.ts';
import type { Transaction } from '../../../platform/postgres/database.ts';
import { createSeenTexts } from '../seen-texts.ts';
import type { Lease } from './lease.ts';
import type { PartOfRun } from './part-of-run.ts';
import { readFileOf } from './read-file.ts';
import type { WorkDependencies } from './work-deps.ts';

/** Reads every row and finds every problem of every row; nothing of a row goes into the database. */
export async function validatePart(deps: WorkDependencies, part: PartOfRun, lease: Lease): Promise<void> {
  const started = performance.now();
  const codes: Record<string, number> = {};
  const emails = createSharedEmails();
  let weak = 0;
  try {
    const tally = await readFileOf(deps, part, lease, ({ rows, rejects }) => {
      for (const { codes: all } of rejects) for (const code of all) codes[code] = (codes[code] ?? 0) + 1;
      for (const { row } of rows) {
        if (row.hash?.weak) weak += 1;
        if (row.personal.email !== undefined) emails.add(canonicalEmail(row.personal.email));
      }
      return Promise.resolve();
    });
    const { read, rejected } = tally.counts;
    const seconds = (performance.now() - started) / 1000;
    const validate = { read, codes, notes: tally.notes, weak, rejected, seconds };
    await deps.db.transaction(async (tx) => {
      await writeShared(tx, part, emails.shared().map(deps.accounts.emailKeyOf));
      await lease.finish(tx, 'validated', { validate });
    });
  } finally {
    emails.close();
  }
}

/** Addresses that come more than once. Of an address that comes once only 8 bytes are held. */
function createSharedEmails() {
  const seen = createSeenTexts();
  const shared = new Set<string>();
  return {
    add(address: string): void {
      if (seen.has(address)) shared.add(address);
      else seen.add(address);
    },
    shared: (): string[] => [...shared],
    close: () => seen.close(),
  };
}

/** A file in which every address comes twice has half as many of them as rows. */
const KEYS_AT_ONCE = 10_000;

async function writeShared(tx: Transaction, { runId, part }: PartOfRun, keys: readonly Buffer[]): Promise<void> {
  await tx.query({ text: 'DELETE FROM run_shared_emails WHERE run_id = $1 AND part = $2', values: [runId, part] });
  for (let from = 0; from < keys.length; from += KEYS_AT_ONCE)
    await tx.query({
      text: `INSERT INTO run_shared_emails (run_id, part, email_key) SELECT $1, $2, unnest($3::bytea[])`,
      values: [runId, part, keys.slice(from, from + KEYS_AT_ONCE)],
    });
}

export async function readSharedEmails(
  { db }: Pick<WorkDependencies, 'db'>,
  { runId, part }: PartOfRun,
): Promise<ReadonlySet<string>> {
  const rows = await db.query<{ email_key: Buffer }>({
    text: 'SELECT email_key FROM run_shared_emails WHERE run_id = $1 AND part = $2',
    values: [runId, part],
  });
  return new Set(rows.map((row) => row.email_key.toString('hex')));
}
