import type { FastifyInstance, FastifyReply } from 'fastify';
import { checkFormToken, formToken } from '../../platform/http/form-token.ts';
import type { KeyRing } from '../../platform/crypto/key-ring.ts';
import type { Database, Transaction } from '../../platform/postgres/database.ts';
import { applyDecision, stepBefore } from './apply-decision.ts';
import type { BrowserCookies } from './browser-cookie.ts';
import { dispatch, type Next, type Ways } from './dispatch.ts';
import type { JourneyState, Way } from './facts.ts';
import type { InteractionPort } from './interaction-port.ts';
import type { JourneyStore } from './journey-store.ts';
import { judgeVisit } from './judge-visit.ts';
import { contextOf, formOf, pathOf, tokenBinding, wasMoved, type UidRequest } from './page-request.ts';
import { restoreJourney, type RestoredJourney } from './restore-journey.ts';
import type { Decision, DecisionWithin, Journey, Step, StepContext } from './step.ts';

export interface EngineDeps {
  readonly port: InteractionPort;
  readonly ways: Ways;
  readonly db: Database;
  readonly keyRing: KeyRing;
  readonly store: JourneyStore;
  readonly cookies: BrowserCookies;
  /** Wakes the outbox after a commit, so that mail leaves at once. */
  readonly nudgeOutbox: () => void;
  /** Runs in the transaction in which the citizen becomes signed in. */
  readonly onSignedIn: (tx: Transaction, context: StepContext, accountId: string) => Promise<void>;
}

/** Another tab moved the journey between our reading it and our writing it: nothing of this post happened. */
class MovedMeanwhile extends Error {}

/** Registers `GET` and `POST /sign-in/:uid/<page>` for every step of every way, and the entry `/sign-in/:uid`. */
export function registerJourneyRoutes(app: FastifyInstance, deps: EngineDeps): void {
  app.get('/sign-in/:uid', async (request: UidRequest, reply) => {
    const restored = await restoreJourney(deps, request, reply);
    if (!restored) return cannotGoOn(reply);
    const next = dispatch(deps.ways, restored.journey);
    return go(deps, request, reply, { journey: restored.journey, next, moved: wasMoved(request) });
  });
  for (const step of new Set(Object.values(deps.ways).flat())) {
    app.get(`/sign-in/:uid/${step.path}`, (request: UidRequest, reply) => show(deps, step, request, reply));
    app.post(`/sign-in/:uid/${step.path}`, (request: UidRequest, reply) => take(deps, step, request, reply));
    if (step.returned)
      app.get(`/sign-in/:uid/${step.path}/return`, (request: UidRequest, reply) =>
        takeReturn(deps, step, request, reply),
      );
  }
}

async function show(deps: EngineDeps, step: Step, request: UidRequest, reply: FastifyReply): Promise<unknown> {
  const restored = await restoreJourney(deps, request, reply);
  if (!restored) return cannotGoOn(reply);
  const { journey } = restored;
  const visit = judgeVisit(deps.ways, journey, step);
  if (visit.verdict === 'go') return go(deps, request, reply, { journey, next: visit.next });

  const context = contextOf(request, reply, restored);
  const { interaction } = journey;
  const data = await step.get(context);
  const flash = journey.state.flash?.step === step.name ? journey.state.flash : undefined;
  const before = stepBefore(deps.ways, journey, step);
  reply.cspFormAction(interaction.service.redirectOrigin);
  return reply.page(
    step.template,
    {
      service: { ...interaction.service, name: interaction.service.name[context.language] },
      action: pathOf(journey, step.path),
      base: pathOf(journey, ''),
      backLink: before && pathOf(journey, before.path),
      formToken: formToken(deps.keyRing, ...tokenBinding(restored, step)),
      errors: flash?.problems,
      typed: flash?.values ?? {},
      moved: wasMoved(request),
      ...data,
    },
    { uiLocales: interaction.uiLocales },
  );
}

async function take(deps: EngineDeps, step: Step, request: UidRequest, reply: FastifyReply): Promise<unknown> {
  const restored = await restoreJourney(deps, request, reply);
  if (!restored) return cannotGoOn(reply);
  const { journey } = restored;
  const form = formOf(request.body);
  const visit = judgeVisit(deps.ways, journey, step);
  if (visit.verdict === 'go') return go(deps, request, reply, { journey, next: visit.next, moved: true });
  if (!checkFormToken(deps.keyRing, form.token, ...tokenBinding(restored, step)))
    return go(deps, request, reply, { journey, next: visit.next, moved: true });

  const context = contextOf(request, reply, restored);
  const decision = await step.post(context, form.fields);
  return settle(deps, request, restored, { move: { step, way: visit.way, context }, decision });
}

/** A browser that comes back from somebody else's page: it has no form of ours, so the step itself checks what it brings. */
async function takeReturn(deps: EngineDeps, step: Step, request: UidRequest, reply: FastifyReply): Promise<unknown> {
  const restored = await restoreJourney(deps, request, reply);
  if (!restored) return cannotGoOn(reply);
  const { journey } = restored;
  const visit = judgeVisit(deps.ways, journey, step);
  if (visit.verdict === 'go' || !step.returned)
    return go(deps, request, reply, { journey, next: visit.next, moved: true });
  const context = contextOf(request, reply, restored);
  const decision = await step.returned(context);
  return settle(deps, request, restored, { move: { step, way: visit.way, context }, decision });
}

async function settle(
  deps: EngineDeps,
  request: UidRequest,
  restored: RestoredJourney,
  { move, decision }: { readonly move: Move; readonly decision: Decision | DecisionWithin },
): Promise<unknown> {
  const { journey } = restored;
  const { reply } = move.context;
  const state = await moveOn(deps, restored, move, decision);
  switch (state) {
    case 'left':
      return reply.redirect(await deps.port.abandon(request, reply, 'access_denied'), 303);
    case 'moved-meanwhile':
      return reply.redirect(`${pathOf(journey, '')}?moved=1`, 303);
    default:
      deps.nudgeOutbox();
      if (state.flash) return reply.redirect(pathOf(journey, move.step.path), 303);
      return goOn(deps, request, reply, { ...journey, state });
  }
}

interface Move {
  readonly step: Step;
  readonly way: Way;
  readonly context: StepContext;
}

/** One transaction: what the step does, and the journey's new state. Another tab that was first undoes all of it. */
async function moveOn(
  deps: EngineDeps,
  restored: RestoredJourney,
  move: Move,
  decision: Decision | DecisionWithin,
): Promise<JourneyState | 'left' | 'moved-meanwhile'> {
  const { journey, key, version } = restored;
  const { expiresAt } = journey.interaction;
  let afterCommit: (() => Promise<unknown>) | undefined;
  try {
    const moved = await deps.db.transaction(async (tx) => {
      const decided = typeof decision === 'function' ? await decision(tx) : decision;
      if (decided.outcome === 'left') return 'left';
      afterCommit = decided.outcome === 'learned' ? decided.afterCommit : undefined;
      const state = applyDecision(deps.ways, journey.state, move, decided);
      if (!(await deps.store.save(tx, key, { version, state, expiresAt }))) throw new MovedMeanwhile();
      if (state.facts.signedIn) await deps.onSignedIn(tx, move.context, state.facts.signedIn.accountId);
      return state;
    });
    await afterCommit?.();
    return moved;
  } catch (error) {
    if (error instanceof MovedMeanwhile) return 'moved-meanwhile';
    throw error;
  }
}

const goOn = (deps: EngineDeps, request: UidRequest, reply: FastifyReply, journey: Journey): Promise<unknown> =>
  go(deps, request, reply, { journey, next: dispatch(deps.ways, journey) });

/** Sends the browser to where the journey stands; at its end, hands over to the protocol side. */
async function go(
  deps: EngineDeps,
  request: UidRequest,
  reply: FastifyReply,
  { journey, next, moved = false }: { journey: Journey; next: Next; moved?: boolean },
): Promise<unknown> {
  if (next.to === 'step') return reply.redirect(pathOf(journey, next.step.path) + (moved ? '?moved=1' : ''), 303);
  if (next.to === 'confirm') return reply.redirect(await deps.port.confirm(request, reply), 303);
  const { signedIn } = journey.state.facts;
  if (!signedIn) throw new Error('finished without anybody signed in');
  deps.cookies.ensureDevice(request, reply);
  const result = { accountId: signedIn.accountId, amr: signedIn.amr, level: 'Cl' } as const;
  return reply.redirect(await deps.port.finish(request, reply, result), 303);
}

/** Expired, finished, never begun here, or another browser's: one page for all, and nobody learns which. */
async function cannotGoOn(reply: FastifyReply): Promise<unknown> {
  return reply.errorPage('expired');
}
