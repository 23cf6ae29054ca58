import { randomBytes } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { PageData, Pages } from '../pages/create-pages.ts';
import { pickLanguage, toLanguage } from '../pages/pick-language.ts';
import type { Language } from '../pages/translations.ts';
import { assertOrigin, pagePolicy } from './content-security-policy.ts';
import { type Cookies, createCookies } from './cookies.ts';

export interface PageOptions {
  /** HTTP status; 200 when left out. A form with errors is sent back with 400. */
  readonly status?: number;
  /** Languages the service asked for; the person's own choice goes before them. */
  readonly uiLocales?: readonly string[];
}

/** Our own error pages; the words are in `languages/*.json` under `errors`. */
export type ErrorKind =
  | 'badRequest'
  | 'notAllowed'
  | 'notFound'
  | 'wrongHost'
  | 'tooMany'
  | 'failed'
  | 'unavailable'
  | 'expired';

const ERROR_STATUS = {
  badRequest: 400,
  notAllowed: 403,
  notFound: 404,
  wrongHost: 421,
  tooMany: 429,
  failed: 500,
  unavailable: 503,
  expired: 400,
} as const satisfies Record<ErrorKind, number>;

export interface ErrorPageOptions {
  readonly status?: number;
  /** Seconds; also sent as Retry-After. */
  readonly retryAfter?: number | undefined;
  /** Address of a "Start again" link: ours, or one a service has registered. */
  readonly startAgain?: string;
}

declare module 'fastify' {
  interface FastifyReply {
    /** Sends a page in the person's language with its own nonce policy; never stored by browsers (C12). */
    page(template: string, data?: PageData, options?: PageOptions): FastifyReply;
    errorPage(kind: ErrorKind, options?: ErrorPageOptions): FastifyReply;
    /** Lets forms of this page end at another origin: a POST that is answered by a 303 to the service needs it. */
    cspFormAction(origin: string): FastifyReply;
    writeCookie: (name: string, value: string, options?: Parameters<Cookies['write']>[3]) => FastifyReply;
    clearCookie: (name: string) => FastifyReply;
    /** What `cspFormAction` was given, a space before each: Fastify decorates with values, not with arrays. */
    formActionOrigins: string;
  }
  interface FastifyRequest {
    /** A cookie of ours by its short name; undefined when absent or unreadable. */
    readCookie(name: string): string | undefined;
    /** The language pages of this request are sent in. */
    language(uiLocales?: readonly string[]): Language;
  }
}

const YEAR = 31_536_000;

/** Gives every route of the app pages, cookies and the language. */
export function decorateWithPages(app: FastifyInstance, pages: Pages, options: { readonly secure: boolean }): void {
  const cookies = createCookies(options);

  app.decorateRequest('readCookie', function readCookie(this: FastifyRequest, name: string) {
    return cookies.read(this, name);
  });
  app.decorateRequest('language', function language(this: FastifyRequest, uiLocales?: readonly string[]) {
    return pickLanguage({
      switched: switchedLanguage(this),
      remembered: cookies.read(this, 'lng'),
      uiLocales,
      acceptLanguage: this.headers['accept-language'],
    });
  });
  app.decorateReply('writeCookie', function writeCookie(this: FastifyReply, name, value, cookieOptions) {
    cookies.write(this, name, value, cookieOptions);
    return this;
  });
  app.decorateReply('clearCookie', function clearCookie(this: FastifyReply, name) {
    cookies.clear(this, name);
    return this;
  });
  app.decorateReply('formActionOrigins', '');
  app.decorateReply('cspFormAction', function cspFormAction(this: FastifyReply, origin: string) {
    assertOrigin(origin);
    this.formActionOrigins += ` ${origin}`;
    return this;
  });
  app.decorateReply('page', function page(this: FastifyReply, template, data, pageOptions) {
    return sendPage(pages, this, { template, data: data ?? {}, options: pageOptions ?? {} });
  });
  app.decorateReply('errorPage', function errorPage(this: FastifyReply, kind, errorOptions) {
    return sendErrorPage(this, kind, errorOptions ?? {});
  });
}

interface PageToSend {
  readonly template: string;
  readonly data: PageData;
  readonly options: PageOptions;
}

function sendPage(pages: Pages, reply: FastifyReply, { template, data, options }: PageToSend): FastifyReply {
  const { request } = reply;
  const nonce = randomBytes(16).toString('base64url');
  const language = request.language(options.uiLocales);
  const queryStart = request.raw.url?.indexOf('?') ?? -1;
  const query = queryStart === -1 ? '' : (request.raw.url?.slice(queryStart) ?? '');
  const html = pages.render(template, { ...data, language, nonce, query });

  const switched = switchedLanguage(request);
  if (switched !== undefined) reply.writeCookie('lng', switched, { maxAgeSeconds: YEAR });
  const policy = pagePolicy({
    nonce,
    formAction: reply.formActionOrigins.split(' ').filter(Boolean),
  });
  return reply
    .code(options.status ?? 200)
    .header('content-security-policy', policy)
    .header('cache-control', 'no-store')
    .header('content-language', language)
    .type('text/html; charset=utf-8')
    .send(html);
}

function sendErrorPage(reply: FastifyReply, kind: ErrorKind, options: ErrorPageOptions): FastifyReply {
  if (options.retryAfter !== undefined) void reply.header('retry-after', options.retryAfter);
  return reply.page(
    'error.njk',
    { kind, reference: reply.request.id, retryAfter: options.retryAfter, startAgain: options.startAgain },
    { status: options.status ?? ERROR_STATUS[kind] },
  );
}

function switchedLanguage(request: FastifyRequest): Language | undefined {
  const { query } = request;
  return typeof query === 'object' && query !== null && 'lng' in query ? toLanguage(query.lng) : undefined;
}
