import { createHash, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { decodeJwt } from 'jose';

export interface DemoRelyingParty {
  readonly origin: string;
  readonly clientId: string;
  close(): Promise<void>;
}

/** A service that does what a service does and shows on its page what it learned. */
export async function startRelyingParty(options: {
  readonly issuer: string;
  readonly clientId: string;
  readonly name: string;
  readonly port: number;
  secret(): string;
}): Promise<DemoRelyingParty> {
  const { issuer, clientId, name, port } = options;
  const origin = `http://localhost:${port}`;
  const verifiers = new Map<string, string>();

  const begin = (query: URLSearchParams, response: ServerResponse): void => {
    const verifier = randomBytes(32).toString('base64url');
    const state = randomBytes(16).toString('base64url');
    verifiers.set(state, verifier);
    const parameters = new URLSearchParams({
      client_id: clientId,
      response_type: 'code',
      scope: 'openid email',
      redirect_uri: `${origin}/callback`,
      state,
      nonce: state,
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
    });
    for (const [key, value] of query) parameters.set(key, value);
    response.writeHead(303, { location: `${issuer}/authorize?${parameters.toString()}` }).end();
  };

  const finish = async (query: URLSearchParams, response: ServerResponse): Promise<void> => {
    const error = query.get('error');
    if (error !== null) return page(response, name, `<h1>Not signed in</h1><p id="error">${error}</p>`);
    const answer = await fetch(`${issuer}/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'authorization_code',
        code: query.get('code') ?? '',
        redirect_uri: `${origin}/callback`,
        client_id: clientId,
        client_secret: options.secret(),
        code_verifier: verifiers.get(query.get('state') ?? '') ?? '',
      }),
    });
    const tokens = await answer.json();
    const idToken = isRecord(tokens) && typeof tokens['id_token'] === 'string' ? tokens['id_token'] : undefined;
    if (idToken === undefined) return page(response, name, `<h1>Trouble</h1><pre>${JSON.stringify(tokens)}</pre>`);
    const { sub, auth_time: authTime } = decodeJwt(idToken);
    return page(
      response,
      name,
      `<h1>Signed in to ${name}</h1><p id="sub">${sub}</p><p id="auth-time">${String(authTime)}</p>`,
    );
  };

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', origin);
    if (url.pathname === '/start') begin(url.searchParams, response);
    else if (url.pathname === '/callback') await finish(url.searchParams, response);
    else page(response, name, `<h1>${name}</h1><a href="/start">Sign in</a>`);
  };

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    origin,
    clientId,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function page(response: ServerResponse, name: string, content: string): void {
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
  response.end(`<!doctype html><html lang="en"><title>${name}</title><main>${content}</main></html>`);
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
