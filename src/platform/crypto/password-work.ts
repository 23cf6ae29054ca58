import { LatchkeyError } from '../failure/latchkey-error.ts';
import { type Argon2idCost, argon2idCost, decoyArgon2id, hashArgon2id, verifyArgon2id } from './argon2id.ts';

export interface PasswordWorkOptions extends Argon2idCost {
  /** Hashes at once. Below the size of libuv's thread pool, which DNS, files and signing need too. */
  readonly workers: number;
  /** Hashes that may wait. */
  readonly queue: number;
  /** Size of libuv's thread pool, UV_THREADPOOL_SIZE; libuv makes 4 when nothing is said. */
  readonly threadPoolSize?: number;
  /** Who waits longer than this gets `busy`: an answer late is no answer (I10). */
  readonly maxWaitMs?: number;
}

export interface PasswordWorkStats {
  readonly running: number;
  readonly waiting: number;
}

/** What the queue tells; a metrics module may satisfy it. */
export interface PasswordWorkMetrics {
  depth(stats: PasswordWorkStats): void;
  refused(): void;
}

/** All slow password hashing of the process, through one bounded queue (G15). */
export interface PasswordWork {
  /** argon2id at the configured cost, as a PHC string. The caller normalises and bounds the password. */
  hash(password: string): Promise<string>;
  /** A mismatch takes what it takes at the configured cost, also when the hash is of a lower one. */
  verify(encoded: string, password: string): Promise<boolean>;
  /** Whether the hash costs at least what is configured now; if not it is to be made anew. */
  isCurrent(encoded: string): boolean;
  /** A hash at the configured cost that no password has. */
  readonly decoy: string;
  /**
   * Any other slow hash. @throws LatchkeyError `busy` (503, Retry-After 2) when the queue is full or the wait too long;
   * the signal's reason when it aborts before the work began.
   */
  run<T>(work: () => Promise<T>, options?: { readonly signal?: AbortSignal | undefined }): Promise<T>;
  stats(): PasswordWorkStats;
}

const LIBUV_DEFAULT_THREADS = 4;

export function createPasswordWork(options: PasswordWorkOptions, metrics?: PasswordWorkMetrics): PasswordWork {
  const { workers, threadPoolSize = LIBUV_DEFAULT_THREADS } = options;
  // With as many hashes as threads, a flood of sign-ins stops name look-up, files and token signatures.
  if (workers >= threadPoolSize)
    throw new LatchkeyError('config_invalid', 'The configuration is not valid.', {
      detail: `passwords.workers (${workers}) must be below UV_THREADPOOL_SIZE (${threadPoolSize})`,
    });
  const queue = createQueue(options, metrics);
  return {
    hash: (password) => queue.run(() => hashArgon2id(password, options)),
    verify: (encoded, password) => queue.run(() => verifyAtCost(options, encoded, password)),
    isCurrent: (encoded) => reaches(argon2idCost(encoded), options),
    decoy: decoyArgon2id(options),
    run: queue.run,
    stats: queue.stats,
  };
}

/**
 * A hash of cheaper, earlier parameters would answer a wrong password sooner than the decoy does, and so tell that the
 * account exists (A11): the difference is worked off. (A match needs no cover, and is hashed anew.)
 */
async function verifyAtCost(cost: Argon2idCost, encoded: string, password: string): Promise<boolean> {
  if (await verifyArgon2id(encoded, password)) return true;
  const stored = argon2idCost(encoded);
  const spent = stored ? (stored.memoryKiB * stored.iterations) / cost.memoryKiB : 0;
  const iterations = Math.round(cost.iterations - spent);
  if (iterations > 0) await verifyArgon2id(decoyArgon2id({ ...cost, iterations }), password);
  return false;
}

function reaches(cost: Argon2idCost | undefined, floor: Argon2idCost): boolean {
  if (!cost) return false;
  return (
    cost.memoryKiB >= floor.memoryKiB && cost.iterations >= floor.iterations && cost.parallelism >= floor.parallelism
  );
}

interface Waiter {
  readonly start: () => void;
}

const DEFAULT_MAX_WAIT_MS = 2000;

function createQueue(options: PasswordWorkOptions, metrics?: PasswordWorkMetrics): Pick<PasswordWork, 'run' | 'stats'> {
  const { workers, queue, maxWaitMs = DEFAULT_MAX_WAIT_MS } = options;
  const waiting = new Set<Waiter>();
  let running = 0;

  const stats = (): PasswordWorkStats => ({ running, waiting: waiting.size });
  const busy = (): LatchkeyError => {
    metrics?.refused();
    return new LatchkeyError('busy', 'Too many people are signing in right now. Try again in a moment.', {
      detail: 'password queue is full',
      retryAfter: 2,
    });
  };

  const turn = (signal: AbortSignal | undefined): Promise<void> =>
    new Promise((resolve, reject) => {
      const leave = (reason: Error): void => {
        waiting.delete(waiter);
        settle();
        reject(reason);
      };
      const timer = setTimeout(() => leave(busy()), maxWaitMs);
      const abort = (): void => leave(abortReason(signal));
      const settle = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', abort);
      };
      const waiter: Waiter = {
        start() {
          waiting.delete(waiter);
          settle();
          resolve();
        },
      };
      signal?.addEventListener('abort', abort, { once: true });
      waiting.add(waiter);
      metrics?.depth(stats());
    });

  const next = (): void => {
    const [first] = waiting;
    // The place is handed over, not freed: a newcomer cannot slip in before the one who waited longest.
    if (first) first.start();
    else running -= 1;
    metrics?.depth(stats());
  };

  return {
    stats,
    async run(work, { signal } = {}) {
      if (signal?.aborted) throw abortReason(signal);
      if (running < workers) running += 1;
      else if (waiting.size < queue) await turn(signal);
      else throw busy();
      try {
        return await work();
      } finally {
        next();
      }
    },
  };
}

function abortReason(signal: AbortSignal | undefined): Error {
  const reason: unknown = signal?.reason;
  return reason instanceof Error ? reason : new Error('aborted');
}
