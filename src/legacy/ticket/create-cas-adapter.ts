import { createHash } from 'node:crypto';
import type { AdapterContext, RedirectAdapter, Return } from '../adapter.ts';
import { type Answered, refused } from '../answer.ts';
import { askHttp } from '../egress/ask-http.ts';
import { LegacyFault } from '../legacy-fault.ts';
import { identifyUser } from './identify-user.ts';
import { readValidation } from './read-validation.ts';
import type { CasSettings } from './settings.ts';

/** A proxy ticket (`PT-`) is what another service holds: it says nothing of who is at the keyboard. */
const SERVICE_TICKET = /^ST-[A-Za-z0-9._-]{1,253}$/;
const REMEMBERED_MS = 24 * 3600 * 1000;

/** M23: the browser brings a ticket, and the server says who it is for, once, to the service that it was made for. */
export function createCasAdapter(settings: CasSettings, context: AdapterContext): RedirectAdapter {
  const baseUrl = settings.baseUrl.replace(/\/$/, '');
  const tls = settings.ca === undefined ? {} : { tls: { ca: settings.ca } };
  const renew = settings.reauthenticate === false ? [] : [['renew', 'true']];
  const questionAbout = (path: string, ...parameters: readonly (readonly [string, string])[]): string =>
    `${baseUrl}/${path}?${new URLSearchParams([...parameters.map(([...pair]) => pair), ...renew])}`;

  const validate = async ({ callbackUrl, handle, parameters, state, signal }: Return): Promise<Answered> => {
    const { ticket } = parameters;
    if (parameters.state !== handle) return refused('not-bound');
    if (ticket === undefined) return refused('cancelled');
    if (!SERVICE_TICKET.test(ticket)) return refused(ticket.startsWith('PT-') ? 'not-allowed' : 'misshapen');
    const path = settings.version === '2' ? 'serviceValidate' : 'p3/serviceValidate';
    const url = questionAbout(path, ['service', serviceUrl(callbackUrl, handle)], ['ticket', ticket]);
    const { status, body } = await askHttp(context.egress, { url, signal, ...tls });
    if (status !== 200) throw new LegacyFault('server-error', `status ${status}`);
    const validation = readValidation(body);
    if (validation.outcome === 'refused') return validation;
    const departedAt = new Date(state);
    const answer = identifyUser(validation, { settings, departedAt, now: context.now(), source: context.source });
    if (answer.outcome === 'refused') return answer;
    const key = createHash('sha256').update(ticket).digest('hex');
    const isFirst = await context.replays.once(`cas:${key}`, new Date(context.now().getTime() + REMEMBERED_MS));
    return isFirst ? answer : refused('replayed');
  };

  return {
    kind: 'redirect',
    family: 'ticket',
    depart: async ({ callbackUrl, handle }) => ({
      outcome: 'redirect',
      url: questionAbout('login', ['service', serviceUrl(callbackUrl, handle)]),
      state: context.now().toISOString(),
    }),
    handleOf: ({ state }) => state,
    finish: validate,
    async health(signal) {
      const { status } = await askHttp(context.egress, {
        url: `${baseUrl}/login`,
        signal,
        maxBytes: 1_048_576,
        ...tls,
      });
      if (status >= 500) throw new LegacyFault('server-error', `status ${status}`);
    },
    close: async () => {},
  };
}

/** The same to the letter both times: the server compares. It makes the ticket one of this journey, too. */
function serviceUrl(callbackUrl: string, handle: string): string {
  const url = new URL(callbackUrl);
  url.searchParams.set('state', handle);
  return url.href;
}
