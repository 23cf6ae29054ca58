import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SamlStandIn, startSamlStandIn } from '../../demo/stand-ins/saml/saml-stand-in.ts';
import type { AdapterSettings } from '../../src/legacy/index.ts';
import { formBrowser } from '../support/legacy-servers/form-browser.ts';
import { PASSWORD } from '../support/legacy-servers/people.ts';
import { newKeys, PARTNER, posted, SERVICE, speak } from '../support/saml-partner.ts';
import { CALLBACK, redirectedSystem } from '../support/redirected-system.ts';

type Saml = Extract<AdapterSettings, { family: 'saml' }>;
const refused = (reason: string) => ({ outcome: 'refused', reason });

const signIn = async (standIn: SamlStandIn, changed: Partial<Saml> = {}, password: string = PASSWORD) => {
  const system = redirectedSystem({ settings: { ...standIn.settings, ...changed }, secrets: standIn.secrets });
  const journey = await system.depart();
  const browser = formBrowser();
  const page = await browser.submit(await browser.open(journey.url), { name: 'anna', password });
  if (page.fields.SAMLResponse === undefined) return page.body;
  expect(page.action).toBe(CALLBACK);
  return journey.finish(page.fields);
};

describe('an identity hub with a matching data set, as GOV.UK Verify was', () => {
  let hub: SamlStandIn;
  beforeAll(async () => {
    hub = await startSamlStandIn({ method: 'M17' });
  });
  afterAll(() => hub.stop());
  const about = (asOf: unknown = expect.any(String)) => ({ from: 'old-system', asOf });

  it('M17: anna signs in by an encrypted assertion; what is over is dated with its end', async () => {
    expect(await signIn(hub)).toEqual({
      outcome: 'identified',
      identity: {
        accountKey: 'hub-pseudonym-of-anna',
        evidence: 'assertion',
        proved: ['assertion'],
        level: 'Cl.Cm',
        attributes: [
          { name: 'given-name', value: 'Anna', ...about() },
          { name: 'family-name', value: 'Hughes', ...about() },
          { name: 'family-name', value: 'Griffiths', ...about('2012-06-01T00:00:00.000Z') },
          { name: 'birth-date', value: '1984-02-29', ...about() },
          { name: 'address', value: '1 Heol Fawr, Caerdydd, CF10 1AA', ...about() },
          { name: 'postcode', value: 'CF10 1AA', ...about() },
        ],
        warnings: [],
      },
    });
  });

  it('L5: its marks of what is verified count only where configuration says so', async () => {
    const answer = await signIn(hub, { vouchesForMatchingData: true });
    expect(answer).toMatchObject({
      identity: { attributes: expect.arrayContaining([expect.objectContaining({ verified: true })]) },
    });
  });

  it('M17: a wrong password brings nothing back', async () => {
    expect(await signIn(hub, {}, 'wrong')).toContain('not right');
  });

  it('E5: refuses what it cannot decrypt, and does not say why', async () => {
    const secrets = { 'old-hub-decryption': newKeys().privateKey };
    expect(await signIn({ ...hub, secrets })).toEqual(refused('misshapen'));
  });

  it('M17: our own key may change: any of several opens it', async () => {
    const secrets = { ...hub.secrets, 'new-key': newKeys().privateKey };
    expect(
      await signIn({ ...hub, secrets }, { decryptionKeySecrets: ['new-key', 'old-hub-decryption'] }),
    ).toMatchObject({
      outcome: 'identified',
    });
  });

  it('E6: is trusted for no more than it is registered with', async () => {
    expect(await signIn(hub, { mostLevel: 'Cl' })).toMatchObject({
      identity: { level: 'Cl', warnings: ['level-lowered'] },
    });
  });

  it('M18: the university of the demonstration lets anna in', async () => {
    const university = await startSamlStandIn({ method: 'M18' });
    expect(await signIn(university)).toMatchObject({
      identity: { accountKey: 'university-pseudonym-of-anna', level: 'Cl' },
    });
    await university.stop();
  });
});

describe('what an identity is made of', () => {
  const keys = newKeys();
  const LEVEL = 'urn:uk:gov:cabinet-office:tc:saml:authn-context';
  const identify = async (
    { context, attributes = '' }: { readonly context?: string; readonly attributes?: string },
    changed: Partial<Saml> = {},
  ) => {
    const settings: Saml = {
      family: 'saml',
      method: 'M18',
      entityId: PARTNER,
      signInUrl: 'http://127.0.0.1:1/',
      certificates: [keys.publicKey],
      serviceEntityId: SERVICE,
      identifier: 'persistent-name-id',
      ...changed,
    };
    const journey = await redirectedSystem({ settings }).depart();
    const statement = `<saml:AttributeStatement>${attributes}</saml:AttributeStatement></saml:Assertion>`;
    const alter = (xml: string): string => xml.replace('</saml:Assertion>', statement);
    return journey.finish(posted(journey, speak(journey, { keys, alter, ...(context && { speech: { context } }) })));
  };
  const attribute = (name: string, ...values: string[]): string =>
    `<saml:Attribute Name="${name}">${values.map((value) => `<saml:AttributeValue>${value}</saml:AttributeValue>`).join('')}</saml:Attribute>`;

  it.each<[string, string, Partial<Saml>, unknown]>([
    ['M17', `${LEVEL}:level1`, {}, { identity: { level: 'Cl' } }],
    ['M17', `${LEVEL}:level2`, {}, { identity: { level: 'Cl.Cm' } }],
    ['M17', `${LEVEL}:level3`, {}, refused('level-too-low')],
    ['M18', 'https://refeds.org/profile/mfa', {}, { identity: { level: 'Cl.Cm' } }],
    ['M18', 'https://refeds.org/profile/sfa', {}, { identity: { level: 'Cl' } }],
    ['M18', 'anything', { levels: [{ context: 'anything', level: 'none' }] }, { identity: { level: 'none' } }],
    [
      'M18',
      'https://refeds.org/profile/mfa',
      { mostLevel: 'Cl' },
      { identity: { level: 'Cl', warnings: ['level-lowered'] } },
    ],
  ])('%s: a context of %s is worth what the table says', async (method, context, changed, expected) => {
    const settings = { ...changed, method: method === 'M17' ? 'M17' : 'M18', encryption: 'allowed' } as const;
    expect(await identify({ context }, settings)).toMatchObject(Object(expected));
  });

  const scopes = ['partner.test'];
  const PAIRWISE = 'urn:oasis:names:tc:SAML:attribute:pairwise-id';
  it.each<[string, Saml['identifier'], string, unknown]>([
    ['a pairwise id', 'pairwise-id', attribute(PAIRWISE, 'ABC=2@partner.test'), 'ABC=2@partner.test'],
    [
      'a subject id',
      'subject-id',
      attribute('urn:oasis:names:tc:SAML:attribute:subject-id', 'a1@Partner.test'),
      'a1@Partner.test',
    ],
    ['an attribute', { claim: 'urn:student' }, attribute('urn:student', '1984-0229'), '1984-0229'],
    [
      'a targeted id',
      'targeted-id',
      `<saml:Attribute Name="urn:oid:1.3.6.1.4.1.5923.1.1.1.10"><saml:AttributeValue><saml:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent" NameQualifier="${PARTNER}" SPNameQualifier="${SERVICE}">opaque</saml:NameID></saml:AttributeValue></saml:Attribute>`,
      'opaque',
    ],
  ])('M18: people are known by %s', async (_what, identifier, attributes, accountKey) => {
    expect(await identify({ attributes }, { identifier, scopes })).toMatchObject({
      identity: { accountKey, warnings: [] },
    });
  });

  it.each<[string, Saml['identifier'], string, string]>([
    ['whose scope is another partner’s', 'pairwise-id', attribute(PAIRWISE, 'ABC=2@other.test'), 'forged'],
    ['whose scope only ends like ours', 'pairwise-id', attribute(PAIRWISE, 'ABC=2@evil-partner.test'), 'forged'],
    ['with two scopes', 'pairwise-id', attribute(PAIRWISE, 'ABC=2@other.test@partner.test'), 'forged'],
    ['with no scope', 'pairwise-id', attribute(PAIRWISE, 'ABC=2'), 'forged'],
    [
      'that is asked for by its name, with a foreign scope',
      { claim: PAIRWISE },
      attribute(PAIRWISE, 'A@other.test'),
      'forged',
    ],
    ['of two values', { claim: 'urn:student' }, attribute('urn:student', '1', '2'), 'identifier-missing'],
    [
      'said twice',
      { claim: 'urn:student' },
      attribute('urn:student', '1') + attribute('urn:student', '2'),
      'identifier-missing',
    ],
    [
      'that is longer than an id',
      { claim: 'urn:student' },
      attribute('urn:student', '1'.repeat(300)),
      'identifier-missing',
    ],
    [
      'for another service',
      'targeted-id',
      `<saml:Attribute Name="urn:oid:1.3.6.1.4.1.5923.1.1.1.10"><saml:AttributeValue><saml:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent" SPNameQualifier="https://other.test">opaque</saml:NameID></saml:AttributeValue></saml:Attribute>`,
      'identifier-missing',
    ],
  ])('M18: an identifier %s is refused', async (_what, identifier, attributes, reason) => {
    expect(await identify({ attributes }, { identifier, scopes })).toEqual(refused(reason));
  });
});
