import type { AdapterContext } from '../adapter.ts';
import { withDefaults } from '../guard/limits.ts';
import { LegacyFault } from '../legacy-fault.ts';
import { askServer } from './ask-server.ts';
import type { Packet, RadiusAttribute } from './packet.ts';
import type { RadiusSettings } from './settings.ts';

/** What a request holds, made for the authenticator that it will have. */
export type Contents = (authenticator: Buffer) => readonly RadiusAttribute[];

export interface Servers {
  /** The first that answers, or that one alone. @throws LegacyFault */
  ask(
    question: { readonly code: number; readonly contents: Contents; readonly server?: number | undefined },
    signal: AbortSignal,
  ): Promise<{ readonly answer: Packet; readonly server: number }>;
}

const RESEND_MS = 700;

export function createServers(settings: RadiusSettings, secret: Buffer, context: AdapterContext): Servers {
  const { servers } = settings;
  // A little less than the guard allows: it can only say that there was no answer, and we may know why.
  const inAllMs = withDefaults(settings.limits).timeoutMs * 0.9;
  let first = 0;

  const askOne = async (
    server: number,
    { code, contents }: Parameters<Servers['ask']>[0],
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<Packet> => {
    const one = servers[server];
    if (one === undefined) throw new LegacyFault('misconfigured', 'the server is on the list no more');
    const authenticator = context.randomBytes(16);
    const identifier = context.randomBytes(1).readUInt8(0);
    const request = { code, identifier, authenticator, attributes: contents(authenticator) };
    const resendMs = settings.resendMs ?? RESEND_MS;
    return askServer(context.egress, { server: one, request, secret, resendMs, timeoutMs, signal });
  };

  return {
    async ask(question, signal) {
      if (question.server !== undefined) {
        const answer = await askOne(question.server, question, inAllMs, signal);
        return { answer, server: question.server };
      }
      // Each has its share of the time. One that heard us but whose answer was lost has counted a try all the same.
      const order = servers.map((_one, index) => (first + index) % servers.length);
      let last = new LegacyFault('misconfigured', 'no server');
      for (const server of order) {
        try {
          const answer = await askOne(server, question, inAllMs / order.length, signal);
          first = server;
          return { answer, server };
        } catch (error) {
          if (!(error instanceof LegacyFault) || error.reason === 'not-on-allow-list' || signal.aborted) throw error;
          last = error;
        }
      }
      throw last;
    },
  };
}
