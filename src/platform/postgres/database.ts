import { finished } from 'node:stream/promises';
import { Pool, types, type PoolClient } from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { unavailable } from '../failure/latchkey-error.ts';
import { isOutage, isRetryable } from './sql-state.ts';

export type Row = Record<string, unknown>;

/** Anything that runs one statement: the pool, or an open transaction. `name` makes it a prepared statement. */
export interface Queryable {
  query<R extends Row = Row>(statement: { text: string; values?: unknown[]; name?: string }): Promise<R[]>;
}

/** An open transaction. Only `Database.transaction` makes one, so a function that takes it cannot run outside of one. */
export interface Transaction extends Queryable {
  readonly inTransaction: true;
  /** `COPY … FROM STDIN`, with all the bytes that it is to read. */
  copyIn(statement: string, bytes: Buffer): Promise<void>;
}

export interface Database extends Queryable {
  /**
   * Runs `work` in one transaction and commits. On serialisation failure, deadlock or a lost connection the whole of
   * `work` runs again (up to 5 times), so it must do nothing that cannot be done twice but through `tx`.
   */
  transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
  /** `COPY … TO STDOUT`, all that it writes. For bytes: a query gives them as text of twice their length. */
  copyOut(statement: string): Promise<Buffer>;
  /** The pool itself, for COPY streams and tools. */
  readonly pool: Pool;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  readonly url: string;
  readonly poolSize: number;
  readonly statementTimeoutMs: number;
  readonly connectTimeoutMs: number;
}

// timestamptz as epoch milliseconds would lose nothing we keep, but Date is what pg gives and what readers expect;
// bigint columns (sequence numbers) stay below 2^53.
types.setTypeParser(types.builtins.INT8, Number);

const IDLE_IN_TRANSACTION_MS = 5_000;

/** Opens a pool. Does not connect: the first query does. @throws LatchkeyError `unavailable` from every query. */
export function openDatabase(options: DatabaseOptions, onIdleError: (error: Error) => void): Database {
  const pool = new Pool({
    connectionString: options.url,
    max: options.poolSize,
    connectionTimeoutMillis: options.connectTimeoutMs,
    statement_timeout: options.statementTimeoutMs,
    keepAlive: true,
    // Whoever stalls in the middle of a transaction holds up everybody who wants its rows (F2).
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    // Beyond pg's ten seconds: each new connection proves the password by some thousands of hashes (SCRAM).
    idleTimeoutMillis: 60_000,
  });
  pool.on('error', onIdleError);

  return {
    pool,
    query: (statement) => run(pool, statement),
    transaction: (work) => runTransaction(pool, work),
    copyOut: (statement) => copyOut(pool, statement),
    close: () => pool.end(),
  };
}

async function run<R extends Row>(
  target: Pool | PoolClient,
  statement: { text: string; values?: unknown[]; name?: string },
): Promise<R[]> {
  try {
    const result = await target.query<R>(statement);
    return result.rows;
  } catch (error) {
    if (isOutage(error)) throw unavailable('postgres', error);
    throw error;
  }
}

async function copyIn(client: PoolClient, statement: string, bytes: Buffer): Promise<void> {
  const stream = client.query(copyFrom(statement));
  const copied = finished(stream);
  stream.end(bytes);
  await copied;
}

async function copyOut(pool: Pool, statement: string): Promise<Buffer> {
  const client = await connect(pool);
  let broken: Error | undefined;
  try {
    return Buffer.concat(await client.query(copyTo(statement)).toArray());
  } catch (error) {
    broken = error instanceof Error ? error : new Error(String(error));
    throw isOutage(error) ? unavailable('postgres', error) : error;
  } finally {
    client.off('error', ignore);
    client.release(broken);
  }
}

const ignore = (): void => {};

async function connect(pool: Pool): Promise<PoolClient> {
  let client: PoolClient;
  try {
    client = await pool.connect();
  } catch (error) {
    throw unavailable('postgres', error);
  }
  // A connection that ends between two statements says so by an event, which would end the process; the next statement fails too.
  client.on('error', ignore);
  return client;
}

const MAX_TRIES = 5;

async function runTransaction<T>(pool: Pool, work: (tx: Transaction) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await tryTransaction(pool, work);
    } catch (error) {
      if (attempt >= MAX_TRIES || !isRetryable(error)) throw error;
      await new Promise((resolve) => setTimeout(resolve, 5 * 2 ** attempt * Math.random()));
    }
  }
}

async function tryTransaction<T>(pool: Pool, work: (tx: Transaction) => Promise<T>): Promise<T> {
  const client = await connect(pool);
  let broken: Error | undefined;
  try {
    await client.query('BEGIN');
    const result = await work({
      inTransaction: true,
      query: (statement) => run(client, statement),
      copyIn: (statement, bytes) => copyIn(client, statement, bytes),
    });
    await client.query('COMMIT');
    return result;
  } catch (error) {
    try {
      await client.query('ROLLBACK');
    } catch (rollbackError) {
      broken = rollbackError instanceof Error ? rollbackError : new Error(String(rollbackError));
    }
    throw isOutage(error) ? unavailable('postgres', error) : error;
  } finally {
    client.off('error', ignore);
    client.release(broken);
  }
}
