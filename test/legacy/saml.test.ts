import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AdapterSettings } from '../../src/legacy/index.ts';
import { formBrowser, type FormPage } from '../support/legacy-servers/form-browser.ts';
import { makeAuthority } from '../support/legacy-servers/certificates.ts';
import { PASSWORD, PEOPLE } from '../support/legacy-servers/people.ts';
import { startSimplesamlphp, type Simplesamlphp } from '../support/legacy-servers/simplesamlphp.ts';
import { throwawayFolder } from '../support/legacy-servers/throwaway-folder.ts';
import { CALLBACK, redirectedSystem, type Journey } from '../support/redirected-system.ts';
import { WRAPPINGS, wrapSignature } from '../support/wrap-signature.ts';

type Saml = Extract<AdapterSettings, { family: 'saml' }>;
const SERVICE = 'https://old-service.test/saml';
const SIGNED = 'https://old-service.test/signed';
const HUB = 'https://old-service.test/hub';
const SEALED = 'https://old-service.test/sealed';

let server: Simplesamlphp;
let secrets: Record<string, string>;
beforeAll(async () => {
  server = await startSimplesamlphp();
  const folder = await throwawayFolder('saml-service');
  const authority = await makeAuthority(folder.path, 'authority');
  const ours = await authority.issue({ name: 'service', use: 'clientAuth', rsa: true });
  await folder.remove();
  secrets = { 'service-key': ours.key };
  const { certificate } = ours;
  await server.registerService({ entityId: SERVICE, acsUrl: CALLBACK });
  await server.registerService({ entityId: `${SERVICE}/response`, acsUrl: CALLBACK, signAssertion: false });
  await server.registerService({ entityId: `${SERVICE}/assertion`, acsUrl: CALLBACK, signResponse: false });
  await server.registerService({ entityId: SIGNED, acsUrl: CALLBACK, certificate, requestsMustBeSigned: true });
  await server.registerService({ entityId: SEALED, acsUrl: CALLBACK, certificate, encryptAssertions: true });
  await server.registerService({
    entityId: HUB,
    acsUrl: CALLBACK,
    certificate,
    encryptAssertions: true,
    context: 'urn:uk:gov:cabinet-office:tc:saml:authn-context:level2',
    attributes: { MDS_firstname: ['Anna'], MDS_surname: ['Hughes', 'Griffiths'], MDS_dateofbirth: ['1984-02-29'] },
  });
  const loose = { certificate, encryptAssertions: true, signResponse: false };
  await server.registerService({ entityId: `${SEALED}/loose`, acsUrl: CALLBACK, ...loose });
});
afterAll(() => server.stop());

const settingsOf = (changed: Partial<Saml> = {}): Saml => ({
  family: 'saml',
  method: 'M18',
  entityId: server.entityId,
  signInUrl: server.ssoUrl,
  certificates: [server.signingCertificate],
  serviceEntityId: SERVICE,
  identifier: 'persistent-name-id',
  scopes: ['legacy.test'],
  ...changed,
});

const system = (changed: Partial<Saml> = {}) => redirectedSystem({ settings: settingsOf(changed), secrets });

/** The page that simplesamlphp shows after a sign-in: it holds the answer, or says why not. */
const goAndSignIn = async ({ url, fields }: Journey, name = 'anna', password: string = PASSWORD): Promise<FormPage> => {
  const browser = formBrowser();
  const isForm = Object.keys(fields).length > 0;
  const form = { url, status: 200, body: '', fields, action: url };
  const page = isForm ? await browser.submit(form, {}) : await browser.open(url);
  return browser.submit(page, { username: name, password });
};

const signIn = async (changed: Partial<Saml> = {}, name?: string, password?: string) => {
  const journey = await system(changed).depart();
  return journey.finish((await goAndSignIn(journey, name, password)).fields);
};

const identified = expect.objectContaining({ outcome: 'identified' });
const attribute = (name: string, value: string) => ({ name, value, from: 'old-system', asOf: expect.any(String) });

describe('simplesamlphp as a SAML 2.0 partner', () => {
  it('M18: anna signs in, known by a pseudonym that only we are given', async () => {
    const answer = await signIn();
    expect(answer).toEqual({
      outcome: 'identified',
      identity: {
        accountKey: expect.stringMatching(/^[0-9a-f]{40}$/),
        evidence: 'assertion',
        proved: ['assertion'],
        level: 'Cl',
        attributes: [
          attribute('email', 'anna@legacy.test'),
          attribute('affiliation', 'member@legacy.test'),
          attribute('affiliation', 'student@legacy.test'),
        ],
        warnings: [],
      },
    });
    expect(await signIn()).toMatchObject({
      identity: { accountKey: 'identity' in answer && answer.identity.accountKey },
    });
  });

  it.each<[string, Partial<Saml>]>([
    ['signs the response only', { serviceEntityId: `${SERVICE}/response` }],
    ['signs the assertion only', { serviceEntityId: `${SERVICE}/assertion` }],
    ['insists on signed requests', { serviceEntityId: SIGNED, requestKeySecret: 'service-key' }],
    [
      'insists on signed requests, and gets them by post',
      { serviceEntityId: SIGNED, requestKeySecret: 'service-key', requestBinding: 'post' },
    ],
    ['encrypts', { serviceEntityId: SEALED, decryptionKeySecrets: ['service-key'], encryption: 'required' }],
    [
      'encrypts with CBC alone, where that is accepted',
      { serviceEntityId: `${SEALED}/loose`, decryptionKeySecrets: ['service-key'], acceptCbc: true },
    ],
  ])('M18: anna signs in when it %s', async (_what, changed) => {
    expect(await signIn(changed)).toEqual(identified);
  });

  it('M17: anna signs in by a hub that encrypts, with the facts that it matches by', async () => {
    const hub: Partial<Saml> = { method: 'M17', serviceEntityId: HUB, decryptionKeySecrets: ['service-key'] };
    expect(await signIn(hub)).toMatchObject({
      outcome: 'identified',
      identity: {
        accountKey: expect.stringMatching(/^[0-9a-f]{40}$/),
        level: 'Cl.Cm',
        attributes: [
          attribute('given-name', 'Anna'),
          attribute('family-name', 'Hughes'),
          attribute('family-name', 'Griffiths'),
          attribute('birth-date', '1984-02-29'),
        ],
      },
    });
    // The same people by the same server, but not as a hub says it.
    expect(await signIn({ ...hub, serviceEntityId: SEALED })).toEqual({ outcome: 'refused', reason: 'level-too-low' });
    expect(await signIn({ method: 'M17' })).toEqual({ outcome: 'refused', reason: 'misshapen' });
  });

  it('M18: people whose names are not ASCII sign in', async () => {
    const { name, password } = PEOPLE.zoe;
    expect(await signIn({ attributes: [{ name: 'role', claim: 'urn:oid:2.5.4.3' }] }, name, password)).toMatchObject({
      identity: { attributes: expect.arrayContaining([attribute('role', 'zoë of the old university')]) },
    });
  });

  it.each([
    ['a wrong password', 'anna', 'wrong'],
    ['an unknown name', 'nobody', PASSWORD],
    ['a password of somebody else', 'anna', PEOPLE.zoe.password],
  ])('M18: %s brings nothing back', async (_what, name, password) => {
    const page = await goAndSignIn(await system().depart(), name, password);
    expect(page.fields).not.toHaveProperty('SAMLResponse');
    expect(page.body).toMatch(/incorrect/i);
  });

  it('M18: eppn is taken only where configuration says so, and warned of', async () => {
    expect(await signIn({ identifier: 'eppn' })).toMatchObject({
      identity: { accountKey: 'anna@legacy.test', warnings: ['identifier-may-be-reassigned'] },
    });
  });

  it('M18: a scope that is not the partner’s own is not believed', async () => {
    expect(await signIn({ identifier: 'eppn', scopes: ['other.test'] })).toEqual({
      outcome: 'refused',
      reason: 'forged',
    });
    const answer = await signIn({ scopes: ['other.test'] });
    expect(answer).toMatchObject({ identity: { attributes: [attribute('email', 'anna@legacy.test')] } });
  });

  it('M18: an identifier that was not sent is missed', async () => {
    for (const identifier of ['pairwise-id', 'subject-id', 'targeted-id', { claim: 'urn:nothing' }] as const)
      expect(await signIn({ identifier })).toEqual({ outcome: 'refused', reason: 'identifier-missing' });
  });

  it.each([['response'], ['assertion']] as const)('L18: what wraps its signed %s is refused', async (signs) => {
    const journey = await system({ serviceEntityId: `${SERVICE}/${signs}` }).depart();
    const { SAMLResponse = '', ...fields } = (await goAndSignIn(journey)).fields;
    const genuine = Buffer.from(SAMLResponse, 'base64').toString();
    const names = Object.keys(WRAPPINGS).filter((name) => WRAPPINGS[name]?.signs === signs);
    for (const name of names) {
      const wrapped = Buffer.from(wrapSignature(genuine, name)).toString('base64');
      expect([name, await journey.finish({ ...fields, SAMLResponse: wrapped })]).toEqual([
        name,
        expect.objectContaining({ outcome: 'refused' }),
      ]);
    }
    expect(names.length).toBeGreaterThan(1);
    expect(await journey.finish({ ...fields, SAMLResponse })).toEqual(identified);
  });

  it('E5: CBC alone is not decrypted, as it would answer questions', async () => {
    const changed = { serviceEntityId: `${SEALED}/loose`, decryptionKeySecrets: ['service-key'] };
    expect(await signIn(changed)).toEqual({ outcome: 'refused', reason: 'misshapen' });
  });

  it('E5: what should be encrypted is refused when it is not', async () => {
    expect(await signIn({ encryption: 'required' })).toEqual({ outcome: 'refused', reason: 'misshapen' });
  });

  it('M18: is there', async () => {
    expect(await system().probe()).toBeUndefined();
  });
});
