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
  let head: Head | undefined;
  let flushing: Promise<void> | undefined;

  const enqueue = (event: BatchedAuditEvent): void => {
    refusePersonalData({ ...event, chain: chainId });
    waiting.push({ type: event.type, at: event.at ?? now(), body: bodyOf(event) });
  };

  const writeAll = async (): Promise<void> => {
    while (waiting.length > 0) {
      const rows = waiting.slice(0, ROWS_AT_ONCE);
      head = await writeRows(db, chainId, head, rows);
      waiting = waiting.slice(rows.length);
      if (dropped > 0 && waiting.length < limit) {
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
    flush().catch((error: unknown) => {
      head = undefined;
      onError(error);
    });
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

async function writeRows(db: Database, chainId: string, known: Head | undefined, rows: Waiting[]): Promise<Head> {
  for (let attempt = 1; ; attempt += 1) {
    const start = known && attempt === 1 ? known : await readHead(db, chainId);
    const linked = link(chainId, start, rows);
    try {
      await insertRows(db, chainId, rows, linked);
      return linked.at(-1) ?? start;
    } catch (error) {
      if (sqlState(error) !== UNIQUE_VIOLATION || attempt >= 3) throw error;
      // The answer to an earlier, committed insert was lost: our own rows are there already.
      const current = await readHead(db, chainId);
      if (current.hash.equals(linked.at(-1)?.hash ?? CHAIN_START)) return current;
    }
  }
}

function link(chainId: string, start: Head, rows: readonly Waiting[]): Head[] {
  let { seq, hash } = start;
  return rows.map((row) => {
    seq += 1;
    hash = chainHash(hash, seq, canonicalEvent({ chainId, type: row.type, at: row.at }, row.body));
    return { seq, hash };
  });
}

async function readHead(db: Database, chainId: string): Promise<Head> {
  const [row] = await db.query<{ seq: number; hash: Buffer }>({
    text: 'SELECT seq, hash FROM audit_events WHERE chain_id = $1 ORDER BY seq DESC LIMIT 1',
    values: [chainId],
  });
  return row ?? { seq: 0, hash: CHAIN_START };
}

async function insertRows(db: Database, chainId: string, rows: Waiting[], linked: Head[]): Promise<void> {
  await db.query({
    name: 'audit-append-batch',
    text: `INSERT INTO audit_events (chain_id, seq, type, at, body, hash)
           SELECT $1, seq, type, at, body, hash
           FROM unnest($2::bigint[], $3::text[], $4::timestamptz[], $5::jsonb[], $6::bytea[])
             AS rows (seq, type, at, body, hash)`,
    values: [
      chainId,
      linked.map(({ seq }) => seq),
      rows.map(({ type }) => type),
      rows.map(({ at }) => at),
      rows.map(({ body }) => JSON.stringify(body)),
      linked.map(({ hash }) => hash),
    ],
  });
}
