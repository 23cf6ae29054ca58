import { exportJWK, generateKeyPair } from 'jose';
import * as oauth from 'oauth4webapi';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { protocolApp, type ProtocolApp, REDIRECT } from '../../support/protocol-app.ts';
import { authorize, Browser } from '../../support/raw-client.ts';

// oxlint-disable-next-line typescript/no-deprecated -- marked so that it stands out; tests are on loopback http
const insecure = { [oauth.allowInsecureRequests]: true };

let app: ProtocolApp;
let server: oauth.AuthorizationServer;
let auth: oauth.ClientAuth;
const client: oauth.Client = { client_id: 'strict-client', id_token_signed_response_alg: 'ES256' };

beforeAll(async () => {
  app = await protocolApp();
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  const jwk = { ...(await exportJWK(publicKey)), kid: 'stock', alg: 'ES256', use: 'sig' };
  await app.register(client.client_id, { jwks: { keys: [jwk] }, highSecurity: true, sector: 'strict.example' });
  auth = oauth.PrivateKeyJwt({ key: privateKey, kid: 'stock' });
  const issuer = new URL(app.issuer);
  server = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, insecure));
});
afterAll(() => app.close());

/** The strictest client library there is: it checks every header, claim and parameter that a specification names. */
describe('oauth4webapi', () => {
  it('signs in by a pushed request, checks issuer, nonce, state, hashes and signature, and refreshes', async () => {
    const verifier = oauth.generateRandomCodeVerifier();
    const [state, nonce] = [oauth.generateRandomState(), oauth.generateRandomNonce()];
    const pushed = await oauth.pushedAuthorizationRequest(
      server,
      client,
      auth,
      {
        response_type: 'code',
        redirect_uri: REDIRECT,
        scope: 'openid email offline_access',
        prompt: 'consent',
        code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        state,
        nonce,
        max_age: '3600',
      },
      insecure,
    );
    const { request_uri } = await oauth.processPushedAuthorizationResponse(server, client, pushed);
    const url = new URL(server.authorization_endpoint ?? '');
    url.search = new URLSearchParams({ client_id: client.client_id, request_uri }).toString();
    const callback = await authorize(new Browser(app.issuer), { url: url.href, verifier, nonce, state });

    const params = oauth.validateAuthResponse(server, client, callback, state);
    const answer = await oauth.authorizationCodeGrantRequest(
      server,
      client,
      auth,
      params,
      REDIRECT,
      verifier,
      insecure,
    );
    const tokens = await oauth.processAuthorizationCodeResponse(server, client, answer, {
      expectedNonce: nonce,
      maxAge: 3600,
      requireIdToken: true,
    });
    await oauth.validateApplicationLevelSignature(server, answer, insecure);
    expect(answer.headers.get('cache-control')).toContain('no-store');

    const { sub } = oauth.getValidatedIdTokenClaims(tokens) ?? { sub: '' };
    const info = await oauth.userInfoRequest(server, client, tokens.access_token, insecure);
    expect(await oauth.processUserInfoResponse(server, client, sub, info)).toMatchObject({
      email: 'citizen@example.org',
    });

    const refreshed = await oauth.refreshTokenGrantRequest(server, client, auth, tokens.refresh_token ?? '', insecure);
    const again = await oauth.processRefreshTokenResponse(server, client, refreshed);
    expect(again.refresh_token).not.toBe(tokens.refresh_token);

    const revoked = await oauth.revocationRequest(server, client, auth, again.refresh_token ?? '', insecure);
    await oauth.processRevocationResponse(revoked);
    const asked = await oauth.introspectionRequest(server, client, auth, again.access_token, insecure);
    expect(await oauth.processIntrospectionResponse(server, client, asked)).toMatchObject({ active: false });
  });

  it('R4 D6: an answer that names another issuer, or none, does not pass', async () => {
    const verifier = oauth.generateRandomCodeVerifier();
    const state = oauth.generateRandomState();
    const url = new URL(server.authorization_endpoint ?? '');
    const plain = app.clients.jwt.clientId;
    url.search = new URLSearchParams({
      client_id: plain,
      response_type: 'code',
      redirect_uri: REDIRECT,
      scope: 'openid',
      state,
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    }).toString();
    const callback = await authorize(new Browser(app.issuer), { url: url.href, verifier, nonce: '', state });
    const checked = { client_id: plain };
    expect(() => oauth.validateAuthResponse(server, checked, callback, state)).not.toThrow();
    for (const iss of ['https://evil.example', undefined]) {
      const mixed = new URL(callback);
      if (iss === undefined) mixed.searchParams.delete('iss');
      else mixed.searchParams.set('iss', iss);
      expect(() => oauth.validateAuthResponse(server, checked, mixed, state)).toThrow(/iss/);
    }
  });
});
