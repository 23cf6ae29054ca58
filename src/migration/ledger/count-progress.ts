import type { Database, Transaction } from '../../platform/postgres/database.ts';

export interface CountProgressDependencies {
  readonly db: Database;
  readonly now: () => Date;
}

const TURN = 'source-progress';
const LEAST_REST_MS = 5 * 60_000;
/** It reads at most a twentieth of the time. */
const REST_FACTOR = 20;
/** Tens of millions of rows are read from beginning to end, which takes longer than a page may. */
const COUNT_TIMEOUT_MS = 30 * 60_000;

/**
 * Counts how many accounts of each source wait and how many have moved: one row for each source and day, the last of which
 * is today's. Every node calls it again and again; one does it. Answers whether it was this one.
 */
export async function countProgress({ db, now }: CountProgressDependencies): Promise<boolean> {
  const begun = now();
  if (!(await takeTurn(db, begun))) return false;
  const counts = await countRows(db);
  await writeCounts(db, counts, begun);
  const ended = now();
  const rest = Math.max(LEAST_REST_MS, REST_FACTOR * (ended.getTime() - begun.getTime()));
  await db.query({
    text: 'UPDATE count_turns SET due_at = $2 WHERE name = $1',
    values: [TURN, new Date(ended.getTime() + rest)],
  });
  return true;
}

/** After a run: whoever brought a million accounts in does not look at yesterday's numbers. */
export async function countSoon(tx: Transaction, at: Date): Promise<void> {
  await tx.query({
    text: 'UPDATE count_turns SET due_at = $2 WHERE name = $1 AND due_at > $2',
    values: [TURN, at],
  });
}

/** Until the count must be over: who dies with the turn is followed then. */
async function takeTurn(db: Database, at: Date): Promise<boolean> {
  const taken = await db.query({
    text: 'UPDATE count_turns SET due_at = $3 WHERE name = $1 AND due_at <= $2 RETURNING name',
    values: [TURN, at, new Date(at.getTime() + COUNT_TIMEOUT_MS)],
  });
  return taken.length === 1;
}

interface StateCount extends Record<string, unknown> {
  source: string;
  waiting: number;
  adopted: number;
  other: number;
}

async function countRows(db: Database): Promise<readonly StateCount[]> {
  return db.transaction(async (tx) => {
    await tx.query({ text: `SET LOCAL statement_timeout = ${COUNT_TIMEOUT_MS}` });
    return tx.query<StateCount>({
      text: `SELECT source, count(*) FILTER (WHERE state = 'waiting') AS waiting,
                    count(*) FILTER (WHERE state = 'adopted') AS adopted,
                    count(*) FILTER (WHERE state NOT IN ('waiting', 'adopted')) AS other
             FROM legacy_accounts GROUP BY source`,
    });
  });
}

/** Sources without any row get none either; one whose rows are all gone (an import undone) says so with zeros. */
async function writeCounts(db: Database, counts: readonly StateCount[], at: Date): Promise<void> {
  const sources = counts.map(({ source }) => source);
  await db.query({
    text: `INSERT INTO source_progress (source, day, waiting, adopted, other, counted_at)
           SELECT source, $5, waiting, adopted, other, $6
           FROM unnest($1::text[], $2::int[], $3::int[], $4::int[]) AS counted (source, waiting, adopted, other)
           ON CONFLICT (source, day) DO UPDATE SET waiting = excluded.waiting, adopted = excluded.adopted,
             other = excluded.other, counted_at = excluded.counted_at
           WHERE source_progress.counted_at < excluded.counted_at`,
    values: [
      sources,
      counts.map(({ waiting }) => waiting),
      counts.map(({ adopted }) => adopted),
      counts.map(({ other }) => other),
      dayOf(at),
      at,
    ],
  });
  await db.query({
    text: `INSERT INTO source_progress (source, day, waiting, adopted, other, counted_at)
           SELECT DISTINCT source, $2::date, 0, 0, 0, $3::timestamptz FROM source_progress WHERE source <> ALL ($1)
           ON CONFLICT (source, day) DO UPDATE SET waiting = 0, adopted = 0, other = 0, counted_at = excluded.counted_at`,
    values: [sources, dayOf(at), at],
  });
}

/** Days are those of UTC: the same on every node. */
const dayOf = (at: Date): string => at.toISOString().slice(0, 10);
