import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Static, TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { LatchkeyError } from '../../platform/failure/latchkey-error.ts';
import type { Transaction } from '../../platform/postgres/database.ts';
import type { Facts, JourneyState, Problem, Way } from './facts.ts';
import type { Interaction } from './interaction-port.ts';

export type Language = 'en' | 'cy';

/** What the pure rules look at: no request, no store. */
export interface Journey {
  readonly id: string;
  readonly interaction: Interaction;
  readonly state: JourneyState;
}

/** What a page may use while it answers one request. */
export interface StepContext {
  readonly journey: Journey;
  readonly facts: Facts;
  readonly interaction: Interaction;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly language: Language;
  /** Hash of the browser's cookie, for what must be bound to this browser. Hex. */
  readonly browserKey: string;
}

/** What a post came to. A step never names the next step: it records what it learned, the dispatcher picks. */
export type Decision =
  | {
      readonly outcome: 'learned';
      readonly facts: Facts;
      /** Runs once the journey's transaction has committed, before the next page. */
      readonly afterCommit?: () => Promise<unknown>;
    }
  | {
      readonly outcome: 'problems';
      readonly problems: readonly Problem[];
      readonly values?: Record<string, string>;
      /** Takes the place of what is known, where a failed try used something up. */
      readonly facts?: Facts;
    }
  | { readonly outcome: 'turned'; readonly way: Way; readonly facts: Facts }
  /** The citizen does not want to go on: the service is told `access_denied`. */
  | { readonly outcome: 'left' };

/** A decision that needs the transaction in which the journey moves on. Runs again when the transaction is retried. */
export type DecisionWithin = (tx: Transaction) => Promise<Decision>;

export interface Step {
  readonly name: string;
  readonly path: string;
  readonly template: string;
  /** Whether the page may be shown: what it stands on has been learned. */
  isAllowed(journey: Journey): boolean;
  /** Whether the journey need not (or no longer) stop here. */
  isDone(journey: Journey): boolean;
  /** The facts without what this step learned. */
  undo(facts: Facts): Facts;
  get(context: StepContext): Promise<PageData>;
  post(context: StepContext, form: unknown): Promise<Decision | DecisionWithin>;
  /** For a page that sends the browser to somebody else: `GET <path>/return`. What it may believe it must check itself. */
  returned?(context: StepContext): Promise<Decision | DecisionWithin>;
}

export type PageData = Readonly<Record<string, unknown>>;

/** A step with a typed form. A body of another shape was not made by our page: it is refused, not repaired. */
export function defineStep<Form extends TSchema>(
  step: Omit<Step, 'post'> & {
    readonly form: Form;
    post(context: StepContext, form: Static<Form>): Promise<Decision | DecisionWithin>;
  },
): Step {
  return {
    ...step,
    async post(context, form) {
      if (!Value.Check(step.form, form))
        throw new LatchkeyError('input_invalid', 'The form was not filled in on our page.', { detail: step.name });
      return step.post(context, form);
    },
  };
}

/** Makes the `undo` of a step: the facts without the ones it learned. */
export function forget(...names: readonly (keyof Facts)[]): (facts: Facts) => Facts {
  return (facts) => {
    const kept = { ...facts };
    for (const name of names) delete kept[name];
    return kept;
  };
}

export const learned = (facts: Facts): Decision => ({ outcome: 'learned', facts });

export const problem = (field: string, key: string, values: Record<string, string> = {}): Decision => ({
  outcome: 'problems',
  problems: [{ field, key }],
  values,
});
