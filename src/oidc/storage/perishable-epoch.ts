import type { Database, Queryable } from '../../platform/postgres/database.ts';

/**
 * What copies in Redis may be believed, told by Postgres to every node within a poll.
 *
 * `epoch`: a revocation that could not reach Redis raises it; older copies are then read from Postgres again, so a doubt
 * about Redis costs a slower read and never a session that un-ends (invariant I4).
 * `replayNotBefore`: replay memory was lost or moved between stores at this time; client assertions issued before it
 * may have been used already and are refused (rule Q5). Honest clients make a new one.
 */
export interface PerishableEpoch {
  epoch(): number;
  replayNotBefore(): Date;
  raise(db: Queryable): Promise<void>;
  forgetReplaysBefore(db: Queryable, time: Date): Promise<void>;
  refresh(): Promise<void>;
  stop(): void;
}

interface EpochRow extends Record<string, unknown> {
  epoch: number;
  replay_not_before: Date;
}

export async function watchPerishableEpoch(
  db: Database,
  pollMs: number,
  onError: (error: unknown) => void,
): Promise<PerishableEpoch> {
  let known: EpochRow = { epoch: 0, replay_not_before: new Date(0) };
  const learn = async (target: Queryable, text: string, values: unknown[] = []): Promise<void> => {
    const [row] = await target.query<EpochRow>({
      text: `${text} epoch, replay_not_before ${FROM[text] ?? ''}`,
      values,
    });
    if (row) known = row;
  };
  const refresh = (): Promise<void> => learn(db, READ);
  await refresh();
  const timer = setInterval(() => void refresh().catch(onError), pollMs).unref();

  return {
    epoch: () => known.epoch,
    replayNotBefore: () => known.replay_not_before,
    refresh,
    raise: (target) => learn(target, RAISE),
    forgetReplaysBefore: (target, time) => learn(target, FORGET, [time]),
    stop: () => clearInterval(timer),
  };
}

const READ = 'SELECT';
const RAISE = 'UPDATE perishable_epoch SET epoch = epoch + 1 WHERE id = 1 RETURNING';
const FORGET = 'UPDATE perishable_epoch SET replay_not_before = greatest(replay_not_before, $1) WHERE id = 1 RETURNING';
const FROM: Record<string, string> = { [READ]: 'FROM perishable_epoch WHERE id = 1' };
