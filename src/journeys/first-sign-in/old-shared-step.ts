import { Type } from 'typebox';
import { defineStep, forget, type Step } from '../engine/step.ts';
import type { JourneyDeps } from '../journey-deps.ts';
import { nameIn } from './offered-sources.ts';
import { chosenSource } from './old-account-step.ts';

/** An account that several people of an organisation share becomes nobody's: its password proves none of them (M43). */
export function oldSharedStep(deps: JourneyDeps): Step {
  return defineStep({
    name: 'old-shared',
    path: 'old-shared',
    template: 'journeys/first-sign-in/old-shared.njk',
    form: Type.Object({}, { additionalProperties: false }),
    isAllowed: ({ state }) => state.facts.oldShared === true,
    isDone: ({ state }) => state.facts.oldShared !== true,
    undo: forget('oldShared'),
    async get(context) {
      const source = await chosenSource(deps, context);
      return { sourceName: nameIn(source.definition.name, context.language) };
    },
    async post() {
      return { outcome: 'turned', way: 'sign-up', facts: {} };
    },
  });
}
