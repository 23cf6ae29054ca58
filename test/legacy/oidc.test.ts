import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startIssuerStandIn, type IssuerStandIn, type Lies } from '../../demo/stand-ins/oidc/issuer-stand-in.ts';
import { startOAuthStandIn, type OAuthStandIn } from '../../demo/stand-ins/oidc/oauth-stand-in.ts';
import type { AdapterSettings } from '../../src/legacy/index.ts';
import { formBrowser } from '../support/legacy-servers/form-browser.ts';
import { startLemonldap, type Lemonldap } from '../support/legacy-servers/lemonldap.ts';
import { PASSWORD } from '../support/legacy-servers/people.ts';
import { CALLBACK, redirectedSystem } from '../support/redirected-system.ts';

type Oidc = Extract<AdapterSettings, { family: 'oidc' }>;
const CLIENT = { id: 'latchkey', secret: 'a secret of the test' };

/** Through the partner's own sign-in page; gives what came back to the callback. */
async function signIn(
  system: ReturnType<typeof redirectedSystem>,
  fields: Readonly<Record<string, string>>,
): Promise<{ journey: Awaited<ReturnType<typeof system.depart>>; parameters: Record<string, string> }> {
  const journey = await system.depart();
  const browser = formBrowser();
  let page = await browser.open(journey.url, CALLBACK);
  page = await browser.submit(page, fields, CALLBACK);
  // LemonLDAP asks once whether the service may know who it is.
  if (!page.url.startsWith(CALLBACK)) page = await browser.submit(page, {}, CALLBACK);
  return { journey, parameters: Object.fromEntries(new URL(page.url).searchParams) };
}

describe('LemonLDAP::NG as a foreign issuer', () => {
  let server: Lemonldap;
  beforeAll(async () => {
    server = await startLemonldap({ oidcClients: [{ ...CLIENT, redirectUri: CALLBACK }] });
  });
  afterAll(() => server.stop());

  const system = (changes: Partial<Oidc> = {}) =>
    redirectedSystem({
      settings: {
        family: 'oidc',
        method: 'M20',
        issuer: server.issuer,
        clientId: CLIENT.id,
        authentication: { kind: 'client_secret_post', secret: 'old-client' },
        reauthenticate: false,
        ...changes,
      } as Oidc,
      secrets: { 'old-client': CLIENT.secret },
    });

  it('M20: Anna signs in there and comes back', async () => {
    const old = system();
    const { journey, parameters } = await signIn(old, { user: 'anna', password: PASSWORD });
    expect(await old.handleOf(parameters)).toBe(journey.handle);
    expect(await journey.finish(parameters)).toMatchObject({
      outcome: 'identified',
      identity: { accountKey: 'anna', evidence: 'assertion', level: 'Cl' },
    });
  });

  it('L8: a code is good once', async () => {
    const { journey, parameters } = await signIn(system(), { user: 'anna', password: PASSWORD });
    expect(await journey.finish(parameters)).toMatchObject({ outcome: 'identified' });
    expect(await journey.finish(parameters)).toMatchObject({ outcome: 'refused' });
  });

  it('L7 LA10: what one journey began, another cannot finish', async () => {
    const old = system();
    const { parameters } = await signIn(old, { user: 'anna', password: PASSWORD });
    const other = await old.depart();
    expect(await other.finish(parameters)).toEqual({ outcome: 'refused', reason: 'forged' });
    expect(await other.finish({ ...parameters, state: other.handle })).toMatchObject({ outcome: 'refused' });
  });

  it.each(['made-up', 'ü', '', 'x'.repeat(200_000)])(
    'F24: a code that somebody made up is no fault of the issuer: %.10s',
    async (code) => {
      const { journey, parameters } = await signIn(system(), { user: 'anna', password: PASSWORD });
      expect(await journey.finish({ ...parameters, code })).toMatchObject({ outcome: 'refused' });
    },
  );

  it('wrong client secret: a fault of the configuration, not of the citizen', async () => {
    const old = redirectedSystem({
      settings: {
        family: 'oidc',
        method: 'M20',
        issuer: server.issuer,
        clientId: CLIENT.id,
        authentication: { kind: 'client_secret_post', secret: 'old-client' },
        reauthenticate: false,
      },
      secrets: { 'old-client': 'not this one' },
    });
    const { journey, parameters } = await signIn(old, { user: 'anna', password: PASSWORD });
    expect(await journey.finish(parameters)).toMatchObject({ outcome: 'unavailable' });
  });
});

describe('an issuer that lies (E4)', () => {
  let issuer: IssuerStandIn;
  beforeAll(async () => {
    issuer = await startIssuerStandIn();
  });
  afterAll(() => issuer.stop());
  afterEach(() => {
    for (const lie of ['claims', 'without', 'foreignKey'] as const) delete issuer.lies[lie];
  });

  const finishWith = async (lies: Lies, changes: Partial<Oidc> = {}, said: Record<string, string> = {}) => {
    const old = redirectedSystem({
      settings: {
        family: 'oidc',
        method: 'M20',
        issuer: issuer.issuer,
        clientId: issuer.clientId,
        authentication: { kind: 'client_secret_post', secret: 'old-client' },
        levels: [
          { context: 'password', level: 'Cl' },
          { context: 'two', level: 'Cl.Cm' },
        ],
        attributes: [{ name: 'email', claim: 'email' }],
        ...changes,
      } as Oidc,
      secrets: { 'old-client': issuer.clientSecret },
    });
    const { journey, parameters } = await signIn(old, { name: 'anna', password: PASSWORD });
    Object.assign(issuer.lies, lies);
    return journey.finish({ ...parameters, ...said });
  };
  const at = Math.floor(Date.now() / 1000);

  it('tells the truth first', async () => {
    expect(await finishWith({})).toMatchObject({
      outcome: 'identified',
      identity: { accountKey: 'foreign-1', level: 'Cl', attributes: [{ name: 'email', value: 'anna@example.org' }] },
    });
  });

  it('F24: a code that no issuer gives is not sent on to one, which might break over it', async () => {
    const answer = await finishWith({}, {}, { code: 'x'.repeat(200_000) });
    expect(answer).toEqual({ outcome: 'refused', reason: 'misshapen' });
  });

  it.each<[string, Lies, string]>([
    ['E4: another issuer', { claims: { iss: 'https://other.test' } }, 'wrong-issuer'],
    ['L10: a token for another service', { claims: { aud: 'another-service' } }, 'wrong-audience'],
    [
      'E4: for us among others, but not made for us',
      { claims: { aud: ['latchkey', 'x'], azp: 'x' } },
      'wrong-audience',
    ],
    ['E4: another nonce', { claims: { nonce: 'other' } }, 'not-bound'],
    ['E4: long expired', { claims: { iat: at - 9000, exp: at - 8000 } }, 'stale'],
    ['E4: signed by somebody else', { foreignKey: true }, 'forged'],
    ['E4: a sign-in of long ago', { claims: { auth_time: at - 9000 } }, 'stale'],
  ])('%s is refused', async (_, lies, reason) => {
    expect(await finishWith(lies)).toEqual({ outcome: 'refused', reason });
  });

  it.each(['iss', 'aud', 'exp', 'iat', 'nonce', 'sub', 'auth_time'])(
    'E4: a token without %s is refused',
    async (claim) => {
      expect(await finishWith({ without: [claim] })).toMatchObject({ outcome: 'refused' });
    },
  );

  it('E6 L16: an issuer is believed for no more than it is registered with', async () => {
    const answer = await finishWith({ claims: { acr: 'two' } }, { mostLevel: 'Cl' });
    expect(answer).toMatchObject({ identity: { level: 'Cl', warnings: ['level-lowered'] } });
  });

  it('L5 LA05: its word on an address is a hint, whatever it says', async () => {
    const answer = await finishWith({ claims: { email_verified: true } });
    expect(answer).toMatchObject({ outcome: 'identified' });
    expect(JSON.stringify(answer)).not.toContain('verified');
  });

  it('LA06: several claims together name a person, and no two people get one key', async () => {
    const both = { identifier: ['tid', 'oid'] };
    const one = await finishWith({ claims: { tid: 'a/b', oid: 'c' } }, both);
    const two = await finishWith({ claims: { tid: 'a', oid: 'b/c' } }, both);
    expect(one).toMatchObject({ identity: { accountKey: 'a%2Fb/c' } });
    expect(two).toMatchObject({ identity: { accountKey: 'a/b%2Fc' } });
    expect(await finishWith({ claims: { tid: 'a' } }, both)).toEqual({
      outcome: 'refused',
      reason: 'identifier-missing',
    });
  });
});

describe('social sign-in without an ID token', () => {
  let social: OAuthStandIn;
  beforeAll(async () => {
    social = await startOAuthStandIn();
  });
  afterAll(() => social.stop());

  const oauth2 = (): ReturnType<typeof redirectedSystem> =>
    redirectedSystem({
      settings: {
        family: 'oidc',
        method: 'M21',
        clientId: social.clientId,
        authorizationUrl: `${social.baseUrl}/authorize`,
        tokenUrl: `${social.baseUrl}/token`,
        secret: 'social',
        audience: { url: `${social.baseUrl}/introspect`, clientPath: 'client_id' },
        profileUrl: `${social.baseUrl}/profile`,
        identifierPath: 'id',
      },
      secrets: { social: social.clientSecret },
    });
  const oauth1 = (): ReturnType<typeof redirectedSystem> =>
    redirectedSystem({
      settings: {
        family: 'oidc',
        method: 'M22',
        clientId: social.clientId,
        secret: 'social',
        requestTokenUrl: `${social.baseUrl}/oauth1/request-token`,
        authorizationUrl: `${social.baseUrl}/authorize`,
        accessTokenUrl: `${social.baseUrl}/oauth1/access-token`,
        profileUrl: `${social.baseUrl}/profile`,
        identifierPath: 'id',
      },
      secrets: { social: social.clientSecret },
    });
  const ANNA = { name: 'anna', password: PASSWORD };

  it('M21: Anna signs in with OAuth 2', async () => {
    const { journey, parameters } = await signIn(oauth2(), ANNA);
    expect(await journey.finish(parameters)).toMatchObject({ identity: { accountKey: '4711', level: 'Cl' } });
    expect(await journey.finish(parameters)).toEqual({ outcome: 'refused', reason: 'replayed' });
  });

  it('L10: an access token that was made for another service names nobody', async () => {
    const token = social.tokenOfAnother();
    const lying = await startLyingTokenEndpoint(token);
    const old = redirectedSystem({
      settings: {
        family: 'oidc',
        method: 'M21',
        clientId: social.clientId,
        authorizationUrl: `${social.baseUrl}/authorize`,
        tokenUrl: lying.url,
        secret: 'social',
        audience: { url: `${social.baseUrl}/introspect`, clientPath: 'client_id' },
        profileUrl: `${social.baseUrl}/profile`,
        identifierPath: 'id',
      },
      secrets: { social: social.clientSecret },
    });
    const journey = await old.depart();
    expect(await journey.finish({ code: 'any', state: journey.handle })).toEqual({
      outcome: 'refused',
      reason: 'wrong-audience',
    });
    await lying.stop();
  });

  it('L9: a code that came with the state of another journey is not even exchanged', async () => {
    const old = oauth2();
    const { parameters } = await signIn(old, ANNA);
    expect(await (await old.depart()).finish(parameters)).toEqual({ outcome: 'refused', reason: 'not-bound' });
  });

  it('M22: Anna signs in with OAuth 1.0a', async () => {
    const { journey, parameters } = await signIn(oauth1(), ANNA);
    expect(await journey.finish(parameters)).toMatchObject({ identity: { accountKey: '4711', level: 'Cl' } });
    expect(await journey.finish(parameters)).toEqual({ outcome: 'refused', reason: 'replayed' });
  });

  it('M22: a request token that somebody else began is refused, and so is one without a verifier', async () => {
    const old = oauth1();
    const { parameters } = await signIn(old, ANNA);
    const victim = await old.depart();
    const fixed = { ...parameters, state: victim.handle };
    expect(await victim.finish(fixed)).toEqual({ outcome: 'refused', reason: 'not-bound' });
    const { journey, parameters: own } = await signIn(old, ANNA);
    const { oauth_verifier: _, ...without } = own;
    expect(await journey.finish(without)).toEqual({ outcome: 'refused', reason: 'unsigned' });
  });
});

async function startLyingTokenEndpoint(token: string): Promise<{ url: string; stop: () => Promise<void> }> {
  const { startSmallServer } = await import('../../demo/stand-ins/small-server.ts');
  const body = JSON.stringify({ access_token: token, token_type: 'Bearer' });
  const server = await startSmallServer(0, () => ({ type: 'application/json', body }));
  return { url: `${server.baseUrl}/token`, stop: () => server.stop() };
}
