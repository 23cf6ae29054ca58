import { randomBytes } from 'node:crypto';
import { errors, type ErrorOut, type KoaContextWithOIDC } from 'oidc-provider';
import { pagePolicy } from '../../platform/http/content-security-policy.ts';
import type { PageData, Pages } from '../../platform/pages/create-pages.ts';
import { pickLanguage } from '../../platform/pages/pick-language.ts';

/** Pages that the protocol library asks for: they are written to its own context, not through the page routes. */
export interface ProtocolPages {
  readonly error: (ctx: KoaContextWithOIDC, out: ErrorOut, error: Error) => Promise<void>;
  readonly confirmSignOut: (ctx: KoaContextWithOIDC, form: string) => Promise<void>;
  readonly signedOut: (ctx: KoaContextWithOIDC) => Promise<void>;
}

const SIGNED_OUT_PATH = '/signed-out';

export function createProtocolPages(pages: Pages): ProtocolPages {
  const send = (ctx: KoaContextWithOIDC, template: string, data: PageData): void => {
    const nonce = randomBytes(16).toString('base64url');
    const redirectTarget = ctx.oidc.session?.state?.['postLogoutRedirectUri'];
    const formAction = typeof redirectTarget === 'string' ? [new URL(redirectTarget).origin] : [];
    const language = languageOf(ctx);
    ctx.type = 'html';
    ctx.body = pages.render(template, { ...data, language, nonce, query: ctx.search });
    ctx.set('Content-Security-Policy', pagePolicy({ nonce, formAction, imageSources: [] }));
    ctx.set('Cache-Control', 'no-store');
    ctx.set('Content-Language', language);
  };

  return {
    async error(ctx, out, error) {
      send(ctx, 'oidc/provider/protocol-error.njk', {
        code: out.error,
        expired: error instanceof errors.SessionNotFound,
        reference: String(ctx.res.getHeader('x-request-id') ?? ''),
      });
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
      ctx.status = 303;
      ctx.redirect(SIGNED_OUT_PATH);
    },
  };
}

/** An `id_token_hint` of this very session: the service knows whom it signs out, so nobody needs to be asked (D15). */
function provesSession({ oidc }: KoaContextWithOIDC): boolean {
  const sid = oidc.entities.IdTokenHint?.payload['sid'];
  return typeof sid === 'string' && oidc.client !== undefined && oidc.session?.sidFor(oidc.client.clientId) === sid;
}

async function signOutNow(ctx: KoaContextWithOIDC): Promise<void> {
  const { session, provider } = ctx.oidc;
  const { postLogoutRedirectUri, state } = session?.state ?? {};
  await session?.destroy();
  ctx.cookies.set(provider.cookieName('session'), null, { path: '/', httpOnly: true, sameSite: 'lax', signed: true });
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
