import type { AdapterPayload } from 'oidc-provider';
import { SUBJECT_MAP_GRANT } from '../signals/subject-map-grant.ts';
import type { RelyingParties, Service } from '../../relying-parties/index.ts';

/** The live version of a service as the protocol library wants it; undefined when unknown or suspended. */
export interface ClientView {
  find(clientId: string): Promise<AdapterPayload | undefined>;
}

const MOST_VIEWS = 10_000;

export function createClientView(relyingParties: RelyingParties): ClientView {
  /** One view a version, however often it is read again: what the library made of it, and its keys, stay with it. */
  const views = new Map<string, { readonly version: number; readonly view: AdapterPayload }>();
  return {
    async find(clientId) {
      const service = await relyingParties.find(clientId);
      if (!service || service.status !== 'live') return undefined;
      const known = views.get(clientId);
      if (known?.version === service.version) return known.view;
      if (views.size >= MOST_VIEWS) views.clear();
      const view = describe(service);
      views.set(clientId, { version: service.version, view });
      return view;
    },
  };
}

function describe({ clientId, metadata }: Service): AdapterPayload {
  const grantTypes = [
    'authorization_code',
    ...(metadata.refreshTokens ? ['refresh_token'] : []),
    // Who proves nothing at the token endpoint gets nothing but what a code gives.
    ...(metadata.authMethod === 'none' ? [] : [SUBJECT_MAP_GRANT]),
  ];
  return withoutUndefined({
    client_id: clientId,
    client_name: metadata.name.en,
    application_type: 'web',
    redirect_uris: [...metadata.redirectUris],
    post_logout_redirect_uris: [...metadata.postLogoutRedirectUris],
    response_types: ['code'],
    grant_types: grantTypes,
    token_endpoint_auth_method: metadata.authMethod,
    client_secret: metadata.secretHash,
    jwks: metadata.jwks,
    jwks_uri: metadata.jwksUri,
    id_token_signed_response_alg: metadata.idTokenAlg,
    subject_type: 'pairwise',
    backchannel_logout_uri: metadata.backchannelLogoutUri,
    backchannel_logout_session_required: metadata.backchannelLogoutUri === undefined ? undefined : true,
    scope: metadata.scopes.join(' '),
    // Own metadata, declared in `extraClientMetadata`.
    sector: metadata.sector,
    levels: metadata.levels,
    allowed_claims: metadata.claims,
    pkce: metadata.pkce,
    high_security: metadata.highSecurity,
    require_pushed_authorization_requests: metadata.highSecurity,
  });
}

function withoutUndefined(value: Record<string, unknown>): AdapterPayload {
  return Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined));
}
