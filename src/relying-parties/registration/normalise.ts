type Fields = Record<string, unknown>;

/**
 * Repairs what has only one meaning: spaces around values, doubled entries, absent lists and defaults. Never judges:
 * what it does not understand it passes on for the checks to name.
 */
export function normalise(metadata: unknown): unknown {
  if (!isFields(metadata)) return metadata;
  const given = Object.fromEntries(
    Object.entries(metadata).flatMap(([key, value]) => (isBlank(value) ? [] : [[key, tidy(value)]])),
  );
  const fields: Fields = {
    kind: 'service',
    postLogoutRedirectUris: [],
    authMethod: 'private_key_jwt',
    idTokenAlg: 'ES256',
    claims: [],
    levels: ['Cl'],
    pkce: 'required',
    refreshTokens: false,
    sources: [],
    highSecurity: false,
    ...given,
  };
  fields['scopes'] ??= fields['refreshTokens'] === true ? ['openid', 'offline_access'] : ['openid'];
  fields['sector'] ??= onlyHost(fields['redirectUris']);
  if (fields['sector'] === undefined) delete fields['sector'];
  if (typeof fields['sector'] === 'string') fields['sector'] = fields['sector'].toLowerCase();
  return fields;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isBlank(value: unknown): boolean {
  return value === undefined || value === null || (typeof value === 'string' && value.trim() === '');
}

function tidy(value: unknown): unknown {
  if (typeof value === 'string') return value.trim();
  if (Array.isArray(value)) return tidyList(value);
  if (!isFields(value) || 'keys' in value) return value;
  return Object.fromEntries(Object.entries(value).flatMap(([key, item]) => (isBlank(item) ? [] : [[key, tidy(item)]])));
}

function tidyList(values: readonly unknown[]): unknown[] {
  return [...new Set(values.map(tidy))];
}

/** The sector that follows from the redirect addresses, when they share one host (OIDC Core §8.1). */
function onlyHost(uris: unknown): string | undefined {
  if (!Array.isArray(uris)) return undefined;
  const hosts = new Set(uris.map((uri) => (typeof uri === 'string' ? URL.parse(uri)?.hostname : undefined)));
  const [host] = hosts;
  return hosts.size === 1 ? host : undefined;
}
