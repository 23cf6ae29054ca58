import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Account } from '../../accounts/index.ts';
import { checkFormToken, formToken } from '../../platform/http/form-token.ts';
import type { BrowserCookies } from '../engine/browser-cookie.ts';
import type { BrowserSession } from '../engine/interaction-port.ts';
import { formOf } from '../engine/page-request.ts';
import type { JourneyDeps } from '../journey-deps.ts';

/** A request by somebody who is signed in. */
export interface AccountVisit {
  readonly account: Account;
  readonly session: BrowserSession;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  /** For the forms of this page: good in this browser and this session only. */
  readonly token: string;
}

type Handler = (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>;

export interface AccountVisits {
  /** A page for the signed-in citizen; others sign in first and come back to `path`. */
  page(path: string, show: (visit: AccountVisit) => Promise<unknown>): Handler;
  /** A form of such a page. Without a session, or with a token of another one, nothing happens: back to `path`. */
  form(path: string, take: (visit: AccountVisit, form: Record<string, unknown>) => Promise<unknown>): Handler;
}

const binding = (browser: string, session: BrowserSession) => ['account', browser, session.sessionKey] as const;

export function createAccountVisits(deps: JourneyDeps, cookies: BrowserCookies): AccountVisits {
  const visitOf = async (request: FastifyRequest, reply: FastifyReply): Promise<AccountVisit | undefined> => {
    const session = await deps.port.session(request, reply);
    const account = session && (await deps.accounts.read(session.accountId));
    if (account?.status !== 'active' || session === undefined) return undefined;
    const browser = cookies.ensureBrowser(request, reply);
    return { account, session, request, reply, token: formToken(deps.keyRing, ...binding(browser, session)) };
  };

  return {
    page: (path, show) => async (request, reply) => {
      const visit = await visitOf(request, reply);
      return visit ? show(visit) : reply.redirect(deps.port.signInPath(path), 303);
    },
    form: (path, take) => async (request, reply) => {
      const visit = await visitOf(request, reply);
      if (!visit) return reply.redirect(path, 303);
      const { token, fields } = formOf(request.body);
      const browser = cookies.ensureBrowser(request, reply);
      if (!checkFormToken(deps.keyRing, token, ...binding(browser, visit.session)))
        return reply.errorPage('expired', { startAgain: '/account' });
      return take(visit, fields);
    },
  };
}
