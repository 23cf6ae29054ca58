import type { Facts, JourneyState, Way } from './facts.ts';
import type { Interaction } from './interaction-port.ts';
import type { Journey, Step } from './step.ts';

/** The ways through the house: for each, its steps in the order in which they are asked. */
export type Ways = Readonly<Record<Way, readonly Step[]>>;

export type Next =
  | { readonly to: 'finish' }
  | { readonly to: 'confirm' }
  | { readonly to: 'step'; readonly step: Step };

/** The one place that decides what comes next. Pure: the same facts always lead to the same page. */
export function dispatch(ways: Ways, journey: Journey): Next {
  const { way, facts } = journey.state;
  if (facts.signedIn) return { to: 'finish' };
  if (facts.confirmed) return { to: 'confirm' };
  const steps = ways[way];
  const step = steps.find((candidate) => !candidate.isDone(journey)) ?? steps.at(-1);
  if (!step) throw new Error(`way without steps: ${way}`);
  return { to: 'step', step };
}

/** The way a fresh journey sets out on. */
export function firstState({ prompt, oldSource }: Pick<Interaction, 'prompt' | 'oldSource'>): JourneyState {
  if (prompt === 'consent') return { way: 'consent', facts: {} };
  return { way: oldSource === undefined ? 'sign-in' : 'first-sign-in', facts: {} };
}

/** Facts with those of `step` and of every step after it taken away: what a post on an earlier page undoes. */
export function undoFrom(steps: readonly Step[], step: Step, facts: Facts): Facts {
  const from = steps.indexOf(step);
  return steps.slice(from === -1 ? 0 : from).reduce((kept, later) => later.undo(kept), facts);
}
