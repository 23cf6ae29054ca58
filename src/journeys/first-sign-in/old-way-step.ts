import { Type } from 'typebox';
import { defineStep, forget, learned, problem, type Step } from '../engine/step.ts';
import type { JourneyDeps } from '../journey-deps.ts';
import { waysLeft } from '../old-proof/take-proof.ts';
import { nameIn } from './offered-sources.ts';
import { chosenSource } from './old-account-step.ts';
import { beginWith } from './prove-old-account.ts';

/** How do you want to show that the account is yours? Asked only where the rules of the old service leave a choice. */
export function oldWayStep(deps: JourneyDeps): Step {
  return defineStep({
    name: 'old-way',
    path: 'old-way',
    template: 'journeys/first-sign-in/old-way.njk',
    form: Type.Object({ way: Type.Optional(Type.String({ maxLength: 40 })) }, { additionalProperties: false }),
    isAllowed: ({ state }) => state.facts.oldHasChoice === true && state.facts.oldProved !== true,
    isDone: ({ state }) => state.facts.oldWay !== undefined || state.facts.oldProved === true,
    undo: forget('oldWay', 'oldAsked'),
    async get(context) {
      const { facts, language } = context;
      const source = await chosenSource(deps, context);
      const ways = await waysLeft(deps, source.source, facts.oldProofs ?? []);
      const t = deps.pages.translate(language);
      return {
        sourceName: nameIn(source.definition.name, language),
        isFurther: (facts.oldProofs ?? []).length > 0,
        choices: ways.map((way) => ({
          value: way,
          text: t(`journeys.oldProof.ways.${way}`),
          checked: way === facts.oldWay,
        })),
      };
    },
    async post(context, form) {
      const source = await chosenSource(deps, context);
      const ways = await waysLeft(deps, source.source, context.facts.oldProofs ?? []);
      const way = ways.find((candidate) => candidate === form.way);
      if (way === undefined) return problem('way', 'journeys.oldProof.problems.way');
      return learned(await beginWith(deps, context, { source, way }));
    },
  });
}
