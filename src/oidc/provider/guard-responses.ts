import { hash } from 'node:crypto';
import type { KoaContextWithOIDC, Provider } from 'oidc-provider';
import { LatchkeyError } from '../../platform/failure/latchkey-error.ts';
import { JWKS_MAX_AGE_SECONDS } from '../signing-keys/rotate-keys.ts';

const INLINE_SCRIPT = /<script>([\s\S]*?)<\/script>/;
const FORM_ACTION = /<form[^>]* action="([^"]+)"/;

/** What is put right on every protocol answer: outages as 503, the form_post page's policy, cacheable keys. */
export function guardResponses(provider: Provider): void {
  const outages = new WeakSet<object>();
  provider.on('server_error', (ctx: KoaContextWithOIDC, error: unknown) => {
    if (error instanceof LatchkeyError && error.statusCode === 503) outages.add(ctx);
  });

  provider.use(async (ctx, next) => {
    await next();
    if (outages.has(ctx)) describeOutage(ctx);
    if (typeof ctx.body === 'string' && ctx.type === 'text/html') allowFormPost(ctx, ctx.body);
    if (ctx.path.startsWith('/.well-known/') && ctx.status === 200) {
      ctx.set('Cache-Control', `public, max-age=${JWKS_MAX_AGE_SECONDS}`);
    }
  });
}

interface Answer {
  body: unknown;
  status: number;
  type: string;
  set(name: string, value: string): void;
}

/** A store that is away is never the client's mistake (design rule 19). */
function describeOutage(ctx: Answer): void {
  ctx.status = 503;
  ctx.set('Retry-After', '5');
  if (typeof ctx.body === 'object') {
    ctx.body = { error: 'temporarily_unavailable', error_description: 'a store is away, try again in a moment' };
  }
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
  ];
  ctx.set('Content-Security-Policy', policy.join('; '));
}
