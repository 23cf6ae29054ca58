import { changeSides, needSource, type SidesDependencies } from './change-sides.ts';
import { forgetCounts } from './count-answers.ts';
import { moved } from './move-cutover.ts';
import { readSides, sourcesCuttingOver } from './side-rows.ts';
import type { StopReason } from './sides.ts';
import { watchStep } from './watch-step.ts';

export interface Stop {
  readonly source: string;
  readonly by: StopReason;
  readonly toPercent: number;
}

const KEEP_MS = 2 * 3_600_000;

/**
 * Looks at every cut-over, and takes one step back where a limit is broken. Every node does this every few seconds; what
 * they see is what all of them have counted, and of two that see the same trouble one goes back: the other finds that the
 * sides have changed meanwhile.
 */
export async function evaluateCutovers(deps: SidesDependencies): Promise<readonly Stop[]> {
  const stops: Stop[] = [];
  for (const key of await sourcesCuttingOver(deps.db)) {
    const stop = await evaluateOne(deps, key);
    if (stop) stops.push(stop);
    await forgetCounts(deps.db, key, new Date(deps.now().getTime() - KEEP_MS));
  }
  return stops;
}

async function evaluateOne(deps: SidesDependencies, key: string): Promise<Stop | undefined> {
  const before = await readSides(deps.db, await needSource(deps.db, key));
  const seen = await watchStep(deps.db, before, deps.now());
  if (!seen?.broken) return undefined;
  const by = seen.broken;
  const meta = { actor: 'system' };
  const changed = await changeSides<{ outcome: 'nothing' }>(deps, key, meta, async (_tx, { sides }) => {
    // Another node was first, or somebody has moved it by hand meanwhile.
    if (sides.version !== before.version || sides.step === 0) return { outcome: 'nothing' };
    const detail = {
      by,
      complaints: seen.complaints,
      ...(seen.new && { samples: seen.new.samples, failureRate: seen.new.failureRate, p95Ms: seen.new.p95Ms }),
    };
    const stopped = { by, at: deps.now() };
    return moved(deps, { ...sides, stopped }, { to: sides.step - 1, type: 'source.cutover-stopped', detail });
  });
  if (changed.outcome !== 'changed') return undefined;
  const { plan, step } = changed.sides;
  return { source: key, by, toPercent: plan?.steps[step - 1] ?? 0 };
}
