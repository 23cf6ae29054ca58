import type { Queryable } from '../../platform/postgres/database.ts';
import { readCounts } from './count-answers.ts';
import { type Judged, judgeWindow } from './judge-window.ts';
import type { Sides } from './sides.ts';

/** How far back answers are looked for where few people have moved. */
const HOUR_MS = 3_600_000;

/** How the step that a cut-over has reached goes, as all nodes together have counted it. Undefined: nobody has moved. */
export async function watchStep(queryable: Queryable, sides: Sides, now: Date): Promise<Judged | undefined> {
  const { plan, stepSince, source, complaints } = sides;
  if (sides.step === 0 || !plan || !stepSince) return undefined;
  const back = (ms: number): Date => new Date(Math.max(stepSince.getTime(), now.getTime() - ms));
  const judge = async (since: Date): Promise<Judged> =>
    judgeWindow({ buckets: await readCounts(queryable, source, since), complaints }, plan, now);
  // Ten seconds more than the window: its first answers stand in a bucket that began before it.
  const judged = await judge(back((plan.windowSeconds + 10) * 1000));
  return judged.new || judged.broken ? judged : judge(back(HOUR_MS));
}
