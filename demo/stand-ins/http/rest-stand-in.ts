import { type Asked, type Reply, startSmallServer } from '../small-server.ts';
import { check, find, type OldPerson } from './old-people.ts';

export interface RestStandIn {
  readonly baseUrl: string;
  stop: () => Promise<void>;
}

export const CLIENT = { id: 'latchkey', secret: 'client-secret-of-the-demo' } as const;
export const API_KEY = 'api-key-of-the-demo';

const json = (status: number, value?: unknown): Reply => ({
  status,
  type: 'application/json',
  body: value === undefined ? '' : JSON.stringify(value),
});

/** An old system with a REST call for signing in; and, beside it, what others of its kind have (M09). */
export function startRestStandIn({ port = 0 }: { readonly port?: number } = {}): Promise<RestStandIn> {
  return startSmallServer(port, (asked) => {
    const [, first = '', name = ''] = asked.path.split('/');
    const route = routes[first];
    return route ? route(asked, decodeURIComponent(name)) : json(404, { error: 'no such page' });
  });
}

const routes: Readonly<Record<string, (asked: Asked, name: string) => Reply>> = {
  /** The usual call. */
  'log-in': (asked) => (asked.method === 'POST' ? logIn(typed(asked)) : json(405, {})),
  /** The same, for programs that we know. */
  keyed: (asked) => (asked.headers['x-api-key'] === API_KEY ? logIn(typed(asked)) : json(403, { error: 'no key' })),
  /** As Keycloak's user migration wants it: the password is posted to a person, and who that is asked of it. */
  users(asked, name) {
    const known = find(name);
    if (asked.method === 'GET') return known ? json(200, profileOf(known)) : json(404);
    const { password } = typed(asked);
    return check(name, password)?.state === 'open' ? json(200) : json(known ? 401 : 404);
  },
  /** Only a status, and a page with it, as web servers have. */
  basic({ headers }): Reply {
    const [user = '', password = ''] = decodeBasic(headers.authorization);
    if (check(user, password)?.state === 'open') return { status: 204, headers: { 'x-signed-in': 'yes' } };
    return { status: 401, body: '<h1>Unauthorized</h1>', headers: { 'www-authenticate': 'Basic realm="old"' } };
  },
  form: ({ form }) => logIn({ login: form.get('user') ?? '', password: form.get('pass') ?? '' }),
  token(asked) {
    const [id, secret] = decodeBasic(asked.headers.authorization);
    if (id !== CLIENT.id || secret !== CLIENT.secret) return json(401, { error: 'invalid_client' });
    const { username, password } = Object.fromEntries(asked.form);
    const known = check(username ?? '', password ?? '');
    if (!known) return json(400, { error: 'invalid_grant', error_description: 'Bad credentials' });
    if (known.state !== 'open')
      return json(400, { error: 'invalid_grant', error_description: `Account is ${known.state}` });
    return json(200, { access_token: `token-of-${known.id}`, token_type: 'Bearer', expires_in: 60 });
  },
  userinfo({ headers }) {
    const known = find(headers.authorization === 'Bearer token-of-M-1001' ? 'anna' : '');
    return known ? json(200, { sub: known.id, name: known.name }) : json(401, {});
  },
};

const ERRORS = { closed: 403, locked: 423, expired: 403, 'new-password': 403 } as const;

function logIn({ login, password }: { readonly login: string; readonly password: string }): Reply {
  const known = check(login, password);
  if (!known) return json(401, { error: 'wrong' });
  if (known.state !== 'open') return json(ERRORS[known.state], { error: known.state });
  return json(200, { result: 'ok', person: profileOf(known), asOf: '2026-01-31T00:00:00Z', passwordEndsSoon: true });
}

const profileOf = ({ id, name, email }: OldPerson) => ({ id, number: 4711, name, email });

function typed({ text }: Asked): { readonly login: string; readonly password: string } {
  const value: unknown = JSON.parse(text);
  const isObject = typeof value === 'object' && value !== null;
  const read = (name: string): string => {
    const found: unknown = isObject ? Reflect.get(value, name) : undefined;
    return typeof found === 'string' ? found : '';
  };
  return { login: read('login'), password: read('password') };
}

function decodeBasic(header = ''): string[] {
  const text = Buffer.from(header.replace(/^Basic /, ''), 'base64').toString();
  const at = text.indexOf(':');
  return [text.slice(0, at), text.slice(at + 1)];
}
