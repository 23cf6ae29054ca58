import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { listenNear } from '../ports.ts';
import { html, type Html } from '../services/html.ts';

export interface Asked {
  readonly path: string;
  readonly query: URLSearchParams;
  /** Of a form that was posted. */
  readonly form: URLSearchParams;
  readonly authorization: string;
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export interface Reply {
  readonly status?: number;
  readonly location?: string;
  readonly type?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface SmallServer {
  readonly baseUrl: string;
  stop: () => Promise<void>;
}

/** One stand-in for an old system, on loopback. A port of 0 is any. */
export async function startSmallServer(
  port: number,
  answer: (asked: Asked) => Reply | Promise<Reply>,
): Promise<SmallServer> {
  const server = createServer((request, response) => {
    const reply = async (): Promise<void> => {
      const {
        status = 200,
        location,
        type = 'text/html; charset=utf-8',
        body = '',
        headers = {},
      } = await answer(await read(request));
      response.writeHead(location === undefined ? status : 302, {
        'content-type': type,
        'cache-control': 'no-store',
        ...(location !== undefined && { location }),
        ...headers,
      });
      response.end(body);
    };
    reply().catch(() => response.writeHead(400).end('This stand-in does not understand that.'));
  });
  await listenNear(server, port);
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not listening');
  return {
    baseUrl: `http://127.0.0.1:${address.port}`,
    async stop() {
      server.close();
      server.closeAllConnections();
      if (server.listening) await once(server, 'close');
    },
  };
}

async function read(request: IncomingMessage): Promise<Asked> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://stand-in');
  const chunks: string[] = [];
  for await (const chunk of request.setEncoding('utf8')) chunks.push(String(chunk));
  const text = chunks.join('');
  const { method = 'GET', headers } = request;
  return {
    path: pathname,
    query: searchParams,
    form: new URLSearchParams(text),
    authorization: headers.authorization ?? '',
    method,
    headers,
    text,
  };
}

/** The same for every stand-in that people see: whose page it is, a name, a password. */
export const signInPage = (title: string, fields: Readonly<Record<string, string>>, isWrong = false): Reply => ({
  body: page(
    title,
    html`<form method="post" action="/sign-in">
      ${isWrong && html`<p role="alert">The user name or password is not right.</p>`} ${hidden(fields)}
      <p><label for="name">User name</label><br /><input id="name" name="name" autocomplete="username" /></p>
      <p>
        <label for="password">Password</label><br /><input
          id="password"
          name="password"
          type="password"
          autocomplete="current-password"
        />
      </p>
      <button>Sign in</button>
    </form>`,
  ),
});

/** Sends the browser back by a form. */
export const handOverPage = (title: string, action: string, fields: Readonly<Record<string, string>>): Reply => ({
  body: page(
    title,
    html`<form method="post" action="${action}">
      <p>You are signed in here.</p>
      ${hidden(fields)}<button>Continue</button>
    </form>`,
  ),
});

const hidden = (fields: Readonly<Record<string, string>>): readonly Html[] =>
  Object.entries(fields).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`);

export const page = (title: string, content: Html): string =>
  html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}</title>
        <style>
          body {
            font:
              1.1rem/1.5 system-ui,
              sans-serif;
            max-width: 34rem;
            margin: 2rem auto;
            padding: 0 1rem;
          }
          input,
          button {
            font: inherit;
            padding: 0.3rem 0.5rem;
          }
        </style>
      </head>
      <body>
        <main>
          <h1>${title}</h1>
          <p>This stands in for an old system, in the demonstration only.</p>
          ${content}
        </main>
      </body>
    </html>`.html;

/** Whom every stand-in knows. */
export const isAnna = (form: URLSearchParams): boolean =>
  form.get('name') === 'anna' && form.get('password') === 'correct horse battery staple';

/** Only Latchkey on this machine is answered: a stand-in signs for nobody else. */
export function isOnThisMachine(url: string): boolean {
  const { hostname } = URL.parse(url) ?? { hostname: '' };
  return hostname === 'localhost' || hostname === '127.0.0.1' || hostname.endsWith('.localhost');
}
