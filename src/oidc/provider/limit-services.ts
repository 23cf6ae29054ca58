import { errors, type KoaContextWithOIDC, Provider } from 'oidc-provider';
import type { TokenBuckets } from '../../platform/http/token-buckets.ts';

/** Where services prove who they are. A browser that is sent to /authorize is not theirs to answer for. */
const LIMITED = new Set(['token', 'pushed_authorization_request', 'introspection', 'revocation']);

/**
 * Each service has its own quota, so that one that runs wild slows nobody but itself (K9). Only who proved to be the service
 * uses it up: anybody can name its client id. It is looked at before the proof, which is what costs.
 */
export function limitServices(provider: Provider, quotas: TokenBuckets): void {
  const { Client } = provider;
  const find = Client.find.bind(Client);
  Client.find = async (id) => {
    const { ctx } = Provider;
    if (ctx !== undefined && LIMITED.has(ctx.oidc.route)) {
      const wait = quotas.waitOf(id);
      if (wait > 0) {
        ctx.set('Retry-After', String(wait));
        throw tooManyRequests();
      }
    }
    return find(id);
  };

  provider.use(async (ctx: Answered, next) => {
    await next();
    const { oidc, status } = ctx;
    if (!oidc?.client || !LIMITED.has(oidc.route)) return;
    // Refused, or never got so far: not known to be the service.
    if (status === 401 || status === 429 || status >= 500) return;
    if (oidc.client.clientAuthMethod !== 'none') quotas.take(oidc.client.clientId);
  });
}

/** At an address that is none of the protocol's there is no `oidc`. */
interface Answered {
  readonly status: number;
  readonly oidc?: KoaContextWithOIDC['oidc'];
}

/** 429, as OAuth has no error code for it: what is said of a server that is busy fits best. */
function tooManyRequests(): Error {
  const error = new errors.OIDCProviderError(429, 'temporarily_unavailable');
  error.error_description = 'this service has asked too often, try again later';
  return error;
}
