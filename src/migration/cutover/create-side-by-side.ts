import { seeRequestOf } from '../linking/request-rows.ts';
import { beginShadowMode, endShadowMode } from '../reconcile/shadow-mode.ts';
import { shadowReport } from '../reconcile/shadow-report.ts';
import type { SideBySide } from './side-by-side.ts';
import { needSource, requestAbout, type SidesDependencies } from './change-sides.ts';
import { complain } from './complain.ts';
import { evaluateCutovers } from './evaluate-cutovers.ts';
import { finaliseSource } from './finalise-source.ts';
import { hearComplaint, type HearsComplaints } from './hear-complaint.ts';
import { moveBack, moveForward, planCutover } from './move-cutover.ts';
import { setAuthority } from './set-authority.ts';
import { readSides } from './side-rows.ts';
import { watchStep } from './watch-step.ts';

const RECENT = 100;

export function createSideBySide(deps: SidesDependencies & Pick<HearsComplaints, 'onFault'>): SideBySide {
  const { db } = deps;
  const sidesOf = async (key: string) => readSides(db, await needSource(db, key));
  return {
    authorityOf: sidesOf,
    setAuthority: (key, change, meta) => setAuthority(deps, key, change, meta),
    finalise: (key, act) => finaliseSource(deps, key, act),
    async requests(key) {
      const sides = await sidesOf(key);
      const [finalise, anyway] = await Promise.all(
        (['finalise-source', 'cutover-anyway'] as const).map((kind) =>
          seeRequestOf(deps, requestAbout(deps, sides, kind), deps.now()),
        ),
      );
      return { finalise, anyway };
    },
    shadow: {
      on: (key, meta) => beginShadowMode(deps, key, meta),
      off: (key, meta) => endShadowMode(deps, key, meta),
      report: async (key, limit = RECENT) => shadowReport(deps, await needSource(db, key), limit),
    },
    cutover: {
      plan: (key, draft, meta) => planCutover(deps, key, draft, meta),
      next: (key, act) => moveForward(deps, key, act),
      back: (key, act) => moveBack(deps, key, act),
      async status(key) {
        const sides = await sidesOf(key);
        const percent = sides.plan?.steps[sides.step - 1] ?? 0;
        return { sides, percent, watched: await watchStep(db, sides, deps.now()) };
      },
      complain: (key, meta) => complain(deps, key, meta),
      hear: (refusal, from) => hearComplaint(deps, refusal, from),
      evaluate: () => evaluateCutovers(deps),
    },
  };
}
