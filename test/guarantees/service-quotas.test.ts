import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { protocolApp, type ProtocolApp, type TestClient } from '../support/protocol-app.ts';
import { authenticate, Browser, clientAssertion, post, send, signIn } from '../support/raw-client.ts';

const BURST = 20;

describe('what one service may ask', () => {
  let app: ProtocolApp;
  // It stands still unless it is moved, so that counts are exact however slow the machine is.
  const clock = { ms: Date.now() };
  beforeAll(async () => {
    app = await protocolApp({
      services: { quota: { perSecond: 2, burst: BURST } },
      now: () => new Date(clock.ms),
    });
  });
  afterAll(() => app.close());
  const ask = async (client: TestClient, path = '/introspect'): Promise<number> =>
    (await post(app.issuer, path, { token: 'nothing', ...(await authenticate(client, app.issuer)) })).status;
  const countOf = (statuses: readonly number[], status: number): number =>
    statuses.filter((one) => one === status).length;

  it('K9: a service at fifty times its quota is told to wait, and only that one', async () => {
    const wild = await app.register('rp-wild', { sector: 'wild.example' });
    const statuses: number[] = [];
    for (let count = 0; count < 50; count += 1) statuses.push(await ask(wild));
    expect([countOf(statuses, 200), countOf(statuses, 429)]).toEqual([BURST, 50 - BURST]);

    const url = new URL('/token', app.issuer);
    const form = { grant_type: 'authorization_code', code: 'x', ...(await authenticate(wild, app.issuer)) };
    const answer = await send(url, { form });
    expect(answer.status).toBe(429);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    expect(await answer.json()).toEqual({
      error: 'temporarily_unavailable',
      error_description: 'this service has asked too often, try again later',
    });
    expect((await signIn(app, new Browser(app.issuer), app.clients.jwt)).status).toBe(200);
  });

  it('K9: it goes on when it has waited', async () => {
    const patient = await app.register('rp-patient', { sector: 'patient.example' });
    for (let count = 0; count < BURST + 10; count += 1) await ask(patient, '/revoke');
    expect(await ask(patient, '/revoke')).toBe(429);
    clock.ms += 1000;
    for (const expected of [200, 200, 429]) expect(await ask(patient, '/revoke')).toBe(expected);
  });

  it('K9: a stranger who only names a service uses up nothing of its quota', async () => {
    const victim = await app.register('rp-victim', { sector: 'victim.example' });
    const forged = async (): Promise<number> => {
      const assertion = await clientAssertion(victim, app.issuer);
      const form = {
        token: 'nothing',
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: `${assertion.slice(0, -8)}AAAAAAAA`,
      };
      return (await post(app.issuer, '/introspect', form)).status;
    };
    const statuses = await Promise.all(Array.from({ length: BURST * 3 }, forged));
    expect(countOf(statuses, 401)).toBe(BURST * 3);
    expect(await ask(victim)).toBe(200);
  });
});
