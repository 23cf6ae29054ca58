import type { FastifyReply, FastifyRequest } from 'fastify';
import type { RestoredJourney } from './restore-journey.ts';
import type { Journey, Step, StepContext } from './step.ts';

export type UidRequest = FastifyRequest<{ Params: { uid: string } }>;

export const pathOf = (journey: Journey, page: string): string =>
  `/sign-in/${encodeURIComponent(journey.id)}${page === '' ? '' : `/${page}`}`;

/** What a form's token is bound to. The version makes it good for one hop: the next post that counts outdates it. */
export const tokenBinding = (restored: RestoredJourney, step: Step): readonly string[] => [
  'journey',
  restored.journey.id,
  step.name,
  restored.key.browserKey.toString('hex'),
  String(restored.version),
];

export function contextOf(request: UidRequest, reply: FastifyReply, restored: RestoredJourney): StepContext {
  const { journey } = restored;
  return {
    journey,
    facts: journey.state.facts,
    interaction: journey.interaction,
    request,
    reply,
    language: request.language(journey.interaction.uiLocales),
    browserKey: restored.key.browserKey.toString('hex'),
  };
}

/** The fields of a posted form and its token apart. */
export function formOf(body: unknown): { token: string; fields: Record<string, unknown> } {
  if (typeof body !== 'object' || body === null) return { token: '', fields: {} };
  const fields: Record<string, unknown> = { ...body };
  const token = fields['formToken'];
  delete fields['formToken'];
  return { token: typeof token === 'string' ? token : '', fields };
}

/** Whether the citizen was brought here because a page was out of date. */
export function wasMoved(request: FastifyRequest): boolean {
  const { query } = request;
  return typeof query === 'object' && query !== null && 'moved' in query;
}
