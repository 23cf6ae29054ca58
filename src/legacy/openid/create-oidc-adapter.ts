import type { AdapterContext, RedirectAdapter } from '../adapter.ts';
import { createOAuth1Adapter } from './create-oauth1-adapter.ts';
import { createOAuth2Adapter } from './create-oauth2-adapter.ts';
import { createOpenIdAdapter } from './create-openid-adapter.ts';
import type { OidcSettings } from './settings.ts';

export function createOidcAdapter(settings: OidcSettings, context: AdapterContext): RedirectAdapter {
  switch (settings.method) {
    case 'M20':
      return createOpenIdAdapter(settings, context);
    case 'M21':
      return createOAuth2Adapter(settings, context);
    case 'M22':
      return createOAuth1Adapter(settings, context);
    default:
      throw new Error('no such method');
  }
}
