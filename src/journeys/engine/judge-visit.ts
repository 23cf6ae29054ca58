import { dispatch, type Next, type Ways } from './dispatch.ts';
import type { Way } from './facts.ts';
import type { Journey, Step } from './step.ts';

export type Visit =
  | { readonly verdict: 'show'; readonly way: Way; readonly next: Next }
  | { readonly verdict: 'go'; readonly next: Next };

/**
 * Whether a page may be visited (shown or posted to) in the state the journey is in. The first page of a sign-up,
 * recovery or first sign-in may always be visited: that is how a citizen turns to another way. Everything else needs what
 * it stands on, so no address typed in the bar skips a step.
 */
export function judgeVisit(ways: Ways, journey: Journey, step: Step): Visit {
  const next = dispatch(ways, journey);
  if (next.to !== 'step') return { verdict: 'go', next };
  const { way } = journey.state;
  const steps = ways[way];
  if (steps.includes(step)) {
    const isBehind = steps.indexOf(step) < steps.indexOf(next.step);
    return step === next.step || (isBehind && step.isAllowed(journey))
      ? { verdict: 'show', way, next }
      : { verdict: 'go', next };
  }
  const other = way === 'consent' ? undefined : wayThatOpensWith(ways, step);
  return other && step.isAllowed(journey) ? { verdict: 'show', way: other, next } : { verdict: 'go', next };
}

function wayThatOpensWith(ways: Ways, step: Step): Way | undefined {
  const open = ['sign-in', 'sign-up', 'recovery', 'first-sign-in'] as const satisfies readonly Way[];
  return open.find((way) => firstOf(ways, way).includes(step));
}

/** The sign-in may open with the choice of an account, or with the address. */
function firstOf(ways: Ways, way: Way): readonly Step[] {
  return ways[way].slice(0, way === 'sign-in' ? 2 : 1);
}
