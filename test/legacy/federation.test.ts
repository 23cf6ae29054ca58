import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AdapterSettings } from '../../src/legacy/index.ts';
import { formBrowser, type FormPage } from '../support/legacy-servers/form-browser.ts';
import { PASSWORD, PEOPLE } from '../support/legacy-servers/people.ts';
import { startSimplesamlphp, type Simplesamlphp } from '../support/legacy-servers/simplesamlphp.ts';
import { CALLBACK, redirectedSystem, type Journey } from '../support/redirected-system.ts';

type Federation = Extract<AdapterSettings, { method: 'M19' }>;
const REALM = 'urn:old-service.test';
const CLAIMS = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims';

let server: Simplesamlphp;
beforeAll(async () => {
  server = await startSimplesamlphp();
  await server.registerFederationService({ realm: REALM, replyUrl: CALLBACK });
});
afterAll(() => server.stop());

const settingsOf = (changed: Partial<Federation> = {}): Federation => ({
  family: 'ticket',
  method: 'M19',
  passiveUrl: server.federationUrl,
  issuer: server.federationIssuer,
  realm: REALM,
  certificates: [server.signingCertificate],
  identifier: { claim: `${CLAIMS}/name` },
  attributes: [{ name: 'email', claim: `${CLAIMS}/emailaddress` }],
  ...changed,
});
const system = (changed: Partial<Federation> = {}) => redirectedSystem({ settings: settingsOf(changed) });

const goAndSignIn = async ({ url }: Journey, name = 'anna', password: string = PASSWORD): Promise<FormPage> => {
  const browser = formBrowser();
  return browser.submit(await browser.open(url), { username: name, password });
};
const signIn = async (changed: Partial<Federation> = {}, name?: string, password?: string) => {
  const journey = await system(changed).depart();
  return journey.finish((await goAndSignIn(journey, name, password)).fields);
};

describe('simplesamlphp as an AD FS', () => {
  it('M19: anna signs in by a SAML 1.1 token', async () => {
    expect(await signIn()).toEqual({
      outcome: 'identified',
      identity: {
        accountKey: 'anna',
        evidence: 'assertion',
        proved: ['assertion'],
        level: 'Cl',
        attributes: [{ name: 'email', value: 'anna@legacy.test', from: 'old-system', asOf: expect.any(String) }],
        warnings: [],
      },
    });
  });

  it('M19: a principal name is warned of', async () => {
    expect(await signIn({ identifier: 'name-identifier' })).toMatchObject({
      identity: { accountKey: 'anna@legacy.test', warnings: ['identifier-may-be-reassigned'] },
    });
  });

  it('M19: people whose names are not ASCII sign in', async () => {
    const { name, password } = PEOPLE.zoe;
    expect(await signIn({}, name, password)).toMatchObject({ identity: { accountKey: name } });
  });

  it.each([
    ['a wrong password', 'anna', 'wrong'],
    ['an unknown name', 'nobody', PASSWORD],
  ])('M19: %s brings nothing back', async (_what, name, password) => {
    const page = await goAndSignIn(await system().depart(), name, password);
    expect(page.fields).not.toHaveProperty('wresult');
  });

  it('M19: is there', async () => {
    expect(await system({ passiveUrl: server.metadataUrl }).probe()).toBeUndefined();
  });

  it('L8: a token is taken once', async () => {
    const journey = await system().depart();
    const { fields } = await goAndSignIn(journey);
    expect(await journey.finish(fields)).toMatchObject({ outcome: 'identified' });
    expect(await journey.finish(fields)).toEqual({ outcome: 'refused', reason: 'replayed' });
  });
});
