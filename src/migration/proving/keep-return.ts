import { randomBytes } from 'node:crypto';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import type { KeyRing } from '../../platform/crypto/key-ring.ts';
import type { Database } from '../../platform/postgres/database.ts';

const Kept = Type.Record(Type.String(), Type.String());
const LIFETIME_MS = 5 * 60 * 1000;

/** `callback`: what any browser may send us. `arrival`: what the gateway in front of us says, written by us alone. */
export type ReturnKind = 'callback' | 'arrival';

export interface ReturnOf {
  readonly source: string;
  readonly kind: ReturnKind;
}

/**
 * What the page of an old system posted to us across sites. The browser sends no cookie with such a post, so nothing can
 * be believed of it yet: it is kept for one hop to a page of ours, to which the browser does send its cookie.
 */
export interface Returns {
  /** Gives the handle to redirect with. */
  keep(of: ReturnOf, parameters: Readonly<Record<string, string>>): Promise<string>;
  /** Once; undefined for a handle that is unknown, used, expired, of another source or kind. */
  take(of: ReturnOf, handle: string): Promise<Readonly<Record<string, string>> | undefined>;
}

export function createReturns({
  db,
  keyRing,
  now,
}: {
  readonly db: Database;
  readonly keyRing: KeyRing;
  readonly now: () => Date;
}): Returns {
  const keyOf = ({ source, kind }: ReturnOf, handle: string): Buffer =>
    keyRing.lookupKey('legacy-return', source, kind, handle);
  return {
    async keep(of, parameters) {
      const handle = randomBytes(32).toString('base64url');
      const key = keyOf(of, handle);
      const sealed = keyRing.seal('legacy-return', JSON.stringify(parameters), key.toString('base64url'));
      await db.query({
        text: 'INSERT INTO legacy_returns (return_key, payload_sealed, expires_at) VALUES ($1, $2, $3)',
        values: [key, sealed, new Date(now().getTime() + LIFETIME_MS)],
      });
      return handle;
    },
    async take(of, handle) {
      const key = keyOf(of, handle);
      const [row] = await db.query<{ payload_sealed: Buffer; expires_at: Date }>({
        text: 'DELETE FROM legacy_returns WHERE return_key = $1 RETURNING payload_sealed, expires_at',
        values: [key],
      });
      if (!row || row.expires_at <= now()) return undefined;
      const opened = keyRing.open('legacy-return', row.payload_sealed, key.toString('base64url'));
      return Value.Parse(Kept, JSON.parse(opened.toString()));
    },
  };
}
