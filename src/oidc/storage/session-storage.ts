import type { KeyRing } from '../../platform/crypto/key-ring.ts';
import type { Database } from '../../platform/postgres/database.ts';
import { digestOf } from './artefact-storage.ts';
import { moveGrants, type StoredGrant } from './grants.ts';
import { requestedClientId, requestMemory } from './request-memory.ts';
import { isAway, type SessionCopies } from './session-copies.ts';
import {
  durableParts,
  findSessionKey,
  forgetRenamedSession,
  grantIdsOf,
  readSession,
  type SessionPayload,
  servicesOf,
  type StoredSession,
  writeSession,
} from './sessions.ts';

/** A session whose sliding end moved less than this ago is not written again. */
const TOUCH_MS = 60_000;
/** The sliding end in Postgres may lag this much; a session read from there after a loss of Redis ends that much earlier. */
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
    const grantId = servicesOf(stored.payload).find((service) => service.clientId === clientId)?.grantId;
    if (copy.grant && grantId !== undefined && copy.grant.payload['jti'] === grantId)
      memory.grants.set(grantId, copy.grant);
    return { ...stored.payload, jti: id };
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
      const changed = !before || durableParts(before.payload) !== durableParts(payload);
      if (!changed && at - before.touchedAt < TOUCH_MS) return;
      const write = changed || at - before.savedAt >= SAVE_MS;
      const stored = { payload, savedAt: write ? at : before.savedAt, touchedAt: at };
      if (write) await writeThrough(deps, { id, renamedFrom, stored });
      memory.sessions.set(id, stored);
      await writeCopy(copies, sessionKeyOf(id), stored, memory.grants);
    },
  };
}

function asSessionPayload(rest: Record<string, unknown>): SessionPayload {
  const { uid, exp } = rest;
  if (typeof uid !== 'string' || typeof exp !== 'number') throw new TypeError('a session needs uid and exp');
  return { ...rest, uid, exp };
}

async function writeThrough(
  { db, keyRing, copies }: Deps,
  { id, renamedFrom, stored }: { id: string; renamedFrom: string | undefined; stored: StoredSession },
): Promise<void> {
  const sessionKey = sessionKeyOf(id);
  const oldKey = renamedFrom === undefined ? undefined : sessionKeyOf(renamedFrom);
  await db.transaction(async (tx) => {
    if (oldKey) await forgetRenamedSession(tx, oldKey, stored.payload.accountId);
    await writeSession(tx, keyRing, { sessionKey, stored });
    await moveGrants(tx, grantIdsOf(stored.payload), sessionKey);
  });
  if (oldKey) await copies.forget([oldKey]);
}

/** A copy that cannot be written is no loss: Postgres has the session. */
async function writeCopy(
  copies: SessionCopies,
  sessionKey: Buffer,
  session: StoredSession,
  known: ReadonlyMap<string, StoredGrant>,
): Promise<void> {
  const grants = servicesOf(session.payload).flatMap(({ clientId, grantId }) => {
    const grant = grantId === undefined ? undefined : known.get(grantId);
    return grant ? [{ clientId, grant }] : [];
  });
  try {
    await copies.write(sessionKey, { session, grants });
  } catch (error) {
    if (!isAway(error)) throw error;
  }
}
