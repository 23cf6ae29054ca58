import { SAML } from '@node-saml/node-saml';
import type { AdapterContext, Departed, Departure } from '../adapter.ts';
import type { Partner } from './partner.ts';
import type { SamlSettings } from './settings.ts';
import { writeState } from './state.ts';

/** Sends the browser away with an AuthnRequest, whose id comes back in the statement or it is not for us. */
export async function makeRequest(
  settings: SamlSettings,
  context: AdapterContext,
  { callbackUrl, handle, partner }: Departure & { readonly partner: Partner },
): Promise<Departed> {
  const requestId = `_${context.randomBytes(20).toString('hex')}`;
  const { requestKeySecret, requestedContexts, nameIdFormat, reauthenticate = true } = settings;
  const saml = new SAML({
    issuer: settings.serviceEntityId,
    callbackUrl,
    entryPoint: partner.signInUrl,
    // It wants one, and checks nothing with it here: answers are checked by ourselves.
    idpCert: 'none',
    generateUniqueId: () => requestId,
    identifierFormat: nameIdFormat ?? null,
    forceAuthn: reauthenticate,
    skipRequestCompression: settings.requestBinding === 'post',
    ...(requestedContexts ? { authnContext: requestedContexts } : { disableRequestedAuthnContext: true }),
    ...(requestKeySecret !== undefined && {
      privateKey: context.secret(requestKeySecret),
      signatureAlgorithm: 'sha256' as const,
      digestAlgorithm: 'sha256',
    }),
  });
  const state = writeState({ requestId, departedAt: context.now().toISOString() });
  if (settings.requestBinding !== 'post')
    return { outcome: 'redirect', url: await saml.getAuthorizeUrlAsync(handle, undefined, {}), state };
  const message = await saml.getAuthorizeMessageAsync(handle);
  const fields = Object.fromEntries(Object.entries(message).map(([name, value]) => [name, String(value)]));
  return { outcome: 'form', action: partner.signInUrl, fields, state };
}
