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
    const [live, ready] = await Promise.all([
      request(app.issuer).get('/health/live'),
      request(app.issuer).get('/health/ready'),
    ]);
    expect([live.status, ready.status]).toEqual([200, 200]);
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
    const subjectMap = 'urn:fdc:latchkey:2026:grant-type:subject-map';
    expect(new Set(body.grant_types_supported)).toEqual(new Set(['authorization_code', 'refresh_token', subjectMap]));
    expect(body).toMatchObject({
      security_events_supported: ['urn:fdc:latchkey:2026:event:subject-changed'],
      security_event_delivery_methods_supported: ['urn:ietf:rfc:8935'],
    });
    expect(new Set(body.id_token_signing_alg_values_supported)).toEqual(new Set(['ES256', 'RS256']));
  });

  it('D25: publishes public keys only, two of each algorithm, and lets them be cached', async () => {
    const { body, headers } = await request(app.issuer).get('/.well-known/jwks.json').expect(200);
    const keys: { alg: string }[] = body.keys;
    expect(keys.map((key) => key.alg).toSorted()).toEqual(['ES256', 'ES256', 'RS256', 'RS256']);
    expect(keys.every((key) => !('d' in key))).toBe(true);
    expect(headers['cache-control']).toBe('public, max-age=600');
  });
});
