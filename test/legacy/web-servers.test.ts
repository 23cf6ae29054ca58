import { deflateRawSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeAuthority } from '../support/legacy-servers/certificates.ts';
import { formBrowser, type FormPage } from '../support/legacy-servers/form-browser.ts';
import { startLemonldap, type Lemonldap } from '../support/legacy-servers/lemonldap.ts';
import { startSimplesamlphp, type Simplesamlphp } from '../support/legacy-servers/simplesamlphp.ts';
import { throwawayFolder } from '../support/legacy-servers/throwaway-folder.ts';

// Nothing listens at a service: its address is where a sign-in ends.
const SERVICE = 'http://127.0.0.1:9/';

describe('simplesamlphp', () => {
  let server: Simplesamlphp;
  beforeAll(async () => {
    server = await startSimplesamlphp();
    await server.registerService({ entityId: 'urn:test:service', acsUrl: `${SERVICE}acs` });
    await server.registerFederationService({ realm: 'urn:test:realm', replyUrl: `${SERVICE}federation` });
  });
  afterAll(() => server.stop());

  const signIn = async (url: string, password: string): Promise<FormPage> => {
    const browser = formBrowser();
    return browser.submit(await browser.open(url), { username: server.people.anna.name, password });
  };
  const samlUrl = (): string => {
    const request = `<p:AuthnRequest xmlns:p="urn:oasis:names:tc:SAML:2.0:protocol" ID="_a1" Version="2.0"
      IssueInstant="${new Date().toISOString()}" Destination="${server.ssoUrl}">
      <Issuer xmlns="urn:oasis:names:tc:SAML:2.0:assertion">urn:test:service</Issuer></p:AuthnRequest>`;
    const query = new URLSearchParams({ SAMLRequest: deflateRawSync(request).toString('base64'), RelayState: 'r1' });
    return `${server.ssoUrl}?${query}`;
  };

  it('sends anna back with a SAML response of two signatures', async () => {
    const page = await signIn(samlUrl(), server.people.anna.password);
    expect(page.action).toBe(`${SERVICE}acs`);
    const response = Buffer.from(page.fields['SAMLResponse'] ?? '', 'base64').toString();
    expect(response).toContain('status:Success');
    expect(response).toContain('InResponseTo="_a1"');
    expect(response.match(/<ds:SignatureValue>/g)).toHaveLength(2);
  });

  it('encrypts the assertion for a service that wants it', async () => {
    const folder = await throwawayFolder('service');
    const authority = await makeAuthority(folder.path, 'authority');
    const { certificate } = await authority.issue({ name: 'service', use: 'clientAuth', rsa: true });
    const service = { entityId: 'urn:test:service', acsUrl: `${SERVICE}acs` };
    await server.registerService({ ...service, certificate, encryptAssertions: true });
    const page = await signIn(samlUrl(), server.people.anna.password);
    await server.registerService(service);
    await folder.remove();
    const response = Buffer.from(page.fields['SAMLResponse'] ?? '', 'base64').toString();
    expect(response).toContain('<saml:EncryptedAssertion>');
    expect(response).not.toContain('anna@legacy.test');
  });

  it('keeps anna at its form for a wrong password', async () => {
    const page = await signIn(samlUrl(), 'wrong');
    expect(page.fields).toHaveProperty('password');
  });

  it('sends anna back with a WS-Federation token', async () => {
    const query = new URLSearchParams({ wa: 'wsignin1.0', wtrealm: 'urn:test:realm', wctx: 'c1' });
    const page = await signIn(`${server.federationUrl}?${query}`, server.people.anna.password);
    expect(page.action).toBe(`${SERVICE}federation`);
    expect(page.fields).toMatchObject({ wa: 'wsignin1.0', wctx: 'c1' });
    expect(page.fields['wresult']).toMatch(/<saml:Audience>urn:test:realm<.*<ds:SignatureValue>/s);
  });
});

describe('lemonldap-ng', () => {
  let server: Lemonldap;
  const client = { id: 'client', secret: 'client-secret', redirectUri: `${SERVICE}callback` };
  beforeAll(async () => {
    server = await startLemonldap({ casServices: [`${SERVICE}cas`], oidcClients: [client] });
  });
  afterAll(() => server.stop());

  const signIn = async (url: string, person: { name: string; password: string }): Promise<URL> => {
    const browser = formBrowser();
    const page = await browser.open(url);
    return new URL((await browser.submit(page, { user: person.name, password: person.password }, SERVICE)).url);
  };
  const ask = async (url: string): Promise<string> => (await fetch(url)).text();

  it('gives anna a CAS ticket that is good for its service, once', async () => {
    const service = `${SERVICE}cas`;
    const back = await signIn(`${server.casUrl}login?${new URLSearchParams({ service })}`, server.people.anna);
    const ticket = back.searchParams.get('ticket') ?? '';
    const validate = `${server.casUrl}p3/serviceValidate?${new URLSearchParams({ service, ticket })}`;
    expect(await ask(validate)).toMatch(/<cas:user>anna<.*<cas:mail>anna@legacy\.test</s);
    expect(await ask(validate)).toContain('INVALID_TICKET');
  });

  it('refuses a ticket that was for another service', async () => {
    const asked = new URLSearchParams({ service: `${SERVICE}cas` });
    const ticket = (await signIn(`${server.casUrl}login?${asked}`, server.people.zoe)).searchParams.get('ticket') ?? '';
    const query = new URLSearchParams({ service: `${SERVICE}cas?other`, ticket });
    expect(await ask(`${server.casUrl}serviceValidate?${query}`)).toContain('INVALID_SERVICE');
  });

  it('gives anna an ID token', async () => {
    const query = new URLSearchParams({
      response_type: 'code',
      client_id: client.id,
      scope: 'openid profile email',
      redirect_uri: client.redirectUri,
      state: 's1',
      nonce: 'n1',
    });
    const back = await signIn(`${server.issuer}oauth2/authorize?${query}`, server.people.anna);
    const code = back.searchParams.get('code') ?? '';
    const answer = await fetch(`${server.issuer}oauth2/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(`${client.id}:${client.secret}`).toString('base64')}` },
      body: new URLSearchParams({ grant_type: 'authorization_code', code, redirect_uri: client.redirectUri }),
    });
    expect(await answer.json()).toMatchObject({ id_token: expect.stringMatching(/^ey/), token_type: 'Bearer' });
  });
});
