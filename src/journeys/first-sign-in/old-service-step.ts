import { Type } from 'typebox';
import { defineStep, forget, learned, problem, type Step } from '../engine/step.ts';
import type { JourneyDeps } from '../journey-deps.ts';
import { nameIn, offeredSources } from './offered-sources.ts';
import { beginWith } from './prove-old-account.ts';

/** "I have an old account": which service was it for? By the service's name, which is what people remember. */
export function oldServiceStep(deps: JourneyDeps): Step {
  return defineStep({
    name: 'old-service',
    path: 'old-service',
    template: 'journeys/first-sign-in/old-service.njk',
    form: Type.Object({ source: Type.Optional(Type.String({ maxLength: 64 })) }, { additionalProperties: false }),
    isAllowed: ({ interaction }) => interaction.service.sources.length > 0,
    isDone: ({ state }) => state.facts.oldSource !== undefined,
    undo: forget('oldSource'),
    async get({ interaction, facts, language }) {
      const sources = await offeredSources(deps, interaction);
      const before = facts.oldSource ?? interaction.oldSource;
      const choices = sources
        .map(({ source, definition }) => ({
          value: source,
          text: nameIn(definition.name, language),
          hint: { text: definition.department },
          checked: source === before,
          selected: source === before,
        }))
        .toSorted((a, b) => a.text.localeCompare(b.text, language));
      return { choices };
    },
    async post(context, { source }) {
      const offered = await offeredSources(deps, context.interaction);
      const chosen = offered.find((candidate) => candidate.source === source);
      if (!chosen) return problem('source', 'journeys.firstSignIn.oldService.problems.choose');
      const oldSource = chosen.source;
      return learned({ oldSource, ...(await beginWith(deps, context, { source: chosen })) });
    },
  });
}
