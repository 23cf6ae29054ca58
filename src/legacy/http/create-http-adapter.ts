import type { AdapterContext, PasswordAdapter } from '../adapter.ts';
import { createFormPageAdapter } from './create-form-page-adapter.ts';
import { createGatewayAdapter } from './create-gateway-adapter.ts';
import { createPasswordGrantAdapter } from './create-password-grant-adapter.ts';
import { createRestAdapter } from './create-rest-adapter.ts';
import { createSoapAdapter } from './create-soap-adapter.ts';
import type { HttpSettings } from './settings.ts';

/** F2: the old system is asked by HTTP, with the secret in hand. */
export function createHttpAdapter(settings: HttpSettings, context: AdapterContext): PasswordAdapter {
  if (settings.method === 'M10') return createSoapAdapter(settings, context);
  if (settings.method === 'M11') return createFormPageAdapter(settings, context);
  if (settings.method === 'M12') return createGatewayAdapter(settings, context);
  return 'grant' in settings ? createPasswordGrantAdapter(settings, context) : createRestAdapter(settings, context);
}
