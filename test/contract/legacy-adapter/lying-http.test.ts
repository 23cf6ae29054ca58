import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  formSettings,
  gatewaySettings,
  restSettings,
  soapSettings,
} from '../../../demo/stand-ins/http/http-settings.ts';
import { selfSigned } from '../../../demo/stand-ins/self-signed.ts';
import type { AdapterSettings } from '../../../src/legacy/index.ts';
import { directlyAskedSystem } from '../../support/directly-asked-system.ts';
import { PASSWORD } from '../../support/legacy-servers/people.ts';
import { redirectedSystem } from '../../support/redirected-system.ts';

// F24: the cases that a real system is not made to stand: for every family that asks by HTTP while a citizen waits.

type Asked = { readonly outcome: string; readonly reason?: string };

const secrets = { client: 'client secret' };
const SILENT: ReadonlySet<string> = new Set(['says nothing', 'drips']);

/** As long as may be; where nothing comes, so short that the test need not wait. */
let limits = { timeoutMs: 4000 };

async function typed(settings: AdapterSettings): Promise<Asked> {
  const system = directlyAskedSystem({ settings: { ...settings, limits }, secrets });
  onTestFinished(() => system.close());
  return system.answer({ login: settings.method === 'M12' ? '001234567890' : 'anna', password: PASSWORD });
}

async function left(settings: AdapterSettings, parameters?: Readonly<Record<string, string>>): Promise<Asked> {
  const system = redirectedSystem({ settings: { ...settings, limits }, secrets });
  onTestFinished(() => system.close());
  if (!parameters) return system.tryToDepart();
  const journey = await system.depart();
  return journey.finish({ ...parameters, state: journey.handle });
}

const methods: Readonly<Record<string, (baseUrl: string) => Promise<Asked>>> = {
  M09: (baseUrl) => typed(restSettings(baseUrl)),
  'M09, password grant': (baseUrl) =>
    typed({
      family: 'http',
      method: 'M09',
      grant: 'password',
      url: `${baseUrl}/token`,
      clientId: 'latchkey',
      clientSecret: 'client',
      profile: { url: `${baseUrl}/userinfo` },
    }),
  M10: (baseUrl) => typed(soapSettings(baseUrl)),
  M11: (baseUrl) => typed(formSettings(baseUrl)),
  M12: (baseUrl) => typed(gatewaySettings(baseUrl)),
  M20: (baseUrl) =>
    left({
      family: 'oidc',
      method: 'M20',
      issuer: baseUrl,
      clientId: 'latchkey',
      authentication: { kind: 'client_secret_post', secret: 'client' },
    }),
  M21: (baseUrl) =>
    left(
      {
        family: 'oidc',
        method: 'M21',
        clientId: 'latchkey',
        authorizationUrl: `${baseUrl}/authorize`,
        tokenUrl: `${baseUrl}/token`,
        secret: 'client',
        audience: { url: `${baseUrl}/debug`, clientPath: 'client_id' },
        profileUrl: `${baseUrl}/me`,
        identifierPath: 'id',
      },
      { code: 'a-code' },
    ),
  M22: (baseUrl) =>
    left({
      family: 'oidc',
      method: 'M22',
      clientId: 'latchkey',
      secret: 'client',
      requestTokenUrl: `${baseUrl}/request`,
      authorizationUrl: `${baseUrl}/authorize`,
      accessTokenUrl: `${baseUrl}/access`,
      profileUrl: `${baseUrl}/me`,
      identifierPath: 'id',
    }),
  M23: (baseUrl) => left({ family: 'ticket', method: 'M23', baseUrl, identifier: 'user' }, { ticket: 'ST-1' }),
};

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close().closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const page = '<!doctype html><title>Sorry</title><h1>The service is not available</h1>';
const TYPES = ['application/json', 'text/xml', 'text/html'];

const liars: Readonly<Record<string, readonly [RequestListener, readonly string[]]>> = {
  'says 500': [(_request, response) => void response.writeHead(500).end(page), ['server-error', 'garbage']],
  'says 200, with an error page': [
    (_request, response) => void response.writeHead(200, { 'content-type': 'text/html' }).end(page),
    ['garbage', 'misconfigured', 'server-error'],
  ],
  'says nothing': [() => {}, ['timed-out']],
  drips: [
    (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': 1000 });
      const drip = setInterval(() => response.write(' '), 50);
      response.on('close', () => clearInterval(drip));
    },
    ['timed-out'],
  ],
  'hangs up': [(request) => void request.socket.destroy(), ['unreachable']],
  'speaks something else': [(request) => void request.socket.end('SSH-2.0-OpenSSH_9.2p1\r\n'), ['garbage']],
  'never ends': [
    (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const block = Buffer.alloc(65_536, ' ');
      const more = (): void => {
        while (!response.destroyed) if (!response.write(block)) return void response.once('drain', more);
      };
      more();
    },
    ['too-large'],
  ],
  'redirects in a circle': [
    (request, response) => void response.writeHead(302, { location: request.url ?? '/' }).end(),
    ['redirected', 'garbage', 'server-error', 'refused-us', 'misconfigured'],
  ],
  'sends a bomb of XML': [
    (_request, response) =>
      void response
        .writeHead(200, { 'content-type': 'text/xml' })
        .end('<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;"><!ENTITY d SYSTEM "file:///etc/passwd">]><a>&c;&d;</a>'),
    ['garbage', 'misconfigured', 'server-error'],
  ],
};

describe.each(Object.keys(methods))('F24: %s, where the old system', (method) => {
  const ask = async (baseUrl: string): Promise<Asked> => {
    const one = methods[method];
    if (!one) throw new Error(method);
    const began = performance.now();
    const answer = await one(baseUrl);
    expect(performance.now() - began).toBeLessThan(5000);
    return answer;
  };

  it.each(Object.keys(liars))('%s', async (name) => {
    const [listener, reasons] = liars[name] ?? [() => {}, []];
    limits = { timeoutMs: SILENT.has(name) ? 400 : 4000 };
    const answer = await ask(await serve(listener));
    expect(answer.outcome).toBe('unavailable');
    expect(reasons).toContain(answer.reason);
  });

  it.each(TYPES)('says nonsense, as %s', async (type) => {
    const listener: RequestListener = (_request, response) => {
      response.writeHead(200, { 'content-type': type }).end('\u0000\u0001{"id": <<<');
    };
    expect(await ask(await serve(listener))).toMatchObject({ outcome: 'unavailable' });
  });

  it('is dead', async () => {
    expect(await ask('http://127.0.0.1:1')).toEqual({ outcome: 'unavailable', reason: 'unreachable' });
  });

  it('has a certificate that nobody vouches for', async () => {
    const { key, certificate: cert } = selfSigned('old-system');
    const server = createSecureServer({ key, cert }, (_request, response) => response.end('{}')).listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => {
      server.close().closeAllConnections();
    });
    const { port } = server.address() as AddressInfo;
    expect(await ask(`https://127.0.0.1:${port}`)).toEqual({ outcome: 'unavailable', reason: 'bad-certificate' });
  });
});
