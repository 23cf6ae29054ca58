import { errors, Provider } from 'oidc-provider';
import type { KeyRing } from '../../platform/crypto/key-ring.ts';
import type { Database } from '../../platform/postgres/database.ts';
import { digestOf } from './artefact-storage.ts';
import { moveGrants } from './grants.ts';
import { requestedClientId, requestMemory } from './request-memory.ts';
import { isRecord } from './sealed-json.ts';
import type { SessionCopies } from './session-copies.ts';
import {
  copyOfPayload,
  findSessionKey,
  forgetRenamedSession,
  grantIdsOf,
  isSameSession,
  lockSession,
  readSession,
  type SessionPayload,
  servicesOf,
  type StoredSession,
  writeSession,
} from './sessions.ts';
import { isAway, type TellRedis } from './tell-redis.ts';

/** A sliding end that moved by less is not written: this, or a tenth of what is left. */
const TOUCH_MS = 60_000;
/** The end in Postgres may lag this much, or a quarter; read from there after a loss of Redis, a session ends earlier. */
const SAVE_MS = 300_000;

export interface SessionStorage {
  find(id: string): Promise<SessionPayload | undefined>;
  findByUid(uid: string): Promise<SessionPayload | undefined>;
  /** Writes through to Postgres when the session begins, gains a service, or is renamed; else to Redis, once a minute. */
  save(id: string, payload: SessionPayload, renamedFrom: string | undefined): Promise<void>;
}

interface Deps {
  readonly db: Database;
  readonly keyRing: KeyRing;
  readonly copies: SessionCopies;
  readonly tellRedis: TellRedis;
  readonly now: () => Date;
}

export const sessionKeyOf = (id: string): Buffer => digestOf('Session', id);

export function createSessionStorage(deps: Deps): SessionStorage {
  const { db, keyRing, copies, now } = deps;

  const find = async (id: string): Promise<SessionPayload | undefined> => {
    const memory = requestMemory();
    const sessionKey = sessionKeyOf(id);
    const clientId = requestedClientId();
    let copy: Awaited<ReturnType<SessionCopies['read']>> = {};
    try {
      copy = await copies.read(sessionKey, clientId);
    } catch (error) {
      if (!isAway(error)) throw error;
    }
    const stored = copy.session ?? (await readSession(db, keyRing, sessionKey, now()));
    if (!stored) return undefined;
    memory.sessions.set(id, stored);
    if (!copy.session) memory.lacksCopy = true;
    const grantId = servicesOf(stored.payload).find((service) => service.clientId === clientId)?.grantId;
    if (copy.grant && grantId !== undefined && copy.grant.payload['jti'] === grantId)
      memory.grants.set(grantId, copy.grant);
    // The library writes into what it is given: a copy, or a service that is gained would look as if it was there before.
    return { ...copyOfPayload(stored.payload), jti: id };
  };

  return {
    find,
    async findByUid(uid) {
      const sessionKey = await findSessionKey(db, uid);
      const stored = sessionKey && (await readSession(db, keyRing, sessionKey, now()));
      return stored?.payload;
    },
    async save(id, { jti: _jti, ...rest }, renamedFrom) {
      const payload = asSessionPayload(rest);
      const memory = requestMemory();
      const before = renamedFrom === undefined ? memory.sessions.get(id) : undefined;
      const at = now().getTime();
      const changed = !before || !isSameSession(before.payload, payload);
      const left = payload.exp * 1000 - at;
      const slid = before ? (payload.exp - before.payload.exp) * 1000 : left;
      const isTouched = slid > 0 && slid >= Math.min(TOUCH_MS, left / 10);
      if (!changed && !isTouched && memory.lacksCopy !== true) return;
      const write = changed || (isTouched && at - before.savedAt >= Math.min(SAVE_MS, left / 4));
      const touched = { payload, savedAt: write ? at : before.savedAt };
      const stored = write ? await writeThrough(deps, { id, renamedFrom, stored: touched }) : touched;
      memory.sessions.set(id, stored);
      await writeCopy(deps, { sessionKey: sessionKeyOf(id), stored, isNews: changed });
    },
  };
}

function asSessionPayload(rest: Record<string, unknown>): SessionPayload {
  const { uid, exp } = rest;
  if (typeof uid !== 'string' || typeof exp !== 'number') throw new TypeError('a session needs uid and exp');
  return { ...rest, uid, exp };
}

/**
 * Writes a session to Postgres. What this request read must still be live: a session that was ended meanwhile stays
 * ended (invariant I4), and what another request of the browser added meanwhile is kept.
 */
async function writeThrough(
  { db, keyRing, copies, tellRedis }: Deps,
  { id, renamedFrom, stored }: { id: string; renamedFrom: string | undefined; stored: StoredSession },
): Promise<StoredSession> {
  const sessionKey = sessionKeyOf(id);
  const oldKey = renamedFrom === undefined ? undefined : sessionKeyOf(renamedFrom);
  const wasRead = requestMemory().sessions.has(renamedFrom ?? id);
  const written = await db.transaction(async (tx) => {
    const row = wasRead ? await lockSession(tx, keyRing, oldKey ?? sessionKey) : undefined;
    if (wasRead && !row) throw new errors.LoginRequired('the session was ended');
    const merged = row ? { ...stored, payload: keepServices(row.payload, stored.payload) } : stored;
    if (oldKey) {
      await forgetRenamedSession(tx, oldKey, merged.payload.accountId);
      await moveGrants(tx, grantIdsOf(merged.payload), sessionKey);
    }
    await writeSession(tx, keyRing, { sessionKey, stored: merged });
    return merged;
  });
  if (oldKey) await tellRedis(() => copies.forget([oldKey]));
  return written;
}

/** Two tabs may sign in to two services at once: the one that writes last must not drop the other's. */
function keepServices(before: SessionPayload, after: SessionPayload): SessionPayload {
  const isLeaving = Provider.ctx?.oidc.route === 'end_session_confirm';
  if (isLeaving || before.accountId !== after.accountId || !isRecord(before['authorizations'])) return after;
  const known = isRecord(after['authorizations']) ? after['authorizations'] : {};
  return { ...after, authorizations: { ...before['authorizations'], ...known } };
}

/** A copy that cannot be written is no loss, but an older one that stays behind must not be believed any more. */
async function writeCopy(
  { copies, tellRedis }: Deps,
  { sessionKey, stored, isNews }: { sessionKey: Buffer; stored: StoredSession; isNews: boolean },
): Promise<void> {
  const known = requestMemory().grants;
  const grants = servicesOf(stored.payload).flatMap(({ clientId, grantId }) => {
    const grant = grantId === undefined ? undefined : known.get(grantId);
    return grant ? [{ clientId, grant }] : [];
  });
  const write = (): Promise<void> => copies.write(sessionKey, { session: stored, grants });
  if (isNews) return tellRedis(write);
  try {
    await write();
  } catch (error) {
    if (!isAway(error)) throw error;
  }
}
