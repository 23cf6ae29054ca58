import { randomBytes } from 'node:crypto';
import { errors, type ErrorOut, type KoaContextWithOIDC } from 'oidc-provider';
import { pagePolicy } from '../../platform/http/content-security-policy.ts';
import type { PageData, Pages } from '../../platform/pages/create-pages.ts';
import { pickLanguage } from '../../platform/pages/pick-language.ts';
import { ROUTES } from './routes.ts';

/** Pages that the protocol library asks for: they are written to its own context, not through the page routes. */
export interface ProtocolPages {
  readonly error: (ctx: KoaContextWithOIDC, out: ErrorOut, error: Error) => Promise<void>;
  /** For a store that is away. */
  readonly outage: (ctx: KoaContextWithOIDC, retryAfterSeconds: number) => void;
  readonly confirmSignOut: (ctx: KoaContextWithOIDC, form: string) => Promise<void>;
  readonly signedOut: (ctx: KoaContextWithOIDC) => Promise<void>;
}

const SIGNED_OUT_PATH = '/signed-out';
/** Pages are never stored (no-store), so what a browser may still hold is what scripts put there (C12). */
const CLEAR_SITE_DATA = ['Clear-Site-Data', '"storage"'] as const;

export function createProtocolPages(pages: Pages): ProtocolPages {
  const send = (ctx: KoaContextWithOIDC, template: string, data: PageData): void => {
    const nonce = randomBytes(16).toString('base64url');
    const redirectTarget = ctx.oidc.session?.state?.['postLogoutRedirectUri'];
    const formAction = typeof redirectTarget === 'string' ? [new URL(redirectTarget).origin] : [];
    const language = languageOf(ctx);
    ctx.type = 'html';
    ctx.body = pages.render(template, { ...data, language, nonce, query: ctx.search });
    ctx.set('Content-Security-Policy', pagePolicy({ nonce, formAction }));
    ctx.set('Cache-Control', 'no-store');
    ctx.set('Content-Language', language);
  };

  return {
    async error(ctx, out, error) {
      if (isDoubtfulSignOut(ctx)) {
        ctx.status = 303;
        ctx.redirect(ROUTES.end_session);
        return;
      }
      send(ctx, 'oidc/provider/protocol-error.njk', {
        code: out.error,
        expired: error instanceof errors.SessionNotFound,
        reference: referenceOf(ctx),
      });
    },
    outage(ctx, retryAfter) {
      send(ctx, 'error.njk', { kind: 'unavailable', reference: referenceOf(ctx), retryAfter });
    },
    async confirmSignOut(ctx, form) {
      if (provesSession(ctx)) {
        await signOutNow(ctx);
        return;
      }
      send(ctx, 'oidc/provider/confirm-sign-out.njk', {
        action: /action="([^"]+)"/.exec(form)?.[1] ?? '',
        xsrf: /value="([^"]+)"/.exec(form)?.[1] ?? '',
        serviceName: ctx.oidc.client?.clientName,
      });
    },
    async signedOut(ctx) {
      ctx.set(...CLEAR_SITE_DATA);
      ctx.status = 303;
      ctx.redirect(SIGNED_OUT_PATH);
    },
  };
}

function referenceOf(ctx: KoaContextWithOIDC): string {
  return String(ctx.res.getHeader('x-request-id') ?? '');
}

/**
 * A sign-out request whose hint, service or address does not hold (X12). The citizen, who did want to sign out, is asked
 * without it; a request with doubled parameters is refused like any other (D22).
 */
function isDoubtfulSignOut(ctx: KoaContextWithOIDC): boolean {
  if (ctx.path !== ROUTES.end_session || ctx.search === '' || ctx.status >= 500) return false;
  const names = [...new URLSearchParams(ctx.search).keys()];
  return new Set(names).size === names.length;
}

/** An `id_token_hint` of this very session: the service knows whom it signs out, so nobody needs to be asked (D15). */
function provesSession({ oidc }: KoaContextWithOIDC): boolean {
  const { header, payload } = oidc.entities.IdTokenHint ?? {};
  // A logout token bears the same claims, but is none (D13).
  if (header?.['typ'] !== undefined && header['typ'] !== 'JWT') return false;
  const sid = payload?.['sid'];
  return typeof sid === 'string' && oidc.client !== undefined && oidc.session?.sidFor(oidc.client.clientId) === sid;
}

async function signOutNow(ctx: KoaContextWithOIDC): Promise<void> {
  const { session, provider } = ctx.oidc;
  const { postLogoutRedirectUri, state } = session?.state ?? {};
  await session?.destroy();
  const secure = ctx.oidc.issuer.startsWith('https:');
  ctx.cookies.set(provider.cookieName('session'), null, {
    path: '/',
    httpOnly: true,
    sameSite: 'lax',
    signed: true,
    secure,
  });
  ctx.set(...CLEAR_SITE_DATA);
  const target = new URL(
    typeof postLogoutRedirectUri === 'string' ? postLogoutRedirectUri : SIGNED_OUT_PATH,
    ctx.oidc.issuer,
  );
  if (typeof state === 'string') target.searchParams.set('state', state);
  ctx.status = 303;
  ctx.redirect(target.href);
}

function languageOf(ctx: KoaContextWithOIDC): 'en' | 'cy' {
  const { lng, ui_locales: uiLocales } = ctx.query;
  return pickLanguage({
    switched: lng,
    remembered: ctx.cookies.get('__Host-lng') ?? ctx.cookies.get('lng'),
    uiLocales: typeof uiLocales === 'string' ? uiLocales.split(' ') : undefined,
    acceptLanguage: ctx.get('accept-language'),
  });
}
