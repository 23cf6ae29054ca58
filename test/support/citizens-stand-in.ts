import type { CitizensDoor } from '../../src/app.ts';
import type { InteractionPort } from '../../src/oidc/index.ts';

type Seen = NonNullable<Awaited<ReturnType<InteractionPort['load']>>>;

/** Stands in for the citizens' pages. What it does at the next interaction can be changed at any time. */
export interface StandIn {
  accountId: string;
  /** `wait` shows a page and leaves the interaction as it is. */
  answer: 'sign-in' | 'confirm' | 'abandon' | 'wait';
  level: 'Cl' | 'Cl.Cm';
  /** Every interaction that came, oldest first. */
  readonly seen: Seen[];
}

export function createStandIn(accountId = ''): StandIn {
  return { accountId, answer: 'sign-in', level: 'Cl', seen: [] };
}

export function standInDoor(standIn: StandIn): CitizensDoor {
  return ({ port }) =>
    async (scope) => {
      scope.get('/sign-in/:uid', async (request, reply) => {
        const interaction = await port.load(request, reply);
        if (!interaction) return reply.errorPage('expired');
        standIn.seen.push(interaction);
        const { accountId, level, answer } = standIn;
        if (answer === 'wait') return { waiting: true };
        if (answer === 'confirm') return reply.redirect(await port.confirm(request, reply), 303);
        if (answer === 'abandon') return reply.redirect(await port.abandon(request, reply, 'access_denied'), 303);
        return reply.redirect(await port.finish(request, reply, { accountId, amr: ['pwd'], level }), 303);
      });
      scope.get('/signed-out', () => ({ signedOut: true }));
    };
}
