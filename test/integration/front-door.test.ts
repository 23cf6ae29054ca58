import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { protocolApp, type ProtocolApp } from '../support/protocol-app.ts';

describe('the front door', () => {
  let app: ProtocolApp;
  beforeAll(async () => {
    app = await protocolApp();
  });
  afterAll(() => app.close());

  it('says that it lives and is ready', async () => {
    await request(app.issuer).get('/health/live').expect(200);
    await request(app.issuer).get('/health/ready').expect(200);
  });

  it('describes itself for services: everything it can, nothing it cannot', async () => {
    const { body } = await request(app.issuer).get('/.well-known/openid-configuration').expect(200);
    expect(body).toMatchObject({
      issuer: app.issuer,
      authorization_endpoint: `${app.issuer}/authorize`,
      token_endpoint: `${app.issuer}/token`,
      response_types_supported: ['code'],
      code_challenge_methods_supported: ['S256'],
      subject_types_supported: ['pairwise'],
      ui_locales_supported: ['en', 'cy'],
      backchannel_logout_supported: true,
      authorization_response_iss_parameter_supported: true,
      trustmarks: `${app.issuer}/trustmark`,
    });
    expect(body.grant_types_supported.toSorted()).toEqual(['authorization_code', 'refresh_token']);
    expect(body.id_token_signing_alg_values_supported.toSorted()).toEqual(['ES256', 'RS256']);
  });

  it('D25: publishes public keys only, two of each algorithm, and lets them be cached', async () => {
    const { body, headers } = await request(app.issuer).get('/.well-known/jwks.json').expect(200);
    expect(body.keys.map((key: { alg: string }) => key.alg).toSorted()).toEqual(['ES256', 'ES256', 'RS256', 'RS256']);
    expect(body.keys.every((key: object) => !('d' in key))).toBe(true);
    expect(headers['cache-control']).toBe('public, max-age=600');
  });
});
