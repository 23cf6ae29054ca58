import { randomUUID } from 'node:crypto';
import { html, type Html } from '../../services/html.ts';
import { type Asked, type Reply, startSmallServer } from '../small-server.ts';
import { check, type OldPerson } from './old-people.ts';

export interface FormStandIn {
  readonly baseUrl: string;
  stop: () => Promise<void>;
}

interface Session {
  readonly token: string;
  person?: OldPerson;
}

/** An old system that has a page for people, and nothing for programs (M11). */
export function startFormStandIn({ port = 0 }: { readonly port?: number } = {}): Promise<FormStandIn> {
  const sessions = new Map<string, Session>();
  return startSmallServer(port, (asked) => {
    const session = sessions.get(cookieOf(asked, 'visit'));
    if (asked.path === '/sign-in') return asked.method === 'POST' ? signIn(asked, sessions, session) : begin(sessions);
    if (asked.path === '/account') return account(session?.person);
    return { status: 404, body: page('Not found', html`<p>There is no such page.</p>`) };
  });
}

const cookieOf = ({ headers }: Asked, name: string): string =>
  new RegExp(`(?:^|; )${name}=([^;]*)`).exec(headers.cookie ?? '')?.[1] ?? '';

function begin(sessions: Map<string, Session>): Reply {
  const [id, token] = [randomUUID(), randomUUID()];
  sessions.set(id, { token });
  return { body: form(token), headers: { 'set-cookie': `visit=${id}; HttpOnly; SameSite=Lax; Path=/` } };
}

function signIn({ form: sent }: Asked, sessions: Map<string, Session>, session: Session | undefined): Reply {
  if (!session || sent.get('csrf') !== session.token)
    return { status: 403, body: page('Go back', html`<p>Try again.</p>`) };
  const known = check(sent.get('user') ?? '', sent.get('pass') ?? '');
  if (!known) return { body: form(session.token, 'The user name or password is not right.') };
  if (known.state === 'locked') return { location: '/locked' };
  if (known.state !== 'open') return { body: form(session.token, 'This account is closed.') };
  const id = randomUUID();
  sessions.set(id, { token: session.token, person: known });
  const cookies = `visit=${id}; HttpOnly; SameSite=Lax; Path=/`;
  return { location: '/account', headers: { 'set-cookie': cookies } };
}

const account = (person: OldPerson | undefined): Reply =>
  person
    ? { body: page('Your account', html`<p>Member number: <strong id="member-number">${person.id}</strong></p>`) }
    : { location: '/sign-in' };

const form = (token: string, alert?: string): string =>
  page(
    'Sign in',
    html`<form action="/sign-in" method="post">
      ${alert !== undefined && html`<p role="alert">${alert}</p>`}
      <input type="hidden" name="csrf" value="${token}" />
      <p><label for="user">User name</label> <input id="user" name="user" autocomplete="username" /></p>
      <p>
        <label for="pass">Password</label>
        <input id="pass" name="pass" type="password" autocomplete="current-password" />
      </p>
      <button name="go" value="1">Sign in</button>
    </form>`,
  );

const page = (title: string, content: Html): string =>
  html`<!doctype html>
    <html lang="en">
      <head>
        <title>${title}</title>
      </head>
      <body>
        <h1>${title}</h1>
        <p>This stands in for an old system, in the demonstration only.</p>
        ${content}
      </body>
    </html>`.html;
