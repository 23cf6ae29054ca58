import type { Database, Queryable } from '../../platform/postgres/database.ts';

/** Upper bounds of milliseconds that answers are counted by; the last one is everything slower. */
export const LATENCY_BOUNDS = [100, 200, 300, 400, 500, 750, 1000, 1500, 2000, 3000, 4000, 5000, 60_000] as const;
/** `good`: somebody was let in, or asked for more. `failed`: what was typed was not taken. `away`: there was no answer. */
export type AnswerKind = 'good' | 'failed' | 'away';
const BUCKET_MS = 10_000;

export interface Counted {
  readonly source: string;
  readonly side: 'old' | 'new';
  readonly kind: AnswerKind;
  readonly ms: number;
}

/** Counts one answer where it can be seen from every node. Nothing of it is about a person. */
export async function countAnswer(
  { db, now }: { readonly db: Database; readonly now: () => Date },
  { source, side, kind, ms }: Counted,
): Promise<void> {
  const bound = LATENCY_BOUNDS.find((limit) => ms <= limit) ?? LATENCY_BOUNDS[LATENCY_BOUNDS.length - 1];
  const bucket = new Date(Math.floor(now().getTime() / BUCKET_MS) * BUCKET_MS);
  await db.query({
    name: 'cutover-count',
    // In one order, so that two who count at once never wait for each other in a circle.
    text: `INSERT INTO cutover_counts AS c (source, bucket, side, what, n)
           SELECT $1, $2, $3, what, 1 FROM unnest($4::text[]) AS t (what)
           ON CONFLICT (source, bucket, side, what) DO UPDATE SET n = c.n + 1`,
    values: [source, bucket, side, [kind, `${bound}`].toSorted()],
  });
}

/** Answers of one side in ten seconds. */
export interface Bucket {
  readonly at: Date;
  readonly side: 'old' | 'new';
  readonly good: number;
  readonly failed: number;
  readonly away: number;
  /** By upper bound, in the order of `LATENCY_BOUNDS`. */
  readonly latencies: readonly number[];
}

interface CountRow extends Record<string, unknown> {
  bucket: Date;
  side: 'old' | 'new';
  what: string;
  n: number;
}

/** Everything that was counted of a source since a moment, newest first. */
export async function readCounts(queryable: Queryable, source: string, since: Date): Promise<readonly Bucket[]> {
  const rows = await queryable.query<CountRow>({
    name: 'cutover-read-counts',
    text: 'SELECT bucket, side, what, n FROM cutover_counts WHERE source = $1 AND bucket >= $2 ORDER BY bucket DESC, side',
    values: [source, since],
  });
  const groups = new Map<string, CountRow[]>();
  for (const row of rows) {
    const key = `${row.bucket.toISOString()} ${row.side}`;
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return [...groups.values()].flatMap(toBucket);
}

function toBucket(rows: readonly CountRow[]): readonly Bucket[] {
  const [first] = rows;
  const of = (what: string): number => rows.find((row) => row.what === what)?.n ?? 0;
  if (!first) return [];
  const latencies = LATENCY_BOUNDS.map((bound) => of(`${bound}`));
  return [{ at: first.bucket, side: first.side, good: of('good'), failed: of('failed'), away: of('away'), latencies }];
}

/** What is older than anybody asks for. */
export async function forgetCounts(queryable: Queryable, source: string, before: Date): Promise<void> {
  await queryable.query({
    name: 'cutover-forget-counts',
    text: 'DELETE FROM cutover_counts WHERE source = $1 AND bucket < $2',
    values: [source, before],
  });
}
