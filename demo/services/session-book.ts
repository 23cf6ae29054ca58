import { randomBytes } from 'node:crypto';
import type { IDToken } from 'openid-client';

/** A person signed in to a demo service. Kept in memory: this is a demo. */
export interface ServiceSession {
  readonly id: string;
  readonly sub: string;
  readonly idToken: string;
  readonly claims: IDToken;
  readonly userInfo: Readonly<Record<string, unknown>>;
  readonly accessTokenSeconds: number | undefined;
  readonly silent: boolean;
  readonly tookMs: number;
  /** Set when Latchkey told us that the session is over. */
  endedAt?: Date;
}

/** A sign-in that has left for Latchkey and is not back yet. */
export interface PendingSignIn {
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
  readonly silent: boolean;
  readonly startedAt: number;
}

const MOST = 1000;

/** Keeps things by a random id that a cookie holds; forgets the oldest. */
export class Book<T> {
  readonly #entries = new Map<string, T>();

  add(make: (id: string) => T): string {
    const id = randomBytes(24).toString('base64url');
    this.#entries.set(id, make(id));
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > MOST && oldest !== undefined) this.#entries.delete(oldest);
    return id;
  }

  find(id: string | undefined): T | undefined {
    return id === undefined ? undefined : this.#entries.get(id);
  }

  take(id: string | undefined): T | undefined {
    const entry = this.find(id);
    if (id !== undefined) this.#entries.delete(id);
    return entry;
  }

  all(): Iterable<T> {
    return this.#entries.values();
  }
}
