import type { Registry } from 'prom-client';
import type { KeyRing } from '../crypto/key-ring.ts';
import type { Database } from '../postgres/database.ts';
import type { DeliveryHandlers } from './delivery.ts';
import { type DrainDependencies, drainOutbox } from './drain-outbox.ts';
import type { MessageKind } from './message.ts';
import { createOutboxMetrics } from './outbox-metrics.ts';
import { readState } from './outbox-store.ts';
import { createPauses } from './pauses.ts';

export interface OutboxWorkerOptions {
  readonly db: Database;
  readonly keyRing: KeyRing;
  readonly handlers: DeliveryHandlers;
  readonly logger: { warn: (fields: object, message: string) => void };
  readonly metrics: { readonly registry: Registry };
  readonly now: () => Date;
  readonly random?: () => number;
  /** A try that takes longer is left, and may have arrived. */
  readonly tryMs?: number;
  /** Told of every dead letter, for the audit. */
  readonly onGaveUp?: (message: { messageId: string; kind: MessageKind; reason: string }) => Promise<void>;
}

export interface OutboxWorker {
  /** Begins to poll. */
  start(): void;
  /** Sends all that is due now. Returns how many were sent. */
  drainOnce(): Promise<number>;
  /** There is something new: look at once. Free to call often. */
  nudge(): void;
  /** Finishes the tries under way, gives the rest back, and ends. */
  stop(): Promise<void>;
}

const POLL_MS = 1000;
const STATE_EVERY_MS = 15_000;

/**
 * Sends what the outbox holds, at least once. Any number of processes may run one: a message is claimed by
 * compare-and-set for two minutes at a time. A gateway that is down rests as a whole, and its messages leave in order
 * when it is back; a recipient that fails holds up nobody else; what has run out is never sent.
 */
export function createOutboxWorker(options: OutboxWorkerOptions): OutboxWorker {
  const random = options.random ?? Math.random;
  const state = { stopping: false, nudged: false };
  let wake: (() => void) | undefined;
  let draining: Promise<number> | undefined;
  let loop: Promise<void> | undefined;

  const deps: DrainDependencies = {
    ...options,
    metrics: createOutboxMetrics(options.metrics.registry),
    random,
    tryMs: options.tryMs ?? 20_000,
    pauses: createPauses(random),
    isStopping: () => state.stopping,
    onGaveUp: (message) => tellOfDeadLetter(options, message),
  };
  const drainOnce = (): Promise<number> => {
    draining ??= drainOutbox(deps).finally(() => (draining = undefined));
    return draining;
  };
  const showState = createStateShow(deps);
  const run = async (): Promise<void> => {
    while (!state.stopping) {
      state.nudged = false;
      try {
        await drainOnce();
        await showState();
      } catch (error) {
        options.logger.warn({ err: error }, 'the outbox cannot be read');
        state.nudged = false;
      }
      if (!state.nudged && !state.stopping)
        await pause((resolve) => (wake = resolve), POLL_MS * (0.8 + 0.4 * random()));
    }
  };

  return {
    start: () => void (loop ??= run()),
    drainOnce,
    nudge() {
      state.nudged = true;
      wake?.();
    },
    async stop() {
      state.stopping = true;
      wake?.();
      await loop;
      await draining?.catch(() => 0);
    },
  };
}

function tellOfDeadLetter(
  { logger, onGaveUp }: OutboxWorkerOptions,
  message: { messageId: string; kind: MessageKind; reason: string },
): void {
  logger.warn(message, 'a message was given up');
  onGaveUp?.(message).catch((error: unknown) => logger.warn({ err: error }, 'a dead letter was not told of'));
}

function createStateShow({ db, metrics, now }: DrainDependencies): () => Promise<void> {
  let shownAt = -Infinity;
  return async () => {
    const time = now();
    if (time.getTime() - shownAt < STATE_EVERY_MS) return;
    shownAt = time.getTime();
    metrics.show(await readState(db), time);
  };
}

/** Sleeps, unless woken. */
function pause(onWake: (wake: () => void) => void, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    onWake(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
