import type { Adapter, Provider } from 'oidc-provider';
import { type CopySealer, createCopySealer } from '../../platform/crypto/copy-sealer.ts';
import type { KeyRing } from '../../platform/crypto/key-ring.ts';
import type { GrantStorage } from './grant-storage.ts';
import { parseRecord } from './sealed-json.ts';

/**
 * Access tokens carry what they stand for, sealed: opaque to everybody else, in no store, and so neither lost with Redis
 * nor a write and a wait of every sign-in. Every use looks at the grant in Postgres, so ending the grant ends them.
 */
export interface AccessTokens {
  /** Makes the provider's access tokens of this kind. */
  install(provider: Provider): void;
  adapter(refuseAll: Adapter): Adapter;
}

const CONTEXT = 'access-token';

export function createAccessTokens(keyRing: KeyRing, grants: GrantStorage, now: () => Date): AccessTokens {
  const sealer = createCopySealer(keyRing.derive('oidc-access-tokens'));
  return {
    install(provider) {
      const { prototype, IN_PAYLOAD } = provider.AccessToken;
      // The id of a token is what the client is given; the published types leave its maker out.
      Object.defineProperty(prototype, 'generateTokenId', {
        value(this: Token): string {
          // As the library's own maker does: its `save` reads the format afterwards.
          this.format = 'opaque';
          const iat = Math.floor(now().getTime() / 1000);
          const fields = IN_PAYLOAD.map((name): [string, unknown] => [name, this[name]]);
          const payload = { ...Object.fromEntries(fields), iat, exp: iat + this.expiration };
          return sealer.seal(JSON.stringify(payload), CONTEXT).toString('base64url');
        },
      });
    },
    adapter: (refuseAll) => ({
      ...refuseAll,
      upsert: async () => {},
      find: async (value) => open(sealer, value),
      // Nothing to delete: what a revocation ends is the grant, below.
      destroy: async () => {},
      revokeByGrantId: (grantId) => grants.revoke(grantId),
    }),
  };
}

interface Token extends Record<string, unknown> {
  readonly expiration: number;
  format: string;
}

function open(sealer: CopySealer, value: string): Record<string, unknown> | undefined {
  const sealed = Buffer.from(value, 'base64url');
  // One token has one spelling: the decoder would pass over stray characters.
  const json = sealed.toString('base64url') === value ? sealer.open(sealed, CONTEXT) : undefined;
  return json === undefined ? undefined : { ...parseRecord(json), jti: value };
}
