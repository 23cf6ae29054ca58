import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { listenNear } from '../ports.ts';
import { BASE_CSS } from './base-css.ts';
import { answer, type Answer, cookieOf, pageAnswer, readForm, seeOther } from './answers.ts';
import { html } from './html.ts';
import { deskPage, endedPage, type Setting, signedOutPage, smallPrint, startPage, troublePage } from './pages.ts';
import type { LogoutNotice } from './logout-token.ts';
import { createRelyingParty, type RelyingParty } from './relying-party.ts';
import type { DemoService, Latchkey, RunningService } from './service-setting.ts';
import { Book, type PendingSignIn, type ServiceSession } from './session-book.ts';
import { troubleOf } from './trouble.ts';

interface Desk {
  readonly setting: Setting;
  readonly rp: RelyingParty;
  readonly origin: string;
  readonly sessions: Book<ServiceSession>;
  readonly pending: Book<PendingSignIn>;
}

type Route = (desk: Desk, request: IncomingMessage, url: URL) => Promise<Answer> | Answer;

/** Every page of a demo service. */
const ROUTES: Readonly<Record<string, Route>> = {
  'GET /': showDesk,
  'GET /sign-in': signIn,
  'GET /callback': callback,
  'POST /sign-out': signOut,
  'GET /signed-out': ({ setting }) => pageAnswer(signedOutPage(setting)),
  'GET /privacy': ({ setting }) => pageAnswer(smallPrint(setting, 'Privacy notice')),
  'GET /terms': ({ setting }) => pageAnswer(smallPrint(setting, 'Terms of use')),
  'POST /backchannel-logout': backchannelLogout,
  'GET /style.css': ({ setting }) => answer(200, 'text/css', BASE_CSS + setting.service.look.css),
  'GET /logo.svg': ({ setting }) => answer(200, 'image/svg+xml', setting.service.look.logo),
};

/** Starts a demo service on its port, or the next free one. It answers once it is connected. */
export async function startService(service: DemoService, port: number): Promise<RunningService> {
  let desk: Desk | undefined;
  const server = createServer((request, response) => void respond(desk, request, response));
  await listenNear(server, port);
  const origin = `http://localhost:${portOf(server.address())}`;
  return {
    service,
    origin,
    connect(latchkey: Latchkey) {
      const rp = createRelyingParty(service, origin, latchkey);
      desk = { setting: { service, latchkey }, rp, origin, sessions: new Book(), pending: new Book() };
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function portOf(address: AddressInfo | string | null): number {
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function respond(desk: Desk | undefined, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const answered = desk ? await route(desk, request) : answer(503, 'text/plain', 'Starting. Try again in a moment.');
  response.writeHead(answered.status, {
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; img-src 'self'; style-src 'self'; frame-ancestors 'none'",
    ...answered.headers,
  });
  response.end(answered.body);
}

async function route(desk: Desk, request: IncomingMessage): Promise<Answer> {
  const url = new URL(request.url ?? '/', desk.origin);
  const handle = ROUTES[`${request.method} ${url.pathname}`];
  try {
    return handle ? await handle(desk, request, url) : answer(404, 'text/plain', 'There is no such page.');
  } catch (error) {
    const trouble = troubleOf(error);
    return pageAnswer(troublePage(desk.setting, trouble), trouble.status);
  }
}

function sessionOf({ sessions, setting }: Desk, request: IncomingMessage): ServiceSession | undefined {
  return sessions.find(cookieOf(request, `${setting.service.clientId}-session`));
}

async function showDesk({ setting, ...desk }: Desk, request: IncomingMessage): Promise<Answer> {
  const session = sessionOf({ setting, ...desk }, request);
  const { intro, staysInSight = false } = setting.service.look;
  const shown = session && !staysInSight ? undefined : await (typeof intro === 'function' ? intro() : intro);
  if (!session) return pageAnswer(startPage(setting, shown ?? html``));
  return pageAnswer(session.endedAt ? endedPage(setting, session) : deskPage(setting, session, shown));
}

async function signIn({ rp, pending, setting }: Desk, _request: IncomingMessage, url: URL): Promise<Answer> {
  const silent = url.searchParams.has('silent');
  const started = await rp.start({ silent, oldSource: url.searchParams.get('old') ?? undefined });
  const id = pending.add(() => started.pending);
  return seeOther(started.url, { [`${setting.service.clientId}-pending`]: id });
}

async function callback(desk: Desk, request: IncomingMessage, url: URL): Promise<Answer> {
  const { rp, pending, sessions, setting } = desk;
  const begun = pending.take(cookieOf(request, `${setting.service.clientId}-pending`));
  if (!begun) {
    const trouble = {
      title: 'This sign-in did not start here',
      advice: 'It began in another browser, or it was finished before. Start again.',
    };
    return pageAnswer(troublePage(setting, trouble), 400);
  }
  const signedIn = await rp.finish(url, begun);
  const id = sessions.add((sessionId) => ({ id: sessionId, ...signedIn }));
  return seeOther(`${desk.origin}/`, { [`${setting.service.clientId}-session`]: id });
}

async function signOut(desk: Desk, request: IncomingMessage): Promise<Answer> {
  const session = sessionOf(desk, request);
  desk.sessions.take(session?.id);
  const target = session ? await desk.rp.signOutUrl(session.idToken) : `${desk.origin}/signed-out`;
  return seeOther(target, { [`${desk.setting.service.clientId}-session`]: '' });
}

/** Latchkey tells us that a session is over (OpenID Connect Back-Channel Logout §2.5). */
async function backchannelLogout({ rp, sessions }: Desk, request: IncomingMessage): Promise<Answer> {
  const { logout_token: token = '' } = await readForm(request);
  let told: LogoutNotice;
  try {
    told = await rp.readLogoutToken(token);
  } catch {
    return answer(400, 'application/json', '{"error":"invalid_request"}');
  }
  for (const session of sessions.all()) {
    const ends = told.sid === undefined ? session.sub === told.sub : session.claims['sid'] === told.sid;
    if (ends) session.endedAt ??= new Date();
  }
  return answer(200, 'text/plain', '');
}
