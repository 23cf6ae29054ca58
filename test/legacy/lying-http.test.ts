import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createHash } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { formSettings, gatewaySettings, restSettings, soapSettings } from '../../demo/stand-ins/http/http-settings.ts';
import type { AdapterSettings } from '../../src/legacy/index.ts';
import { readPage } from '../../src/legacy/http/read-page.ts';
import { directlyAskedSystem } from '../support/directly-asked-system.ts';
import { makeAuthority, type Authority } from '../support/legacy-servers/certificates.ts';
import { PASSWORD } from '../support/legacy-servers/people.ts';
import { throwawayFolder, type ThrowawayFolder } from '../support/legacy-servers/throwaway-folder.ts';

// Answers that no honest system gives, to methods whose success is easily believed.

type Answer = (request: IncomingMessage, response: ServerResponse, body: string) => void;

let answer: Answer;
let asked: { method: string; url: string; body: string; headers: IncomingMessage['headers'] }[];
let baseUrl: string;
const server = createServer((request, response) => {
  let body = '';
  request.setEncoding('utf8').on('data', (chunk) => (body += String(chunk)));
  request.on('end', () => {
    asked.push({ method: request.method ?? '', url: request.url ?? '', body, headers: request.headers });
    answer(request, response, body);
  });
});
beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.close().closeAllConnections();
});
beforeEach(() => {
  asked = [];
});

const say = (type: string, body: string, status = 200): void => {
  answer = (_request, response) => void response.writeHead(status, { 'content-type': type }).end(body);
};
const signIn = async (settings: AdapterSettings, more: { secrets?: Record<string, string> } = {}) => {
  const system = directlyAskedSystem({ settings, ...more });
  onTestFinished(() => system.close());
  return system.answer({ login: settings.method === 'M12' ? '001234567890' : 'anna', password: PASSWORD });
};
const unavailable = (reason: string) => ({ outcome: 'unavailable', reason });

describe('M09: answers that are none', () => {
  const usual = (): AdapterSettings => ({ family: 'http', method: 'M09', url: `${baseUrl}/` });

  it.each([
    ['a page, with status 200', 200, '<p>{"id":"M-1"}</p>', 'garbage'],
    ['JSON that is called a page', 200, '<!-- -->{"id":"M-1"}', 'garbage'],
    ['a page, with status 401', 401, '<h1>Proxy: sign in</h1>', 'garbage'],
    ['a page, with status 502', 502, '<h1>Bad gateway</h1>', 'server-error'],
    ['a status that nobody described', 201, '{"id":"M-1"}', 'garbage'],
    ['too many questions', 429, '{}', 'refused-us'],
    ['not for us', 403, '{}', 'refused-us'],
    ['an error, in JSON', 503, '{"id":"M-1"}', 'server-error'],
    ['half of it', 200, '{"id":"M-1"', 'garbage'],
  ])('M09: %s', async (_what, status, body, reason) => {
    say(body.startsWith('<') ? 'text/html' : 'application/json', body, status);
    expect(await signIn(usual())).toEqual(unavailable(reason));
  });

  it('M09: JSON that is not UTF-8, or says that it is a page', async () => {
    answer = (_request, response) =>
      void response.writeHead(200, { 'content-type': 'application/json' }).end(Buffer.from('{"id":"M-é"}', 'latin1'));
    expect(await signIn(usual())).toEqual(unavailable('garbage'));
    for (const type of ['text/html', 'text/plain', 'application/jsonish']) {
      say(type, '{"id":"M-1"}');
      expect(await signIn(usual())).toEqual(unavailable('garbage'));
    }
  });

  it('M09: a key of the prototype, a list or an object is no key', async () => {
    for (const id of [
      '{"id":{"a":1}}',
      '{"id":["M-1"]}',
      '{"id":null}',
      '{"id":""}',
      '{"id":12345678901234567890}',
      '[]',
    ]) {
      say('application/json', id);
      expect(await signIn(usual())).toEqual({ outcome: 'refused', reason: 'identifier-missing' });
    }
    say('application/json', '{"id":"M-1"}');
    expect(await signIn({ ...usual(), key: { path: 'constructor.name.length' } } as AdapterSettings)).toEqual({
      outcome: 'refused',
      reason: 'identifier-missing',
    });
  });

  it('M09: where only a status is read, a page is no success', async () => {
    say('text/html', '<h1>Maintenance</h1>');
    const settings = { ...usual(), answers: 'status', key: 'login' } as AdapterSettings;
    expect(await signIn(settings)).toEqual(unavailable('garbage'));
  });

  it('M09: a redirect is no answer, and the password does not go where it leads', async () => {
    answer = (_request, response) => void response.writeHead(307, { location: `${baseUrl}/elsewhere` }).end();
    expect(await signIn(restSettings(baseUrl))).toEqual(unavailable('redirected'));
    expect(asked.map(({ url }) => url)).toEqual(['/log-in']);
  });

  it('M09: no password stands in an address, nor a name that nobody asked to have there', async () => {
    say('application/json', '{"id":"M-1"}');
    await signIn(usual());
    expect(asked).toMatchObject([
      { method: 'POST', url: '/', body: JSON.stringify({ login: 'anna', password: PASSWORD }) },
    ]);
  });
});

describe('M09: mutual TLS', () => {
  let folder: ThrowawayFolder;
  let authority: Authority;
  beforeAll(async () => {
    folder = await throwawayFolder('rest-tls');
    authority = await makeAuthority(folder.path, 'authority');
  });
  afterAll(() => folder.remove());

  it('M09: shows our certificate, and believes only the authority that is configured', async () => {
    const theirs = await authority.issue({ name: 'server', alternativeNames: 'IP:127.0.0.1', use: 'serverAuth' });
    const ours = await authority.issue({ name: 'latchkey', use: 'clientAuth' });
    const { certificate: cert, key } = theirs;
    const secure = createSecureServer({ cert, key, ca: authority.ca, requestCert: true, rejectUnauthorized: false });
    secure.on('request', (request: IncomingMessage, response: ServerResponse) => {
      request.resume();
      const { authorized } = request.socket as TLSSocket;
      response.writeHead(authorized ? 200 : 403, { 'content-type': 'application/json' }).end('{"id":"M-1"}');
    });
    secure.listen(0, '127.0.0.1');
    await once(secure, 'listening');
    onTestFinished(() => {
      secure.close().closeAllConnections();
    });
    const url = `https://127.0.0.1:${(secure.address() as AddressInfo).port}/`;
    const settings = { family: 'http', method: 'M09', url, ca: authority.ca } as const;
    const clientCertificate = { certificate: ours.certificate, keySecret: 'our-key' };
    expect(await signIn({ ...settings, clientCertificate }, { secrets: { 'our-key': ours.key } })).toMatchObject({
      identity: { accountKey: 'M-1' },
    });
    expect(await signIn(settings)).toEqual(unavailable('refused-us'));
    expect(await signIn({ family: 'http', method: 'M09', url })).toEqual(unavailable('bad-certificate'));
    const other = await makeAuthority(folder.path, 'other');
    expect(await signIn({ ...settings, ca: other.ca })).toEqual(unavailable('bad-certificate'));
    expect(await signIn({ ...settings, url: url.replace('127.0.0.1', 'localhost') })).toEqual(
      unavailable('bad-certificate'),
    );
  });
});

describe('M10: envelopes that are none', () => {
  const envelope = (body: string): string =>
    `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:o="urn:old:people"><s:Body>${body}</s:Body></s:Envelope>`;
  const good = '<o:LogInResponse><o:Result state="ok"><o:Number>M-1</o:Number></o:Result></o:LogInResponse>';
  const fault = '<s:Fault><faultcode>s:Server</faultcode><faultstring>down</faultstring></s:Fault>';

  it.each([
    ['an entity', `<!DOCTYPE a [<!ENTITY n "M-1">]>${envelope(good.replace('M-1', '&n;'))}`, 'garbage'],
    [
      'a file',
      `<!DOCTYPE a [<!ENTITY n SYSTEM "file:///etc/hostname">]>${envelope(good.replace('M-1', '&n;'))}`,
      'garbage',
    ],
    ['an instruction', `<?xml-stylesheet href="x"?>${envelope(good)}`, 'garbage'],
    [
      'another version',
      envelope(good).replace('http://schemas.xmlsoap.org/soap/envelope/', 'http://www.w3.org/2003/05/soap-envelope'),
      'garbage',
    ],
    ['two answers', envelope(good + good), 'garbage'],
    ['success beside a fault', envelope(fault + good), 'garbage'],
    ['a fault that is called 200', envelope(fault), 'server-error'],
    ['no envelope', good, 'garbage'],
    ['nothing in it', envelope(''), 'garbage'],
    ['something else', envelope('<o:Other/>'), 'garbage'],
  ])('E5, M10: %s', async (_what, body, reason) => {
    say('text/xml', body);
    expect(await signIn(soapSettings(baseUrl))).toEqual(unavailable(reason));
  });

  it('L18, M10: a comment does not cut a key in two; two keys are none', async () => {
    say('text/xml', envelope(good.replace('M-1', 'M-1<!-- -->.evil')));
    expect(await signIn(soapSettings(baseUrl))).toMatchObject({ identity: { accountKey: 'M-1.evil' } });
    say('text/xml', envelope(good.replace('</o:Result>', '<o:Number>M-2</o:Number></o:Result>')));
    expect(await signIn(soapSettings(baseUrl))).toEqual({ outcome: 'refused', reason: 'identifier-missing' });
  });

  it('M10: our own token is around the password of the person, which stands in the body', async () => {
    say('text/xml', envelope(good));
    const token = { of: 'us', password: 'text', user: 'latchkey', secret: 'ours' } as const;
    const body = '<o:LogIn xmlns:o="urn:old:people"><user>{login}</user><pass>{password}</pass></o:LogIn>';
    const settings = { ...soapSettings(baseUrl), token, body };
    expect(await signIn(settings, { secrets: { ours: 'our & password' } })).toMatchObject({
      identity: { accountKey: 'M-1' },
    });
    expect(asked[0]?.headers['soapaction']).toBe('"urn:old:people#LogIn"');
    expect(asked[0]?.body).toContain('<wsse:Username>latchkey</wsse:Username>');
    expect(asked[0]?.body).toContain('#PasswordText">our &amp; password</wsse:Password>');
    expect(asked[0]?.body).toContain(`<user>anna</user><pass>${PASSWORD}</pass>`);
  });

  it('M10: no digest is sent twice', async () => {
    say('text/xml', envelope(good));
    await signIn(soapSettings(baseUrl));
    await signIn(soapSettings(baseUrl));
    const parts = asked.map(({ body }) =>
      ['Nonce', 'Created', 'Password'].map((name) => body.match(new RegExp(`${name}[^>]*>([^<]+)</wss`))?.[1] ?? ''),
    );
    const [[nonce = '', , digest] = [], [another] = []] = parts;
    expect(nonce).not.toBe(another);
    const created = asked[0]?.body.match(/<wsu:Created>([^<]+)<\/wsu:Created><\/wsse:UsernameToken>/)?.[1] ?? '';
    const right = createHash('sha1').update(Buffer.from(nonce, 'base64')).update(created).update(PASSWORD);
    expect(digest).toBe(right.digest('base64'));
    expect(asked[0]?.body).not.toContain(PASSWORD);
  });
});

describe('M11: pages that have changed', () => {
  const honest = `<form action="/sign-in" method="post"><input type="hidden" name="csrf" value="t">
    <input name="user"><input name="pass" type="password"><button name="go" value="1">Sign in</button></form>`;
  const { shape } = readPage(honest, 'http://old.example/sign-in')?.forms[0] ?? { shape: '' };
  const settings = (): AdapterSettings => {
    const { form, ...others } = formSettings(baseUrl);
    return { ...others, form: { ...form, shape } };
  };
  const serve = (page: string, after: Answer): void => {
    answer = (request, response, body) => {
      if (request.method === 'POST' || request.url !== '/sign-in') after(request, response, body);
      else response.writeHead(200, { 'content-type': 'text/html', 'set-cookie': 'visit=1' }).end(page);
    };
  };
  const goTo =
    (location: string, status = 302, page = '<p id="member-number">M-1</p>'): Answer =>
    (request, response) =>
      request.method === 'POST'
        ? void response.writeHead(status, { location, 'set-cookie': 'visit=2' }).end()
        : void response.writeHead(200, { 'content-type': 'text/html' }).end(page);
  const stay =
    (page: string): Answer =>
    (_request, response) =>
      void response.writeHead(200, { 'content-type': 'text/html' }).end(page);

  it('M11: the page as it was', async () => {
    serve(honest, goTo('/account'));
    expect(await signIn(settings())).toMatchObject({ identity: { accountKey: 'M-1' } });
    expect(asked.map(({ method, url, headers }) => [method, url, headers.cookie])).toEqual([
      ['GET', '/sign-in', undefined],
      ['POST', '/sign-in', 'visit=1'],
      ['GET', '/account', 'visit=2'],
      ['GET', '/account', 'visit=2'],
    ]);
    expect(asked[1]?.body).toBe(new URLSearchParams({ csrf: 't', user: 'anna', pass: PASSWORD, go: '1' }).toString());
  });

  it.each([
    ['is sent elsewhere', honest.replace('/sign-in', '/collect')],
    ['is sent elsewhere by its button', honest.replace('<button', '<button formaction="/collect"')],
    ['has one more field', honest.replace('<input name="user">', '<input name="user"><input name="captcha">')],
    ['has one less', honest.replace('<input type="hidden" name="csrf" value="t">', '')],
    ['has a field outside', `${honest.replace('<form', '<form id="f"')}<input form="f" name="otp">`],
    ['is sent by GET', honest.replace('method="post"', '')],
    ['runs a script', honest.replace('<form', '<form onsubmit="hash()"')],
    ['is there twice', honest + honest],
    ['is away', '<h1>Sorry</h1>'],
  ])('M11: a form that %s gets no password', async (_what, page) => {
    serve(page, goTo('/account'));
    expect(await signIn(settings())).toMatchObject({ outcome: 'unavailable' });
    expect(asked.filter(({ method, body }) => method === 'POST' || body !== '')).toEqual([]);
  });

  it.each([
    ['by its address', honest.replace('"/sign-in"', '"http://127.0.0.1:1/sign-in"')],
    ['by its base', `<base href="http://127.0.0.1:1/">${honest}`],
  ])('M11: a form that is sent to another host, %s, gets no password', async (_what, page) => {
    serve(page, goTo('/account'));
    expect(await signIn(settings())).toEqual(unavailable('redirected'));
  });

  it('M11: a page with the mark and the form is no page of somebody signed in', async () => {
    serve(honest, goTo('/account', 302, `${honest}<p id="member-number">M-1</p>`));
    expect(
      await signIn({ ...formSettings(baseUrl), form: { ...formSettings(baseUrl).form, shape }, key: 'login' }),
    ).toEqual(unavailable('garbage'));
  });

  it.each([
    ['to another host', goTo('http://127.0.0.1:1/account'), 'redirected'],
    ['to another page', goTo('/account?next=x'), 'redirected'],
    ['with the password', goTo('/account', 307), 'redirected'],
    ['in a circle', goTo('/sign-in'), 'redirected'],
    ['to a page without the mark', goTo('/account', 302, '<h1>Maintenance</h1>'), 'garbage'],
    ['to the form again', goTo('/account', 302, `${honest}<p id="member-number">M-1</p>`), 'garbage'],
    ['nowhere, with an error page', stay('<h1>Error</h1><p id="member-number">0</p>'), 'garbage'],
    ['nowhere, with words of refusal on another page', stay('The user name or password is not right'), 'garbage'],
  ])('M11: after the post it leads %s: no sign-in, and nobody’s mistake', async (_what, after, reason) => {
    serve(honest, after);
    expect(await signIn(settings())).toEqual(unavailable(reason));
  });
});

describe('M12: steps that are none', () => {
  it.each([
    ['a second step without a session', '{"next":"access-code"}', 'garbage'],
    ['a session without end', JSON.stringify({ next: 'access-code', session: 'x'.repeat(3000) }), 'garbage'],
    ['a step that nobody described', '{"next":"set-up-your-phone"}', 'garbage'],
  ])('M12: %s', async (_what, body, reason) => {
    say('application/json', body);
    expect(await signIn(gatewaySettings(baseUrl))).toEqual(unavailable(reason));
  });
});
