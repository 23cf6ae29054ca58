import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Citizen } from '../journeys/citizen.ts';
import { heading, type House, look, openHouse, press } from '../journeys/harness.ts';
import { rentPortal } from '../support/legacy-estate.ts';
import { type NginxEdge, startNginxEdge } from '../support/legacy-servers/nginx-edge.ts';
import { runTool } from '../support/legacy-servers/run-tool.ts';
import { send } from '../support/raw-client.ts';

const SECRET = 'edge-secret-of-the-tests';

describe('through a gateway that asks for a certificate, and back', () => {
  let house: House;
  let gateway: NginxEdge;
  beforeAll(async () => {
    house = await openHouse({ sourceSecrets: { gateway: SECRET } });
    const { host, port } = new URL(house.issuer);
    // Another name than ours: the browser sends it none of our cookies.
    gateway = await startNginxEdge({ upstream: `http://127.0.0.1:${port}`, host, forwardFailures: true });
    const definition = rentPortal({
      source: 'parking-permits',
      name: { en: 'Parking permits', cy: 'Trwyddedau parcio' },
      department: 'Department for Transport',
      sectors: ['parking.example'],
      firstSight: 'create',
      policy: { version: 2, proofs: ['redirect-assertion'], assurance: 'Cl.Cm' },
      adapter: {
        family: 'edge',
        method: 'M40',
        entryUrl: `${gateway.url}/old-sign-in/parking-permits/enter`,
        peers: [{ networks: ['127.0.0.1'], secret: { header: 'x-edge-secret', names: ['gateway'] } }],
        certificate: { header: 'ssl-client-cert', format: 'escaped-pem' },
        verdict: { header: 'ssl-client-verify', value: 'SUCCESS' },
        ca: gateway.peopleCa,
        identifier: { by: 'key' },
        revocation: { by: 'gateway' },
        limits: { floorMs: 0 },
      },
    });
    const added = await house.app.house.migration.sources.add(definition, { actor: 'operator:test' });
    if (added.outcome !== 'updated') throw new Error(JSON.stringify(added));
  });
  afterAll(async () => {
    await gateway.stop();
    await house.close();
  });

  let citizen: Citizen;
  beforeEach(async () => {
    citizen = await atTheDoor();
  });

  /** On the page with the way through the gateway. */
  async function atTheDoor(): Promise<Citizen> {
    const visitor = new Citizen(house.issuer);
    await visitor.start(house.rent);
    await visitor.open('old-service');
    await visitor.send({ source: 'parking-permits' });
    expect(visitor.at).toBe('old-account');
    return visitor;
  }

  const entryOf = ({ current }: Citizen): URL => {
    const href = new RegExp(`href="(${gateway.url}[^"]+)"`).exec(current.html)?.[1];
    return new URL(href?.replaceAll('&amp;', '&') ?? '');
  };

  /** What the browser does at the gateway; answers where it is sent. */
  async function pass(entry: URL, person?: keyof NginxEdge['people'], more: readonly string[] = []): Promise<string> {
    const card = person && gateway.people[person];
    const shown = card ? ['--cert', card.certificateFile, '--key', card.keyFile] : [];
    const report = ['-s', '-o', '/dev/null', '-w', '%{redirect_url}', '--cacert', gateway.caFile];
    return (await runTool('curl', [...report, ...shown, ...more, entry.href])).output;
  }

  const events = (reason: string) =>
    house.app.house.db.query({
      text: `SELECT 1 FROM audit_events WHERE type = 'legacy.proof-failed' AND body::text LIKE $1`,
      values: [`%"${reason}"%`],
    });

  it('M40: a certificate proves the old account in the journey that left for it', async () => {
    const back = await pass(entryOf(citizen), 'anna');
    expect(back, 'to our own name, where the cookie of the journey is').toMatch(
      new RegExp(`^${house.issuer}/sign-in/${citizen.uid}/old-account/return\\?kept=[A-Za-z0-9_-]{43}$`),
    );
    await citizen.get(back);
    expect(citizen.at).toBe('old-email');
  });

  it('M40: so it does in Chromium, which has asked which certificate to show', async () => {
    const { certificateFile, keyFile } = gateway.people.zoe;
    const card = { origin: gateway.url, certPath: certificateFile, keyPath: keyFile };
    const context = await house.visitor({ clientCertificates: [card], ignoreHTTPSErrors: true });
    const page = await context.newPage();
    await page.goto(`${house.rent.origin}/start`);
    await page.goto(page.url().replace(/[^/]+$/, 'old-service'));
    await page.getByLabel('Parking permits').check();
    await press(page, 'Continue');
    expect(await heading(page)).toBe('Sign in with your old account');
    await page.getByRole('button', { name: /Parking permits/ }).click();
    await page.waitForURL(/\/old-email$/);
    await look(page, 'old-email-after-gateway');
  });

  it('L8: an arrival is good once, even in its own journey', async () => {
    const back = await pass(entryOf(citizen), 'zoe');
    const kept = new URL(back).search;
    await citizen.get(back);
    const other = await atTheDoor();
    await other.get(`/sign-in/${other.uid}/old-account/return${kept}`);
    expect(other.at).toBe('old-account');
  });

  it('L7 L9 LA12: somebody who is led through with another’s handle signs in nobody there', async () => {
    // The attacker's link, opened in a browser that holds a card.
    const back = await pass(entryOf(citizen), 'carl');
    const victim = await atTheDoor();
    await victim.get(back);
    expect(victim.at, 'not their journey').not.toBe('old-email');
    const other = await atTheDoor();
    await other.get(`/sign-in/${other.uid}/old-account/return${new URL(back).search}`);
    expect(other.at).toBe('old-account');
    expect(other.problems.length).toBeGreaterThan(0);
  });

  it.each([
    ['headers of a browser that comes by itself', {}],
    ['a guessed secret', { 'x-edge-secret': 'edge-secret-of-somebody' }],
    ['an address that only a header says', { 'x-edge-secret': 'x', 'x-forwarded-for': '127.0.0.1' }],
  ])('L16: %s: nobody is let in, and the operator sees why', async (_, more) => {
    const entry = entryOf(citizen);
    const headers = {
      'ssl-client-verify': 'SUCCESS',
      'ssl-client-cert': encodeURIComponent(gateway.people.anna.certificate),
      ...more,
    };
    const answer = await send(new URL(`${house.issuer}${entry.pathname}${entry.search}`), { headers });
    expect(answer.status).toBe(303);
    const before = (await events('forged')).length;
    await citizen.get(answer.headers.get('location') ?? '');
    expect(citizen.at).toBe('old-account');
    expect(citizen.problems).toEqual([expect.stringContaining('did not lead to an old account')]);
    await expect.poll(async () => (await events('forged')).length).toBe(before + 1);
  });

  it.each(['revoked', 'expired', 'otherAuthority', undefined] as const)('M40: %s is let in nowhere', async (person) => {
    await citizen.get(await pass(entryOf(citizen), person));
    expect(citizen.at).toBe('old-account');
    expect(citizen.problems.length).toBe(1);
    expect(entryOf(citizen).search, 'the next try leaves anew').toContain('handle=');
  });

  it('one network cannot fill the table; all who come through the gateway are not one network', async () => {
    const { pathname, search } = entryOf(citizen);
    const url = new URL(`${house.issuer}${pathname}${search}`);
    const through = { 'x-edge-secret': SECRET };
    const enter = async (headers: Record<string, string>) => (await send(url, { headers })).status;
    let strangers = 0;
    while (strangers < 400 && (await enter({})) === 303) strangers += 1;
    expect(strangers).toBeLessThan(301);
    expect(await enter({ 'x-edge-secret': 'edge-secret-of-somebody' })).toBe(429);
    expect(await enter(through)).toBe(303);
  });

  it('a source that has no gateway has no such door', async () => {
    const entry = entryOf(citizen);
    const url = new URL(`${house.issuer}/old-sign-in/rent-portal/enter${entry.search}`);
    expect((await send(url, {})).headers.get('location')).toBeNull();
  });
});
