import { randomUUID } from 'node:crypto';
import { type Reply, startSmallServer } from '../small-server.ts';
import { check, type OldPerson } from './old-people.ts';

export interface GatewayStandIn {
  readonly baseUrl: string;
  /** What it would send to a telephone. */
  readonly code: string;
  stop: () => Promise<void>;
}

const CODE = '204060';

const json = (status: number, value: unknown): Reply => ({
  status,
  type: 'application/json',
  body: JSON.stringify(value),
});

/** An old gateway: a user id of twelve digits and a password, then an access code (M12). */
export async function startGatewayStandIn({ port = 0 }: { readonly port?: number } = {}): Promise<GatewayStandIn> {
  const sessions = new Map<string, OldPerson>();
  const server = await startSmallServer(port, ({ path, text }) => {
    const said: unknown = text === '' ? {} : JSON.parse(text);
    const read = (name: string): string => {
      const found: unknown = typeof said === 'object' && said !== null ? Reflect.get(said, name) : '';
      return typeof found === 'string' ? found : '';
    };
    if (path === '/sign-in') return signIn(sessions, read('userId'), read('password'));
    if (path === '/code') return takeCode(sessions, read('session'), read('code'));
    return json(404, { error: 'no such page' });
  });
  return { ...server, code: CODE };
}

function signIn(sessions: Map<string, OldPerson>, userId: string, password: string): Reply {
  const known = check(userId, password);
  if (!known) return json(401, { error: 'wrong' });
  if (known.state !== 'open') return json(403, { error: known.state });
  if (known.id === 'C-3') return json(200, done(known));
  const session = randomUUID();
  sessions.set(session, known);
  return json(200, { next: 'access-code', session });
}

function takeCode(sessions: Map<string, OldPerson>, session: string, code: string): Reply {
  const known = sessions.get(session);
  if (!known) return json(403, { error: 'expired' });
  if (code !== CODE) return json(401, { error: 'wrong-code' });
  sessions.delete(session);
  return json(200, done(known));
}

const done = ({ id, name }: OldPerson) => ({
  next: 'none',
  credentialId: id,
  name,
  affinity: id === 'C-2' ? 'Agent' : 'Individual',
});
