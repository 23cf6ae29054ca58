import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Citizen } from '../journeys/citizen.ts';
import { openHouse, type House } from '../journeys/harness.ts';
import { freePort } from '../support/free-port.ts';
import { authorizeRequest } from '../support/raw-client.ts';

const PNG = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');
const SVG = '<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>';

describe('D18: logos of services', () => {
  let house: House;
  let pictures: Server;
  let origin = '';
  const asked: { path: string; headers: NodeJS.Dict<string | string[]> }[] = [];
  const at = new Map<string, { status?: number; location?: string; body: Buffer | string }>([
    ['/logo.png', { body: PNG }],
    ['/logo.svg', { body: SVG }],
    ['/page.png', { body: '<!doctype html><title>Sign in</title><script>alert(1)</script>' }],
    ['/moved.png', { status: 302, location: '/logo.png', body: '' }],
    ['/huge.png', { body: Buffer.concat([PNG, Buffer.alloc(65_536)]) }],
    ['/gone.png', { status: 404, body: PNG }],
  ]);

  beforeAll(async () => {
    house = await openHouse();
    const port = await freePort();
    origin = `http://localhost:${port}`;
    pictures = createServer(({ url = '', headers }, response) => {
      asked.push({ path: url, headers });
      const { status = 200, location, body } = at.get(url) ?? { status: 500, body: '' };
      response.writeHead(status, { 'content-type': 'image/png', ...(location ? { location } : {}) }).end(body);
    });
    await new Promise<void>((resolve) => pictures.listen(port, '127.0.0.1', resolve));
  });
  afterAll(async () => {
    pictures.closeAllConnections();
    pictures.close();
    await house.close();
  });

  const register = async (clientId: string, path: string): Promise<void> => {
    const metadata = {
      name: { en: clientId },
      redirectUris: ['https://rp.example/callback'],
      authMethod: 'client_secret_post',
      scopes: ['openid'],
      sector: 'logos.example',
      logoUrl: `${origin}${path}`,
    };
    const department = { departmentId: 'housing', name: { en: 'Department for Housing' } };
    const done = await house.app.house.relyingParties.submit(
      { clientId, department, metadata },
      { actor: 'operator:test' },
    );
    if (done.outcome !== 'published') throw new Error(JSON.stringify(done));
  };
  const logoOf = (clientId: string): Promise<Response> => fetch(`${house.issuer}/service-logos/${clientId}`);

  it('a sign-in page names no other server, and the picture comes from us', async () => {
    await register('with-logo', '/logo.png');
    const citizen = new Citizen(house.issuer);
    const page = await citizen.get(
      authorizeRequest({ clientId: 'with-logo', redirectUri: 'https://rp.example/callback' }).url,
    );
    expect(page.headers.get('content-security-policy')).toContain("img-src 'self';");
    expect(page.html).not.toContain(origin);
    const [, src = ''] = /<img class="lk-header__logo" src="([^"]+)"/.exec(page.html) ?? [];
    expect(src).toBe('/service-logos/with-logo?v=1');

    const picture = await fetch(new URL(src, house.issuer), {
      headers: { cookie: 'session=secret', referer: page.url.href },
    });
    expect(picture.status).toBe(200);
    expect(picture.headers.get('content-type')).toBe('image/png');
    expect(Buffer.from(await picture.arrayBuffer())).toEqual(PNG);
    const [seen] = asked;
    expect(Object.keys(seen?.headers ?? {}).toSorted(), 'nothing of the citizen').toEqual([
      'accept',
      'connection',
      'host',
    ]);
  });

  it('many at once are one fetch, and it is kept', async () => {
    await register('busy-logo', '/logo.png');
    asked.length = 0;
    const answers = await Promise.all(Array.from({ length: 30 }, () => logoOf('busy-logo')));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 30 }, () => 200));
    await logoOf('busy-logo');
    // The address is the first test's: it may be known already.
    expect(asked.length).toBeLessThanOrEqual(1);
  });

  it('an SVG is sent with a policy under which nothing of it runs', async () => {
    await register('svg-logo', '/logo.svg');
    const answer = await logoOf('svg-logo');
    expect(answer.headers.get('content-type')).toBe('image/svg+xml');
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
  });

  it.each(['/page.png', '/moved.png', '/huge.png', '/gone.png', '/none.png'])('%s is not shown', async (path) => {
    const clientId = `bad${path.replaceAll(/[/.]/g, '-')}`;
    await register(clientId, path);
    asked.length = 0;
    expect((await logoOf(clientId)).status).toBe(404);
    expect((await logoOf(clientId)).status).toBe(404);
    expect(
      asked.map((one) => one.path),
      'asked once, and no redirect followed',
    ).toEqual([path]);
  });

  it('who is unknown or suspended has none', async () => {
    expect((await logoOf('nobody')).status).toBe(404);
    await house.app.house.relyingParties.suspend('with-logo', { actor: 'operator:test' });
    expect((await logoOf('with-logo')).status).toBe(404);
  });
});
