import { Type } from 'typebox';
import { defineStep, forget, type Step } from '../engine/step.ts';

/** Reasons that have words of their own; the rest read as "cannot be added". */
const PLAIN = [
  'already-adopted',
  'already-yours',
  'source-suspended',
  'legacy-disabled',
  'subject-taken',
  'proof-used',
];

/** The old account could not be taken over: says why, plainly. Its owner was proved, so nothing is given away. */
export const oldRefusedStep: Step = defineStep({
  name: 'old-refused',
  path: 'old-refused',
  template: 'journeys/first-sign-in/old-refused.njk',
  form: Type.Object({}, { additionalProperties: false }),
  isAllowed: ({ state }) => state.facts.oldRefused !== undefined,
  isDone: ({ state }) => state.facts.oldRefused === undefined,
  undo: forget('oldRefused'),
  async get({ facts }) {
    const reason = facts.oldRefused ?? '';
    return { reason: PLAIN.includes(reason) ? reason : 'other' };
  },
  async post() {
    return { outcome: 'turned', way: 'sign-in', facts: {} };
  },
});
