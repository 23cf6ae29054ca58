import { hash } from 'node:crypto';
import type { KoaContextWithOIDC, Provider } from 'oidc-provider';
import { LatchkeyError } from '../../platform/failure/latchkey-error.ts';
import { JWKS_MAX_AGE_SECONDS } from '../signing-keys/rotate-keys.ts';
import type { ProtocolPages } from './protocol-pages.ts';

const INLINE_SCRIPT = /<script>([\s\S]*?)<\/script>/;
const FORM_ACTION = /<form[^>]* action="([^"]+)"/;
const RETRY_AFTER_SECONDS = 5;

/** What is put right on every protocol answer: outages as 503, the form_post page's policy, cacheable keys. */
export function guardResponses(provider: Provider, pages: ProtocolPages): void {
  const outages = new WeakMap<object, KoaContextWithOIDC>();
  provider.on('server_error', (ctx: KoaContextWithOIDC, error: unknown) => {
    if (error instanceof LatchkeyError && error.statusCode === 503) outages.set(ctx, ctx);
  });

  provider.use(async (ctx, next) => {
    await next();
    const outage = outages.get(ctx);
    if (outage) describeOutage(outage, pages);
    if (typeof ctx.body === 'string' && ctx.type === 'text/html') allowFormPost(ctx, ctx.body);
    if (ctx.path.startsWith('/.well-known/') && ctx.status === 200) {
      ctx.set('Cache-Control', `public, max-age=${JWKS_MAX_AGE_SECONDS}`);
      // Public to all, and the same for all: an echoed origin (`null`, too) would also keep it out of shared caches.
      ctx.set('Access-Control-Allow-Origin', '*');
      ctx.remove('Vary');
    }
  });
}

/**
 * A store that is away is never the client's mistake (design rule 19), and nobody is sent away with it: the address can
 * be tried again as it is.
 */
function describeOutage(ctx: KoaContextWithOIDC, pages: ProtocolPages): void {
  ctx.remove('Location');
  if (ctx.accepts('json', 'html') === 'html') pages.outage(ctx, RETRY_AFTER_SECONDS);
  else ctx.body = { error: 'temporarily_unavailable', error_description: 'a store is away, try again in a moment' };
  ctx.status = 503;
  ctx.set('Retry-After', String(RETRY_AFTER_SECONDS));
}

interface Answer {
  set(name: string, value: string): void;
}

/** The library's form_post page posts itself by an inline script: allow that script and that target, nothing else. */
function allowFormPost(ctx: Answer, body: string): void {
  const script = INLINE_SCRIPT.exec(body)?.[1];
  const action = FORM_ACTION.exec(body)?.[1];
  if (script === undefined || action === undefined || !URL.canParse(action)) return;
  const policy = [
    "default-src 'none'",
    `script-src 'sha256-${hash('sha256', script, 'base64')}'`,
    `form-action ${new URL(action).origin}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "object-src 'none'",
  ];
  ctx.set('Content-Security-Policy', policy.join('; '));
}
