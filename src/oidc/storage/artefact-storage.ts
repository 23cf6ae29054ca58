import { hash } from 'node:crypto';

/** A stored artefact: what the protocol library saved, and whether it was used. */
export interface StoredArtefact {
  readonly payload: Record<string, unknown>;
  readonly consumed: boolean;
}

/**
 * Where one-time and short-lived protocol artefacts live: codes, tokens, pushed requests, interactions, replay memory.
 * Two implementations answer alike (test/contract/oidc-storage). The storage makes one-time artefacts one-time: of any
 * number of parallel `consume` or `putOnce` calls over any number of nodes exactly one is told `true`.
 * Every method throws LatchkeyError `unavailable` when the store is away; absence is `undefined`, never an error.
 */
export interface ArtefactStorage {
  put(key: ArtefactKey, payload: Record<string, unknown>, ttlSeconds: number): Promise<void>;
  /** Insert-only. `false`: it was there already. */
  putOnce(key: ArtefactKey, payload: Record<string, unknown>, ttlSeconds: number): Promise<boolean>;
  find(key: ArtefactKey): Promise<StoredArtefact | undefined>;
  /** Marks as used. `false`: it was used before, is gone, or its grant was revoked. */
  consume(key: ArtefactKey, grantId: string | undefined): Promise<boolean>;
  remove(key: ArtefactKey): Promise<void>;
}

export interface ArtefactKey {
  readonly model: string;
  /** Hash of model and id: neither store can hand out a value that a client could present. */
  readonly digest: Buffer;
}

export function artefactKey(model: string, id: string): ArtefactKey {
  return { model, digest: digestOf(model, id) };
}

export function digestOf(model: string, id: string): Buffer {
  return hash('sha256', `${model}\0${id}`, 'buffer');
}
