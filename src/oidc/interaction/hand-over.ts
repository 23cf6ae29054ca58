import type { FastifyReply, FastifyRequest } from 'fastify';
import { errors } from 'oidc-provider';
import { LatchkeyError } from '../../platform/failure/latchkey-error.ts';
import type { RelyingParties } from '../../relying-parties/index.ts';
import type { LiveProvider } from '../provider/live-provider.ts';
import { REACHABLE } from '../provider/requested-levels.ts';
import type { EndSessions } from '../storage/end-sessions.ts';
import { sessionKeyOf } from '../storage/session-storage.ts';
import { describeInteraction, type InteractionView } from './describe-interaction.ts';

export interface SignIn {
  readonly accountId: string;
  readonly amr: readonly string[];
  readonly level: 'Cl' | 'Cl.Cm';
}

/** Hands a citizen from the protocol to the pages and back. */
export interface HandOver {
  load(request: FastifyRequest, reply: FastifyReply): Promise<InteractionView | undefined>;
  finish(request: FastifyRequest, reply: FastifyReply, signIn: SignIn): Promise<string>;
  confirm(request: FastifyRequest, reply: FastifyReply): Promise<string>;
  abandon(request: FastifyRequest, reply: FastifyReply, error: 'access_denied'): Promise<string>;
}

interface Deps {
  readonly live: LiveProvider;
  readonly relyingParties: RelyingParties;
  readonly endSessions: EndSessions;
  readonly now: () => Date;
}

type Interaction = Awaited<ReturnType<ReturnType<LiveProvider['current']>['interactionDetails']>>;

export function createHandOver({ live, relyingParties, endSessions, now }: Deps): HandOver {
  const details = async (request: FastifyRequest, reply: FastifyReply): Promise<Interaction | undefined> => {
    try {
      const interaction = await live.current().interactionDetails(request.raw, reply.raw);
      return isOfAddress(request.params, interaction.uid) ? interaction : undefined;
    } catch (error) {
      if (error instanceof errors.SessionNotFound) return undefined;
      throw error;
    }
  };

  const mustHave = async (request: FastifyRequest, reply: FastifyReply): Promise<Interaction> => {
    const interaction = await details(request, reply);
    if (!interaction) throw new errors.SessionNotFound('interaction session not found');
    return interaction;
  };

  /** Someone else signs in where a session is: that session ends first, so nothing of it is carried over (C1). */
  const leaveOtherAccount = async (interaction: Interaction, accountId: string): Promise<void> => {
    const { session } = interaction;
    if (!session?.cookie || session.accountId === accountId) return;
    await endSessions([sessionKeyOf(session.cookie)], 'another-account');
    delete interaction.session;
  };

  return {
    async load(request, reply) {
      const interaction = await details(request, reply);
      const service = interaction && (await relyingParties.find(String(interaction.params['client_id'])));
      return interaction && service && describeInteraction(interaction, service, REACHABLE);
    },
    async finish(request, reply, { accountId, amr, level }) {
      const interaction = await mustHave(request, reply);
      await leaveOtherAccount(interaction, accountId);
      const ts = Math.floor(now().getTime() / 1000);
      return resume(interaction, {
        // A prompt other than login counts as answered when it stands in the result.
        ...(interaction.prompt.name === 'login' ? {} : { [interaction.prompt.name]: {} }),
        login: { accountId, amr: [...amr], acr: level, remember: true, ts },
      });
    },
    async confirm(request, reply) {
      const interaction = await mustHave(request, reply);
      if (interaction.prompt.name === 'login') {
        throw new LatchkeyError('not_allowed', 'The service asked for a new sign-in.');
      }
      return resume(interaction, { [interaction.prompt.name]: {} });
    },
    async abandon(request, reply, error) {
      const interaction = await mustHave(request, reply);
      return resume(interaction, { error, error_description: 'the citizen did not sign in' });
    },
  };
}

/** The cookie says which interaction it is; an address that names another one is somebody else's link (X10). */
function isOfAddress(params: unknown, uid: string): boolean {
  return typeof params !== 'object' || params === null || !('uid' in params) || params.uid === uid;
}

async function resume(interaction: Interaction, result: Record<string, unknown>): Promise<string> {
  interaction.result = { ...interaction.lastSubmission, ...result };
  await interaction.save(Math.max(1, interaction.exp - Math.floor(Date.now() / 1000)));
  return interaction.returnTo;
}
