import type { KeyRing } from '../crypto/key-ring.ts';
import type { Database } from '../postgres/database.ts';
import { deliverMessage, openPayload } from './deliver-message.ts';
import type { DeliveryHandlers, DeliveryOutcome } from './delivery.ts';
import { laneOf, type MessageKind } from './message.ts';
import type { OutboxMetrics } from './outbox-metrics.ts';
import { type Claimed, claimDue, dueBuckets, giveUp, markSent, tryAgainAt } from './outbox-store.ts';
import { backOff, type Pauses } from './pauses.ts';

export interface DrainDependencies {
  readonly db: Database;
  readonly keyRing: KeyRing;
  readonly handlers: DeliveryHandlers;
  readonly metrics: OutboxMetrics;
  readonly pauses: Pauses;
  readonly now: () => Date;
  readonly random: () => number;
  readonly tryMs: number;
  readonly isStopping: () => boolean;
  readonly onGaveUp: (message: { messageId: string; kind: MessageKind; reason: string }) => void;
}

const BATCH = 50;
const BUCKETS_AT_ONCE = 4;
const LANES_AT_ONCE = 8;
// Long enough for a few tries one after the other; a worker that died is replaced after it, and nobody gets the same
// message twice within a minute (I8).
const LEASE_MS = 120_000;
const UNSURE_MS = 60_000;
const KINDS: readonly MessageKind[] = ['email', 'sms', 'backchannel-logout', 'security-event'];

/** One pass over all that is due. Returns how many were sent. */
export async function drainOutbox(deps: DrainDependencies): Promise<number> {
  const buckets = await dueBuckets(deps.db, deps.now());
  const probed = await probe(deps, buckets);
  const sent = await inParallel(buckets, BUCKETS_AT_ONCE, (bucket) => drainBucket(deps, bucket));
  return probed + sum(sent);
}

/** A gateway that was down gets one message first, not everything that has gathered. */
async function probe(deps: DrainDependencies, buckets: readonly number[]): Promise<number> {
  let sent = 0;
  for (const kind of KINDS) for (const bucket of buckets) sent += await probeBucket(deps, kind, bucket);
  return sent;
}

async function probeBucket(deps: DrainDependencies, kind: MessageKind, bucket: number): Promise<number> {
  let sent = 0;
  while (!deps.isStopping() && deps.pauses.isOnProbation(kind, deps.now().getTime())) {
    const claimed = await claim(deps, bucket, [kind], 1);
    if (claimed.length === 0) break;
    sent += await drainClaimed(deps, claimed);
  }
  return sent;
}

async function drainBucket(deps: DrainDependencies, bucket: number): Promise<number> {
  let sent = 0;
  while (!deps.isStopping()) {
    const now = deps.now().getTime();
    const kinds = KINDS.filter((kind) => deps.pauses.until(kind, now) === undefined);
    const claimed = await claim(deps, bucket, kinds, BATCH);
    sent += await drainClaimed(deps, claimed);
    if (claimed.length < BATCH) break;
  }
  return sent;
}

function claim(
  { db, now }: DrainDependencies,
  bucket: number,
  kinds: readonly MessageKind[],
  limit: number,
): Promise<readonly Claimed[]> {
  return claimDue(db, { bucket, kinds, now: now(), leaseMs: LEASE_MS, limit });
}

async function drainClaimed(deps: DrainDependencies, claimed: readonly Claimed[]): Promise<number> {
  const lanes = Map.groupBy(
    claimed.map((message) => ({ message, payload: openPayload(deps.keyRing, message) })),
    ({ message, payload }) => (payload ? laneOf(message.kind, payload) : `unreadable:${message.messageId}`),
  );
  return sum(await inParallel([...lanes], LANES_AT_ONCE, ([lane, messages]) => drainLane(deps, lane, messages)));
}

interface Opened {
  readonly message: Claimed;
  readonly payload: Readonly<Record<string, string>> | undefined;
}

async function drainLane(deps: DrainDependencies, lane: string, messages: readonly Opened[]): Promise<number> {
  let sent = 0;
  for (const { message, payload } of messages) {
    const now = deps.now();
    const restsUntil = deps.pauses.until(message.kind, now.getTime()) ?? deps.pauses.until(lane, now.getTime());
    // Near its end the lease no longer covers a try: another worker may take the message any moment.
    const tooLate = message.leasedUntil.getTime() - now.getTime() < 2 * deps.tryMs;
    if (message.expiresAt <= now) await bury(deps, message, 'expired');
    else if (restsUntil !== undefined) await tryAgainAt(deps.db, message, earlier(restsUntil, message.expiresAt), null);
    else if (tooLate || deps.isStopping()) await tryAgainAt(deps.db, message, now, null);
    else {
      const outcome = await deliverMessage(deps.handlers, message, payload, deps.tryMs);
      await settle(deps, lane, message, outcome);
      if (outcome.outcome === 'sent') sent += 1;
    }
  }
  return sent;
}

async function settle(
  deps: DrainDependencies,
  lane: string,
  message: Claimed,
  outcome: DeliveryOutcome,
): Promise<void> {
  if (outcome.outcome === 'refused') return bury(deps, message, outcome.reason);
  deps.metrics.count(message.kind, outcome.outcome);
  const now = deps.now();
  if (outcome.outcome === 'sent') {
    deps.pauses.succeed(message.kind);
    deps.pauses.succeed(lane);
    return markSent(deps.db, message, now);
  }
  const rest = deps.pauses.fail(outcome.blame === 'gateway' ? message.kind : lane, now.getTime());
  // What lives long (a logout token's 24 hours) is retried ever less often; a code keeps being tried while it is good.
  const longest = Math.max(5000, Math.min(900_000, (message.expiresAt.getTime() - message.createdAt.getTime()) / 10));
  const own = outcome.blame === 'gateway' ? 0 : now.getTime() + backOff(message.attempts, longest, deps.random);
  const distance = outcome.unsure ? now.getTime() + UNSURE_MS : 0;
  return tryAgainAt(deps.db, message, earlier(Math.max(rest, own, distance), message.expiresAt), outcome.reason);
}

async function bury(deps: DrainDependencies, message: Claimed, reason: string): Promise<void> {
  await giveUp(deps.db, message, deps.now(), reason);
  deps.metrics.count(message.kind, reason === 'expired' ? 'expired' : 'refused');
  deps.onGaveUp({ messageId: message.messageId, kind: message.kind, reason });
}

function earlier(time: number, date: Date): Date {
  return new Date(Math.min(time, date.getTime()));
}

async function inParallel<T>(
  items: readonly T[],
  width: number,
  work: (item: T) => Promise<number>,
): Promise<number[]> {
  const results: number[] = [];
  const queue = [...items];
  const next = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) results.push(await work(item));
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, next));
  return results;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
