import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Account } from '../../accounts/index.ts';
import { checkFormToken, formToken } from '../../platform/http/form-token.ts';
import type { BrowserCookies } from '../engine/browser-cookie.ts';
import type { BrowserSession } from '../engine/interaction-port.ts';
import { formOf } from '../engine/page-request.ts';
import type { Language } from '../engine/step.ts';
import type { JourneyDeps } from '../journey-deps.ts';
import { isOwnPage } from './own-pages.ts';

/** A request by somebody who is signed in. */
export interface AccountVisit {
  readonly account: Account;
  readonly session: BrowserSession;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly language: Language;
  /** For the forms of this page: good in this browser and this session only. */
  readonly token: string;
  /** Of this browser and this sign-in: what was proved after an earlier one counts for nothing. */
  readonly place: { readonly journeyId: string; readonly browserKey: string };
}

type Handler = (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>;
type Form = Record<string, unknown>;

/** How long ago the password may have been entered: to begin what is sensitive, and to finish it (E3). */
const BEGIN_WITHIN_MS = 5 * 60 * 1000;
const FINISH_WITHIN_MS = 10 * 60 * 1000;

export interface AccountVisits {
  /** A page for the signed-in citizen; others sign in first and come back. */
  page(show: (visit: AccountVisit) => Promise<unknown>): Handler;
  /** A form of such a page. Without a session, or with a token of another one, nothing happens: back to `path`. */
  form(path: string, take: (visit: AccountVisit, form: Form) => Promise<unknown>): Handler;
  /** The first page of something sensitive: the password was entered within five minutes, or is asked for now. */
  firstPage(show: (visit: AccountVisit) => Promise<unknown>): Handler;
  /** A page after the first one. Too late: the password is asked for, and then the `first` page is shown. */
  laterPage(first: string, show: (visit: AccountVisit) => Promise<unknown>): Handler;
  /** A form of something sensitive; `first` as for `laterPage`, this page itself when left out. */
  sensitiveForm(take: (visit: AccountVisit, form: Form) => Promise<unknown>, first?: string): Handler;
}

const binding = (browser: string, session: BrowserSession) => ['account', browser, session.sessionKey] as const;

export function createAccountVisits(deps: JourneyDeps, cookies: BrowserCookies): AccountVisits {
  const visitOf = async (request: FastifyRequest, reply: FastifyReply): Promise<AccountVisit | undefined> => {
    const session = await deps.port.session(request, reply);
    const account = session && (await deps.accounts.read(session.accountId));
    if (account?.status !== 'active' || session === undefined) return undefined;
    const browser = cookies.ensureBrowser(request, reply);
    const token = formToken(deps.keyRing, ...binding(browser, session));
    const journeyId = `account:${session.sessionKey}:${session.authTime.getTime()}`;
    const place = { journeyId, browserKey: cookies.journeyKey(browser, journeyId).toString('hex') };
    return { account, session, request, reply, language: request.language(), token, place };
  };

  const isFresh = ({ session }: AccountVisit, withinMs: number): boolean =>
    deps.now().getTime() - session.authTime.getTime() <= withinMs;

  const guardedPage =
    (show: (visit: AccountVisit) => Promise<unknown>, withinMs: number, first?: string): Handler =>
    async (request, reply) => {
      const visit = await visitOf(request, reply);
      const back = first ?? pathOf(request);
      if (!visit) return reply.redirect(deps.port.signInPath(back), 303);
      return isFresh(visit, withinMs) ? show(visit) : reply.redirect(deps.port.signInPath(back, { fresh: true }), 303);
    };

  const form: AccountVisits['form'] = (path, take) => async (request, reply) => {
    const visit = await visitOf(request, reply);
    if (!visit) return reply.redirect(path, 303);
    const { token, fields } = formOf(request.body);
    const browser = cookies.ensureBrowser(request, reply);
    if (!checkFormToken(deps.keyRing, token, ...binding(browser, visit.session)))
      return reply.errorPage('expired', { startAgain: '/account' });
    return take(visit, fields);
  };

  return {
    form,
    page: (show) => guardedPage(show, Number.POSITIVE_INFINITY),
    firstPage: (show) => guardedPage(show, BEGIN_WITHIN_MS),
    laterPage: (first, show) => guardedPage(show, FINISH_WITHIN_MS, first),
    sensitiveForm: (take, first) =>
      form('/account', async (visit, fields) => {
        if (isFresh(visit, FINISH_WITHIN_MS)) return take(visit, fields);
        const back = deps.port.signInPath(first ?? pathOf(visit.request), { fresh: true });
        return visit.reply.redirect(back, 303);
      }),
  };
}

/** Where to come back to: the page that was asked for, when it is one of ours. */
function pathOf(request: FastifyRequest): string {
  const [path = ''] = request.url.split('?');
  return isOwnPage(path) ? path : '/account';
}
