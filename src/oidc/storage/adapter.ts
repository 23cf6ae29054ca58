import { type Adapter, errors, Provider } from 'oidc-provider';
import { sectorOf } from '../provider/sector-of.ts';
import type { AccessTokens } from './access-tokens.ts';
import { artefactKey, type ArtefactStorage } from './artefact-storage.ts';
import type { ClientView } from './client-view.ts';
import type { ServiceAccess } from './end-access.ts';
import type { EndSessions } from './end-sessions.ts';
import type { GrantStorage } from './grant-storage.ts';
import type { StoredGrant } from './grants.ts';
import type { PerishableEpoch } from './perishable-epoch.ts';
import type { ReplayMemory } from './replay-memory.ts';
import { requestMemory } from './request-memory.ts';
import { isRecord } from './sealed-json.ts';
import { type SessionStorage, sessionKeyOf } from './session-storage.ts';

export interface ProtocolStorage {
  readonly clients: ClientView;
  readonly sessions: SessionStorage;
  readonly grants: GrantStorage;
  /** Durable artefacts: interactions, refresh tokens, everything that lives over a minute without a client key. */
  readonly durable: ArtefactStorage;
  /** Short-lived artefacts: Redis when there is one. */
  readonly perishable: ArtefactStorage;
  readonly accessTokens: AccessTokens;
  readonly replays: ReplayMemory;
  readonly epoch: PerishableEpoch;
  readonly endSessions: EndSessions;
  readonly access: ServiceAccess;
  readonly now: () => Date;
}

const PERISHABLE = new Set(['AuthorizationCode', 'PushedAuthorizationRequest']);

/** The protocol library's storage port: one adapter a model name. */
export function createAdapterFactory(storage: ProtocolStorage): (model: string) => Adapter {
  return (model) => {
    if (model === 'Client') return clientAdapter(storage);
    if (model === 'Session') return sessionAdapter(storage);
    if (model === 'Grant') return grantAdapter(storage);
    if (model === 'ReplayDetection') return replayAdapter(storage);
    if (model === 'AccessToken') return storage.accessTokens.adapter(REFUSE_ALL);
    return artefactAdapter(model, storage);
  };
}

type Payload = Record<string, unknown>;

/** What the library never asks of a model answers with an error, not with silence. */
const unsupported = (): Promise<never> => Promise.reject(new TypeError('this model has no such operation'));
const REFUSE_ALL: Adapter = {
  upsert: unsupported,
  find: unsupported,
  findByUserCode: unsupported,
  findByUid: unsupported,
  consume: unsupported,
  destroy: unsupported,
  revokeByGrantId: unsupported,
};

function clientAdapter({ clients }: ProtocolStorage): Adapter {
  return { ...REFUSE_ALL, find: (id) => clients.find(id) };
}

function sessionAdapter({ sessions, endSessions }: ProtocolStorage): Adapter {
  return {
    ...REFUSE_ALL,
    find: (id) => sessions.find(id),
    findByUid: (uid) => sessions.findByUid(uid),
    async upsert(id, payload: Payload) {
      await sessions.save(
        id,
        { ...payload, uid: String(payload['uid']), exp: Number(payload['exp']) },
        renamedFrom(id),
      );
    },
    async destroy(id) {
      // Before it saves a session under a new id the library destroys the old one: that is a renaming, done by `upsert`.
      if (id === oldSessionId()) return;
      await endSessions([sessionKeyOf(id)], 'signed-out');
    },
  };
}

function oldSessionId(): string | undefined {
  const session: unknown = Provider.ctx?.oidc.session;
  return isRecord(session) && typeof session['oldId'] === 'string' ? session['oldId'] : undefined;
}

function renamedFrom(id: string): string | undefined {
  const oldId = oldSessionId();
  return oldId === id || requestMemory().sessions.has(id) ? undefined : oldId;
}

function grantAdapter({ grants, now }: ProtocolStorage): Adapter {
  return {
    ...REFUSE_ALL,
    find: async (id) => (await grants.find(id))?.payload,
    async upsert(id, payload: Payload, expiresIn = 1) {
      const { client, session } = Provider.ctx?.oidc ?? {};
      const { accountId, clientId } = payload;
      if (!client || typeof accountId !== 'string' || typeof clientId !== 'string') {
        throw new TypeError('a grant is made in an authorization request, for an account');
      }
      await grants.save({
        grantId: id,
        payload,
        accountId,
        clientId,
        sector: sectorOf(client),
        sessionKey: session && sessionKeyOf(session.jti),
        expiresAt: new Date(now().getTime() + expiresIn * 1000),
      });
    },
    destroy: (id) => grants.revoke(id),
    revokeByGrantId: (grantId) => grants.revoke(grantId),
  };
}

function replayAdapter({ replays }: ProtocolStorage): Adapter {
  return {
    ...REFUSE_ALL,
    // The insert decides; a look before it would only be another round trip and a race.
    find: async () => undefined,
    async upsert(id, _payload, expiresIn = 1) {
      const fresh = await replays.remember(id, requestMemory().assertionIssuedAt, Math.max(1, expiresIn));
      if (!fresh) throw new errors.InvalidClientAuth('client assertion tokens must only be used once');
    },
  };
}

function artefactAdapter(model: string, storage: ProtocolStorage): Adapter {
  const { durable, perishable, epoch, grants } = storage;
  const artefacts = PERISHABLE.has(model) ? perishable : durable;
  const isCode = model === 'AuthorizationCode';

  return {
    ...REFUSE_ALL,
    async upsert(id, { jti: _jti, ...payload }: Payload, expiresIn = 1) {
      const body = isCode ? { ...payload, withGrant: grantOf(payload), epoch: epoch.epoch() } : payload;
      await artefacts.put(artefactKey(model, id), body, Math.max(1, expiresIn));
    },
    async find(id) {
      const key = artefactKey(model, id);
      const artefact = await artefacts.find(key);
      if (!artefact) return undefined;
      const { withGrant, epoch: writtenIn, ...payload } = artefact.payload;
      // A revocation since then may not have reached this store.
      if (isCode && writtenIn !== epoch.epoch()) return undefined;
      const grantId = typeof payload['grantId'] === 'string' ? payload['grantId'] : undefined;
      rememberGrant(grantId, withGrant);
      requestMemory().found.set(`${model} ${id}`, { key, grantId });
      return { ...payload, jti: id, ...(artefact.consumed ? { consumed: true } : {}) };
    },
    async consume(id) {
      const found = requestMemory().found.get(`${model} ${id}`);
      const { key, grantId } = found ?? { key: artefactKey(model, id), grantId: undefined };
      if (await artefacts.consume(key, grantId)) return;
      if (model === 'PushedAuthorizationRequest') throw new errors.InvalidRequestUri('request_uri was already used');
      throw new errors.InvalidGrant(`${model} was already used`);
    },
    destroy: (id) => artefacts.remove(artefactKey(model, id)),
    // One write: everything under the grant dies with it, because every use looks at the grant.
    revokeByGrantId: (grantId) => grants.revoke(grantId),
  };
}

function grantOf(payload: Payload): StoredGrant | undefined {
  const { grantId } = payload;
  return typeof grantId === 'string' ? requestMemory().grants.get(grantId) : undefined;
}

function rememberGrant(grantId: string | undefined, value: unknown): void {
  if (grantId === undefined || !isRecord(value)) return;
  const { payload, sub } = value;
  if (isRecord(payload) && typeof sub === 'string') requestMemory().grants.set(grantId, { payload, sub });
}
