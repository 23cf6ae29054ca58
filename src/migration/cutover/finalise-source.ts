import { askOrApprove, type OperatorAct } from '../linking/ask-or-approve.ts';
import type { RequestRefusal } from '../linking/ask-or-approve.ts';
import { waysOfSource } from '../proving/ways-of-source.ts';
import { kindsOfWays } from '../proving/ways-of-source.ts';
import type { Source } from '../sources/definition.ts';
import { isEnough } from '../sources/proof-policy.ts';
import {
  changeSides,
  type Changed,
  type Refused,
  refused,
  requestAbout,
  type SidesDependencies,
} from './change-sides.ts';
import { hasLiveSystem } from './sides.ts';

export type Requested =
  /** Nothing has happened yet: another operator must ask for the same. */
  | { readonly outcome: 'requested'; readonly requestId: string; readonly expiresAt: Date }
  | { readonly outcome: 'refused'; readonly reason: RequestRefusal };

/**
 * From here on the old system is not asked any more, for ever, and nothing that it says counts: two people
 * (linking-attacks 32), and only when no run of it is unfinished and people have another way to prove an account.
 */
export async function finaliseSource(
  deps: SidesDependencies,
  key: string,
  act: OperatorAct,
): Promise<Changed | Refused | Requested> {
  return changeSides<Refused | Requested>(deps, key, act.meta, async (tx, { source, sides }) => {
    if (sides.finalisedAt) return refused('finalised');
    if (hasLiveSystem(source.definition) && !hasOtherWay(source)) return refused('no-other-way');
    if ((await deps.unfinishedRun(key)) !== undefined) return refused('runs-unfinished');
    const step = await askOrApprove(deps, tx, requestAbout(deps, sides, 'finalise-source'), act);
    if (step.step === 'refused') return { outcome: 'refused', reason: step.reason };
    if (step.step === 'requested')
      return { outcome: 'requested', requestId: step.requestId, expiresAt: step.expiresAt };
    const authority = { password: 'new', email: 'new', phone: 'new', name: 'new', status: 'new' } as const;
    return {
      sides: {
        ...sides,
        authority,
        shadowSince: undefined,
        plan: undefined,
        step: 0,
        stepSince: undefined,
        complaints: 0,
        stopped: undefined,
        finalisedAt: deps.now(),
      },
      type: 'source.finalised',
      detail: { askedBy: step.request.askedBy },
    };
  });
}

/** Whether what is left without the old system can make the proof that the policy asks for. */
function hasOtherWay({ definition }: Source): boolean {
  const ways = waysOfSource({ ...definition, adapter: undefined });
  return isEnough(definition.policy, kindsOfWays(ways));
}
