import type { Database, Row } from '../postgres/database.ts';
import type { MessageKind } from './message.ts';

/** A message that this worker holds until `leasedUntil`. */
export interface Claimed {
  readonly bucket: number;
  readonly messageId: string;
  readonly kind: MessageKind;
  readonly sealed: Buffer;
  readonly attempts: number;
  readonly expiresAt: Date;
  readonly createdAt: Date;
  readonly leasedUntil: Date;
}

interface DueRow extends Row {
  readonly message_id: string;
  readonly kind: MessageKind;
  readonly payload_sealed: Buffer;
  readonly attempts: number;
  readonly expires_at: Date;
  readonly created_at: Date;
}

const WAITING = 'sent_at IS NULL AND gave_up_at IS NULL';
const ALL_BUCKETS = Array.from({ length: 16 }, (_, bucket) => bucket);

export async function dueBuckets(db: Database, now: Date): Promise<readonly number[]> {
  const rows = await db.query<{ bucket: number }>({
    name: 'outbox-due-buckets',
    text: `SELECT DISTINCT bucket FROM outbox WHERE bucket = ANY($1) AND next_attempt_at <= $2 AND ${WAITING}`,
    values: [ALL_BUCKETS, now],
  });
  return rows.map((row) => row.bucket);
}

export interface ClaimRequest {
  readonly bucket: number;
  readonly kinds: readonly MessageKind[];
  readonly now: Date;
  readonly leaseMs: number;
  readonly limit: number;
}

/**
 * Takes the oldest due messages of a bucket. Two steps without a lock (rule S9): read, then compare-and-set on
 * `attempts`; what another worker took in between is left to it.
 */
export async function claimDue(db: Database, request: ClaimRequest): Promise<readonly Claimed[]> {
  const { bucket, now } = request;
  const due = await db.query<DueRow>({
    name: 'outbox-due',
    text: `SELECT message_id, kind, payload_sealed, attempts, expires_at, created_at FROM outbox
           WHERE bucket = $1 AND next_attempt_at <= $2 AND kind = ANY($3) AND ${WAITING}
           ORDER BY message_id LIMIT $4`,
    values: [bucket, now, request.kinds, request.limit],
  });
  if (due.length === 0) return [];
  const leasedUntil = new Date(now.getTime() + request.leaseMs);
  const taken = await db.query<{ message_id: string }>({
    name: 'outbox-claim',
    text: `UPDATE outbox o SET next_attempt_at = $4, attempts = o.attempts + 1
           FROM unnest($2::uuid[], $3::integer[]) AS seen (message_id, attempts)
           WHERE o.bucket = $1 AND o.message_id = seen.message_id AND o.attempts = seen.attempts
             AND o.next_attempt_at <= $5 AND o.sent_at IS NULL AND o.gave_up_at IS NULL
           RETURNING o.message_id`,
    values: [bucket, due.map((row) => row.message_id), due.map((row) => row.attempts), leasedUntil, now],
  });
  const mine = new Set(taken.map((row) => row.message_id));
  return due
    .filter((row) => mine.has(row.message_id))
    .map((row) => ({
      bucket,
      messageId: row.message_id,
      kind: row.kind,
      sealed: row.payload_sealed,
      attempts: row.attempts + 1,
      expiresAt: row.expires_at,
      createdAt: row.created_at,
      leasedUntil,
    }));
}

// `attempts` in the condition fences a worker that slept past its lease: the message is another's by then.
const HELD = `bucket = $1 AND message_id = $2 AND attempts = $3 AND ${WAITING}`;

/** The content goes as soon as it is sent. */
export async function markSent(db: Database, { bucket, messageId, attempts }: Claimed, now: Date): Promise<void> {
  await db.query({
    name: 'outbox-sent',
    text: `UPDATE outbox SET sent_at = $4, payload_sealed = '', last_error = NULL WHERE ${HELD}`,
    values: [bucket, messageId, attempts, now],
  });
}

/** A dead letter: kept without its content, so that it can be counted and looked into. */
export async function giveUp(db: Database, message: Claimed, now: Date, reason: string): Promise<void> {
  await db.query({
    name: 'outbox-give-up',
    text: `UPDATE outbox SET gave_up_at = $4, payload_sealed = '', last_error = $5 WHERE ${HELD}`,
    values: [message.bucket, message.messageId, message.attempts, now, reason],
  });
}

export async function tryAgainAt(db: Database, message: Claimed, at: Date, reason: string | null): Promise<void> {
  await db.query({
    name: 'outbox-again',
    text: `UPDATE outbox SET next_attempt_at = $4, last_error = COALESCE($5, last_error) WHERE ${HELD}`,
    values: [message.bucket, message.messageId, message.attempts, at, reason],
  });
}

export interface OutboxState {
  readonly kind: MessageKind;
  readonly waiting: number;
  readonly oldestAt: Date | null;
  readonly gaveUp: number;
}

/** What the dashboards show. */
export function readState(db: Database): Promise<readonly OutboxState[]> {
  return db.query<OutboxState & Row>({
    text: `SELECT kind,
                  (count(*) FILTER (WHERE ${WAITING}))::integer AS waiting,
                  min(created_at) FILTER (WHERE ${WAITING}) AS "oldestAt",
                  (count(*) FILTER (WHERE gave_up_at IS NOT NULL))::integer AS "gaveUp"
           FROM outbox WHERE bucket = ANY($1) AND sent_at IS NULL GROUP BY kind`,
    values: [ALL_BUCKETS],
  });
}

/** Forgets messages that are done. Returns how many. */
export async function sweepOutbox(db: Database, doneBefore: Date): Promise<number> {
  const rows = await db.query({
    text: 'DELETE FROM outbox WHERE bucket = ANY($1) AND COALESCE(sent_at, gave_up_at) < $2 RETURNING 1',
    values: [ALL_BUCKETS, doneBefore],
  });
  return rows.length;
}
