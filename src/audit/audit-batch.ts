import type { Database } from '../platform/postgres/database.ts';
import { UNIQUE_VIOLATION, sqlState } from '../platform/postgres/sql-state.ts';
import type { BatchedAuditEvent } from './audit-event.ts';
import { type AuditBody, CHAIN_START, bodyOf, canonicalEvent, chainHash } from './chain-link.ts';
import { refusePersonalData } from './refuse-personal-data.ts';

export interface AuditBatch {
  /** Takes the event at once; it is written within 250 ms. @throws Error when it holds personal data. */
  record(event: BatchedAuditEvent): void;
  /** Writes what is waiting; rejects when Postgres is away (the events stay and are tried again). */
  flush(): Promise<void>;
  /** Stops the timer and writes what is left. */
  close(): Promise<void>;
}

export interface AuditBatchOptions {
  readonly db: Database;
  /** Unique among running processes: each has a chain of its own, `node:<id>`, so none waits for another. */
  readonly nodeId: string;
  readonly now?: () => Date;
  readonly onError: (error: unknown) => void;
  readonly intervalMs?: number;
  /** Events that may wait while Postgres is away. Past it events are dropped, counted, and the count is recorded. */
  readonly limit?: number;
}

interface Waiting {
  readonly type: string;
  readonly at: Date;
  readonly body: AuditBody;
}

interface Head {
  readonly seq: number;
  readonly hash: Buffer;
}

interface Linked extends Waiting, Head {}

const ROWS_AT_ONCE = 500;

/**
 * For events that change no durable state (a silent sign-in): losing the process loses at most 250 ms of them, and no
 * request waits for the record. What changes state uses `appendAudit`.
 */
export function createAuditBatch(options: AuditBatchOptions): AuditBatch {
  const { db, onError, now = () => new Date(), intervalMs = 250, limit = 20_000 } = options;
  const chainId = `node:${options.nodeId}`;
  let waiting: Waiting[] = [];
  let dropped = 0;
  let flushing: Promise<void> | undefined;
  const writer = createWriter(db, chainId);

  const enqueue = (event: BatchedAuditEvent): void => {
    refusePersonalData({ ...event, chain: chainId });
    waiting.push({ type: event.type, at: event.at ?? now(), body: bodyOf(event) });
  };

  const writeAll = async (): Promise<void> => {
    while (waiting.length > 0) {
      const written = await writer.write(waiting);
      waiting = waiting.slice(written);
      if (dropped > 0) {
        enqueue({ type: 'audit.dropped', actor: 'system', detail: { count: dropped } });
        dropped = 0;
      }
    }
  };

  const flush = (): Promise<void> => {
    flushing ??= writeAll().finally(() => {
      flushing = undefined;
    });
    return flushing;
  };

  const flushQuietly = (): void => {
    flush().catch(onError);
  };
  const timer = setInterval(flushQuietly, intervalMs).unref();

  return {
    record(event) {
      if (waiting.length >= limit) {
        dropped += 1;
        return;
      }
      enqueue(event);
      if (waiting.length === ROWS_AT_ONCE) flushQuietly();
    },
    flush,
    async close() {
      clearInterval(timer);
      await flush();
      await flush();
    },
  };
}

const MAX_RELINKS = 3;

/** Writes the first rows of a list and says how many. What failed is sent again as it was, so it can be recognised. */
function createWriter(db: Database, chainId: string): { write(rows: readonly Waiting[]): Promise<number> } {
  let head: Head | undefined;
  let pending: readonly Linked[] | undefined;
  return {
    async write(rows) {
      for (let relinks = 0; ; relinks += 1) {
        pending ??= link(chainId, head ?? (await readHead(db, chainId)), rows.slice(0, ROWS_AT_ONCE));
        if (await insertRows(db, chainId, pending)) break;
        // Somebody stands there already: we ourselves, when the answer to a committed insert was lost.
        if (await stands(db, chainId, pending)) break;
        if (relinks === MAX_RELINKS) throw new Error(`audit: another process writes to ${chainId}`);
        head = undefined;
        pending = undefined;
      }
      head = pending.at(-1);
      const written = pending.length;
      pending = undefined;
      return written;
    },
  };
}

function link(chainId: string, start: Head, rows: readonly Waiting[]): Linked[] {
  let { seq, hash } = start;
  return rows.map((row) => {
    seq += 1;
    hash = chainHash(hash, seq, canonicalEvent({ chainId, type: row.type, at: row.at }, row.body));
    return { ...row, seq, hash };
  });
}

async function readHead(db: Database, chainId: string): Promise<Head> {
  const [row] = await db.query<{ seq: number; hash: Buffer }>({
    text: 'SELECT seq, hash FROM audit_events WHERE chain_id = $1 ORDER BY seq DESC LIMIT 1',
    values: [chainId],
  });
  return row ?? { seq: 0, hash: CHAIN_START };
}

async function stands(db: Database, chainId: string, rows: readonly Linked[]): Promise<boolean> {
  const last = rows.at(-1);
  const [row] = await db.query<{ hash: Buffer }>({
    text: 'SELECT hash FROM audit_events WHERE chain_id = $1 AND seq = $2',
    values: [chainId, last?.seq],
  });
  return last !== undefined && row !== undefined && row.hash.equals(last.hash);
}

/** All of the rows or none; false when a place is taken. */
async function insertRows(db: Database, chainId: string, rows: readonly Linked[]): Promise<boolean> {
  try {
    await db.query({
      name: 'audit-append-batch',
      text: `INSERT INTO audit_events (chain_id, seq, type, at, body, hash)
             SELECT $1, seq, type, at, body, hash
             FROM unnest($2::bigint[], $3::text[], $4::timestamptz[], $5::jsonb[], $6::bytea[])
               AS rows (seq, type, at, body, hash)`,
      values: [
        chainId,
        rows.map(({ seq }) => seq),
        rows.map(({ type }) => type),
        rows.map(({ at }) => at),
        rows.map(({ body }) => JSON.stringify(body)),
        rows.map(({ hash }) => hash),
      ],
    });
    return true;
  } catch (error) {
    if (sqlState(error) === UNIQUE_VIOLATION) return false;
    throw error;
  }
}
