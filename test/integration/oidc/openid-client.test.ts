import { exportJWK, generateKeyPair } from 'jose';
import * as client from 'openid-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { protocolApp, type ProtocolApp, REDIRECT, SIGNED_OUT } from '../../support/protocol-app.ts';
import { authorize, Browser } from '../../support/raw-client.ts';

/** The client library that most services in JavaScript use, as its documentation shows it, with nothing bent. */
let app: ProtocolApp;
let byKey: client.Configuration;
let bySecret: client.Configuration;

beforeAll(async () => {
  app = await protocolApp();
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  const jwk = { ...(await exportJWK(publicKey)), kid: 'stock', alg: 'ES256', use: 'sig' };
  await app.register('stock-key', { jwks: { keys: [jwk] }, sector: 'stock.example' });
  const { secret = '' } = await app.register('stock-secret', {
    authMethod: 'client_secret_post',
    idTokenAlg: 'RS256',
    sector: 'stock-two.example',
  });
  const discover = (id: string, metadata: Partial<client.ClientMetadata>, auth: client.ClientAuth) =>
    client.discovery(new URL(app.issuer), id, metadata, auth, {
      // oxlint-disable-next-line typescript/no-deprecated -- marked so that it stands out; tests are on loopback http
      execute: [client.allowInsecureRequests],
    });
  byKey = await discover(
    'stock-key',
    { id_token_signed_response_alg: 'ES256' },
    client.PrivateKeyJwt({ key: privateKey, kid: 'stock' }),
  );
  bySecret = await discover('stock-secret', { id_token_signed_response_alg: 'RS256' }, client.ClientSecretPost(secret));
  signingKey = privateKey;
});
afterAll(() => app.close());

let signingKey: CryptoKey;

interface Begun {
  readonly params: Record<string, string>;
  readonly checks: client.AuthorizationCodeGrantChecks;
}

async function begin(extra: Record<string, string> = {}): Promise<Begun> {
  const pkceCodeVerifier = client.randomPKCECodeVerifier();
  const [expectedState, expectedNonce] = [client.randomState(), client.randomNonce()];
  return {
    params: {
      redirect_uri: REDIRECT,
      scope: 'openid email',
      code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
      code_challenge_method: 'S256',
      state: expectedState,
      nonce: expectedNonce,
      ...extra,
    },
    checks: { pkceCodeVerifier, expectedState, expectedNonce, idTokenExpected: true },
  };
}

const visit = (url: URL, browser = new Browser(app.issuer)): Promise<URL> =>
  authorize(browser, { url: url.href, verifier: '', nonce: '', state: '' });

describe('openid-client 6', () => {
  it('discovers what there is', () => {
    const server = byKey.serverMetadata();
    expect(server).toMatchObject({
      issuer: app.issuer,
      response_types_supported: ['code'],
      code_challenge_methods_supported: ['S256'],
      subject_types_supported: ['pairwise'],
      backchannel_logout_supported: true,
      backchannel_logout_session_supported: true,
      authorization_response_iss_parameter_supported: true,
      claims_parameter_supported: true,
      request_parameter_supported: true,
      ui_locales_supported: ['en', 'cy'],
    });
    expect(server.response_modes_supported).toContain('form_post');
    expect(server.token_endpoint_auth_methods_supported).toEqual(
      expect.arrayContaining(['private_key_jwt', 'client_secret_post']),
    );
    expect(server.id_token_signing_alg_values_supported).toEqual(expect.arrayContaining(['ES256', 'RS256']));
    expect(server.grant_types_supported).not.toContain('implicit');
  });

  it.each(['key', 'secret'])('signs in with a %s, reads userinfo, and introspects', async (kind) => {
    const config = kind === 'key' ? byKey : bySecret;
    const { params, checks } = await begin();
    const callback = await visit(client.buildAuthorizationUrl(config, params));
    const tokens = await client.authorizationCodeGrant(config, callback, checks);
    const claims = tokens.claims();
    expect(claims?.['vot']).toBe('Cl');
    const person = await client.fetchUserInfo(config, tokens.access_token, claims?.sub ?? '');
    expect(person).toMatchObject({ email: 'citizen@example.org', email_verified: true });
    expect(await client.tokenIntrospection(config, tokens.access_token)).toMatchObject({ active: true });
    await client.tokenRevocation(config, tokens.access_token);
    expect(await client.tokenIntrospection(config, tokens.access_token)).toMatchObject({ active: false });
  });

  it('pushes its request (PAR)', async () => {
    const { params, checks } = await begin();
    const callback = await visit(await client.buildAuthorizationUrlWithPAR(byKey, params));
    await expect(client.authorizationCodeGrant(byKey, callback, checks)).resolves.toBeDefined();
  });

  it('signs its request (JAR)', async () => {
    const { params, checks } = await begin();
    const url = await client.buildAuthorizationUrlWithJAR(byKey, params, { key: signingKey, kid: 'stock' });
    const tokens = await client.authorizationCodeGrant(byKey, await visit(url), checks);
    expect(tokens.claims()?.['nonce']).toBe(checks.expectedNonce);
  });

  it('signs it and pushes it', async () => {
    const { params, checks } = await begin();
    const signed = await client.buildAuthorizationUrlWithJAR(byKey, params, { key: signingKey, kid: 'stock' });
    const url = await client.buildAuthorizationUrlWithPAR(byKey, signed.searchParams);
    await expect(client.authorizationCodeGrant(byKey, await visit(url), checks)).resolves.toBeDefined();
  });

  it('refreshes, and the old refresh token is of no use any more', async () => {
    const { params, checks } = await begin({ scope: 'openid offline_access', prompt: 'consent' });
    const callback = await visit(client.buildAuthorizationUrl(bySecret, params));
    const first = await client.authorizationCodeGrant(bySecret, callback, checks);
    const second = await client.refreshTokenGrant(bySecret, first.refresh_token ?? '');
    expect(second.claims()?.sub).toBe(first.claims()?.sub);
    await expect(client.refreshTokenGrant(bySecret, first.refresh_token ?? '')).rejects.toMatchObject({
      error: 'invalid_grant',
    });
  });

  it('takes the answer by form_post', async () => {
    const { params, checks } = await begin({ response_mode: 'form_post' });
    const browser = new Browser(app.issuer);
    const silent = await begin();
    await visit(client.buildAuthorizationUrl(byKey, silent.params), browser);
    const page = await (await browser.get(client.buildAuthorizationUrl(byKey, params).href)).text();
    const fields = [...page.matchAll(/name="(\w+)" value="([^"]*)"/g)].map(([, name = '', value = '']) => [
      name,
      value,
    ]);
    const posted = new Request(REDIRECT, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(fields),
    });
    await expect(client.authorizationCodeGrant(byKey, posted, checks)).resolves.toBeDefined();
  });

  it('is told the error, with our name on it', async () => {
    const { params, checks } = await begin({ prompt: 'none' });
    const callback = await visit(client.buildAuthorizationUrl(byKey, params));
    await expect(client.authorizationCodeGrant(byKey, callback, checks)).rejects.toMatchObject({
      error: 'login_required',
    });
  });

  it('signs out', async () => {
    const browser = new Browser(app.issuer);
    const { params, checks } = await begin();
    const callback = await visit(client.buildAuthorizationUrl(byKey, params), browser);
    const tokens = await client.authorizationCodeGrant(byKey, callback, checks);
    const url = client.buildEndSessionUrl(byKey, {
      id_token_hint: tokens.id_token ?? '',
      post_logout_redirect_uri: SIGNED_OUT,
    });
    const answer = await browser.get(url.href);
    expect(answer.headers.get('location')).toBe(SIGNED_OUT);
    expect(browser.cookies.has('session')).toBe(false);
  });
});
