import { dispatch, undoFrom, type Ways } from './dispatch.ts';
import type { JourneyState, Way } from './facts.ts';
import type { Decision, Journey, Step } from './step.ts';

/** The state after a post on `step`, which belongs to `way`. Pure. What came after the step is undone first. */
export function applyDecision(
  ways: Ways,
  state: JourneyState,
  visit: { readonly step: Step; readonly way: Way },
  decision: Exclude<Decision, { outcome: 'left' }>,
): JourneyState {
  const { step, way } = visit;
  if (decision.outcome === 'turned') return { way: decision.way, facts: decision.facts };
  if (decision.outcome === 'problems') {
    const flash = { step: step.name, problems: [...decision.problems], values: decision.values ?? {} };
    return { way: state.way, facts: decision.facts ?? state.facts, flash };
  }
  const kept = way === state.way ? undoFrom(ways[way], step, state.facts) : {};
  return { way, facts: { ...kept, ...decision.facts } };
}

/** The page before this one, for the back link: the nearest earlier step that may still be shown. */
export function stepBefore(ways: Ways, journey: Journey, step: Step): Step | undefined {
  const { way } = journey.state;
  const steps = ways[way];
  if (!steps.includes(step)) {
    const next = dispatch(ways, journey);
    return next.to === 'step' ? next.step : undefined;
  }
  return steps.slice(0, steps.indexOf(step)).findLast((earlier) => earlier.isAllowed(journey));
}
