import { afterEach, describe, expect, it } from 'vitest';
import type { AdapterSettings } from '../../src/legacy/index.ts';
import { newKeys, PARTNER, posted, type Said, SERVICE, speak } from '../support/saml-partner.ts';
import { redirectedSystem, type RedirectedSystem } from '../support/redirected-system.ts';
import { WRAPPINGS, wrapSignature } from '../support/wrap-signature.ts';

type Saml = Extract<AdapterSettings, { family: 'saml' }>;

const keys = newKeys();
const refused = (reason: string) => ({ outcome: 'refused', reason });

const settingsOf = (changed: Partial<Saml> = {}): Saml => ({
  family: 'saml',
  method: 'M18',
  entityId: PARTNER,
  signInUrl: 'http://127.0.0.1:1/sign-in',
  certificates: [keys.publicKey],
  serviceEntityId: SERVICE,
  identifier: 'persistent-name-id',
  ...changed,
});

let open: RedirectedSystem | undefined;
afterEach(() => open?.close());

const system = (changed: Partial<Saml> = {}): RedirectedSystem =>
  (open = redirectedSystem({ settings: settingsOf(changed) }));

/** One journey to the partner and back, with what it says. */
const answer = async (
  said: Partial<Said> = {},
  changed: Partial<Saml> = {},
  change = (xml: string): string | Buffer => xml,
) => {
  const journey = await system(changed).depart();
  return journey.finish(posted(journey, change(speak(journey, { keys, ...said }))));
};

const minutes = (count: number): string => new Date(Date.now() + count * 60_000).toISOString();
/** Sets an attribute wherever it is. */
const setting = (name: string, value: string) => (xml: string) =>
  xml.replaceAll(new RegExp(` ${name}="[^"]*"`, 'g'), ` ${name}="${value}"`);
const without = (pattern: RegExp) => (xml: string) => xml.replace(pattern, '');
const replacing = (from: string | RegExp, to: string) => (xml: string) => xml.replace(from, to);

describe('an answer that is as it should be', () => {
  it.each<[string, Partial<Said>]>([
    ['assertion', { sign: ['assertion'] }],
    ['response', { sign: ['response'] }],
    ['both', { sign: ['assertion', 'response'] }],
  ])('M18: identifies when it signs %s', async (_what, said) => {
    expect(await answer(said)).toMatchObject({
      outcome: 'identified',
      identity: { accountKey: 'pseudonym-of-anna', level: 'Cl', evidence: 'assertion' },
    });
  });

  it('M18: is believed with any of several keys, while they change', async () => {
    expect(await answer({}, { certificates: [newKeys().publicKey, keys.publicKey] })).toMatchObject({
      outcome: 'identified',
    });
  });
});

describe('E5: what covers the statement', () => {
  it.each<[string, Partial<Said>, Partial<Saml>, string]>([
    ['nothing', { sign: [] }, {}, 'unsigned'],
    ['only the assertion, where the response must be', {}, { signed: 'response' }, 'unsigned'],
    ['only the response, where the assertion must be', { sign: ['response'] }, { signed: 'assertion' }, 'unsigned'],
    ['one of two, where both must be', { sign: ['response'] }, { signed: 'both' }, 'unsigned'],
    ['a key of nobody', { keys: newKeys() }, {}, 'bad-signature'],
    ['RSA with SHA-1', { signing: { algorithm: 'http://www.w3.org/2000/09/xmldsig#rsa-sha1' } }, {}, 'bad-signature'],
    ['a digest of SHA-1', { signing: { digest: 'http://www.w3.org/2000/09/xmldsig#sha1' } }, {}, 'bad-signature'],
  ])('E5: refuses what is covered by %s', async (_what, said, changed, reason) => {
    expect(await answer(said, changed)).toEqual(refused(reason));
  });

  it('E5: refuses a statement that was changed after it was signed', async () => {
    expect(await answer({}, {}, replacing('pseudonym-of-anna', 'attacker'))).toEqual(refused('bad-signature'));
  });

  it('E5: refuses a bad signature beside a good one', async () => {
    const spoilt = (xml: string) => xml.replace(/(<ds:SignatureValue>)....(.*<samlp:Status>)/s, '$1AAAA$2');
    expect(await answer({ sign: ['assertion', 'response'] }, {}, spoilt)).toEqual(refused('bad-signature'));
  });

  it('E5: ignores the key that a signature brings along', async () => {
    const thief = newKeys();
    const info = `<ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:KeyValue/></ds:KeyInfo></ds:Signature>`;
    expect(await answer({ keys: thief }, {}, replacing('</ds:Signature>', info))).toEqual(refused('bad-signature'));
  });
});

describe('L18: a signature about something else', () => {
  it.each(Object.entries(WRAPPINGS))('L18: refuses %s', async (name, { signs }) => {
    const journey = await system().depart();
    const genuine = speak(journey, { keys, sign: [signs] });
    const wrapped = wrapSignature(genuine, name);
    expect(wrapped).toContain('attacker');
    expect(await journey.finish(posted(journey, wrapped))).toMatchObject({ outcome: 'refused' });
    // The same journey with the genuine one: nothing else was wrong with it.
    expect(await journey.finish(posted(journey, genuine))).toMatchObject({ outcome: 'identified' });
  });

  it.each([
    ['NameID', '<!---->'],
    ['NameID', '<?x?>'],
    ['NameID', '<![CDATA[]]>'],
  ])('L18: refuses a %s cut in two by %s', async (_where, cut) => {
    const said = { speech: { nameId: 'admin@x.evil' } };
    expect(await answer(said, {}, replacing('admin@x.evil', `admin@x${cut}.evil`))).toEqual(refused('misshapen'));
  });

  it('L18: refuses a name that was cut in two before the partner signed it', async () => {
    const said = { speech: { nameId: 'admin@x.evil' }, alter: replacing('admin@x.evil', 'admin@x<!---->.evil') };
    expect(await answer(said)).toEqual(refused('misshapen'));
  });
});

describe('E5: XML that is no plain message', () => {
  const ten = (name: string, of: string): string => `<!ENTITY ${name} "${`&${of};`.repeat(10)}">`;
  const laughs = ['b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'].map((name, at) => ten(name, 'abcdefgh'.charAt(at)));
  const lol = `<!DOCTYPE a [<!ENTITY a "lol">${laughs.join('')}]>`;
  it.each<[string, (xml: string) => string | Buffer]>([
    ['a billion laughs', (xml) => `${lol}${xml.replace('pseudonym-of-anna', '&i;')}`],
    ['an external entity', (xml) => `<!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/passwd">]>${xml}`],
    ['an empty document type', (xml) => `<!DOCTYPE a>${xml}`],
    ['two roots', (xml) => `${xml}${xml}`],
    ['half a document', (xml) => xml.slice(0, -20)],
    ['nothing', () => ''],
    ['no XML', () => 'SAML'],
    ['another message', replacing(/samlp:Response/g, 'samlp:LogoutResponse')],
    ['UTF-16', (xml) => Buffer.from(`\uFEFF${xml}`, 'utf16le')],
    ['more than 256 Ki', (xml) => xml.replace('</samlp:Response>', `${' '.repeat(300_000)}</samlp:Response>`)],
    [
      'elements 10,000 deep',
      (xml) => xml.replace('</samlp:Response>', `${'<a>'.repeat(10_000)}${'</a>'.repeat(10_000)}</samlp:Response>`),
    ],
  ])('E5: refuses %s', async (_what, change) => {
    expect(await answer({}, {}, change)).toEqual(refused('misshapen'));
  });

  it('E5: refuses what is no Base64', async () => {
    const journey = await system().depart();
    const { RelayState = '' } = posted(journey, '');
    expect(await journey.finish({ RelayState, SAMLResponse: '<xml>' })).toEqual(refused('misshapen'));
    expect(await journey.finish({ RelayState })).toEqual(refused('misshapen'));
  });

  it('L16: nothing that a browser brings counts against the partner', async () => {
    const here = system();
    for (let attempt = 0; attempt < 6; attempt += 1) {
      const journey = await here.depart();
      await journey.finish(posted(journey, 'garbage'));
    }
    expect(here.health()).toMatchObject({ breaker: 'closed', faults: 0 });
  });
});

describe('E5: a statement for another time or place, signed by the partner', () => {
  const subject = /<saml:SubjectConfirmationData[^>]*>/;
  it.each<[string, (xml: string) => string, string]>([
    ['of another issuer', replacing(/(<saml:Assertion.*?<saml:Issuer>)[^<]*/s, '$1https://other.test'), 'wrong-issuer'],
    ['in a response of another issuer', replacing('<saml:Issuer>', '<saml:Issuer>x'), 'wrong-issuer'],
    ['in a response without an issuer', replacing(/<saml:Issuer>[^<]*/, '<saml:Issuer>'), 'wrong-issuer'],
    ['for another audience', replacing(/<saml:Audience>[^<]*/, '<saml:Audience>https://other.test'), 'wrong-audience'],
    ['for no audience', without(/<saml:AudienceRestriction>.*<\/saml:AudienceRestriction>/s), 'wrong-audience'],
    [
      'for two audiences at once, one of them not us',
      replacing(
        '</saml:AudienceRestriction>',
        '</saml:AudienceRestriction><saml:AudienceRestriction><saml:Audience>x</saml:Audience></saml:AudienceRestriction>',
      ),
      'wrong-audience',
    ],
    ['sent to another address', setting('Destination', 'https://other.test/acs'), 'wrong-recipient'],
    ['sent to no address', without(/ Destination="[^"]*"/), 'wrong-recipient'],
    ['for another recipient', setting('Recipient', 'https://other.test/acs'), 'wrong-recipient'],
    ['for no recipient', without(/ Recipient="[^"]*"/), 'wrong-recipient'],
    ['that nobody asked for', (xml) => xml.replaceAll(/ InResponseTo="[^"]*"/g, ''), 'not-bound'],
    ['in a response to another request', replacing(/ InResponseTo="[^"]*"/, ' InResponseTo="_other"'), 'not-bound'],
    ['to another request', setting('InResponseTo', '_other'), 'not-bound'],
    [
      'bound to another request than its response',
      (xml) => xml.replace(subject, (data) => setting('InResponseTo', '_other')(data)),
      'not-bound',
    ],
    ['that is bound to nothing', (xml) => xml.replace(subject, without(/ InResponseTo="[^"]*"/)), 'not-bound'],
    ['that nobody may bear', replacing('cm:bearer', 'cm:holder-of-key'), 'not-bound'],
    ['that may be borne for ever', (xml) => xml.replace(subject, without(/ NotOnOrAfter="[^"]*"/)), 'stale'],
    ['that may be borne no longer', (xml) => xml.replace(subject, setting('NotOnOrAfter', minutes(-2))), 'stale'],
    ['that is not true yet', setting('NotBefore', minutes(3)), 'stale'],
    ['that is no longer true', setting('NotOnOrAfter', minutes(-2)), 'stale'],
    ['whose own time is over', replacing(/(<saml:Conditions[^>]* NotOnOrAfter=")[^"]*/, `$1${minutes(-2)}`), 'stale'],
    ['that ends never', replacing(/(<saml:Conditions[^>]*) NotOnOrAfter="[^"]*"/, '$1'), 'misshapen'],
    ['with no conditions', without(/<saml:Conditions.*<\/saml:Conditions>/s), 'misshapen'],
    [
      'with a condition that we do not know',
      replacing('</saml:Conditions>', '<saml:Condition/></saml:Conditions>'),
      'misshapen',
    ],
    ['with a time without a zone', setting('NotBefore', '2026-11-22T12:00:00'), 'misshapen'],
    [
      'made before the browser left',
      replacing(/(<saml:Assertion[^>]* IssueInstant=")[^"]*/, `$1${minutes(-5)}`),
      'stale',
    ],
    ['made tomorrow', setting('IssueInstant', minutes(24 * 60)), 'stale'],
    ['of a sign-in before the browser left', setting('AuthnInstant', minutes(-5)), 'stale'],
    ['of a sign-in that is still to come', setting('AuthnInstant', minutes(5)), 'stale'],
    [
      'of a session that has ended',
      replacing('<saml:AuthnStatement', `<saml:AuthnStatement SessionNotOnOrAfter="${minutes(-2)}"`),
      'stale',
    ],
    ['of no sign-in', without(/<saml:AuthnStatement.*<\/saml:AuthnStatement>/s), 'misshapen'],
    ['about nobody', without(/<saml:Subject>.*<\/saml:Subject>/s), 'misshapen'],
    ['about no name', without(/<saml:NameID.*<\/saml:NameID>/s), 'identifier-missing'],
    [
      'about a name for one session',
      replacing('nameid-format:persistent', 'nameid-format:transient'),
      'identifier-missing',
    ],
    [
      'about an address',
      replacing('2.0:nameid-format:persistent', '1.1:nameid-format:emailAddress'),
      'identifier-missing',
    ],
    [
      'about what another service calls somebody',
      replacing('<saml:NameID', '<saml:NameID SPNameQualifier="https://other.test"'),
      'identifier-missing',
    ],
    [
      'about what another partner calls somebody',
      replacing('<saml:NameID', '<saml:NameID NameQualifier="https://other.test"'),
      'identifier-missing',
    ],
    ['twice', (xml) => xml.replace(/(<saml:Assertion.*<\/saml:Assertion>)/s, '$1$1'), 'forged'],
    ['of SAML 1.1', replacing(/(<saml:Assertion[^>]*) Version="2.0"/, '$1 Version="1.1"'), 'misshapen'],
  ])('E5: refuses one %s', async (_what, alter, reason) => {
    const sign = reason === 'forged' ? (['response'] as const) : (['assertion', 'response'] as const);
    expect(await answer({ alter, sign })).toEqual(refused(reason));
  });

  it.each<[string, (xml: string) => string]>([
    ['ends', setting('NotOnOrAfter', minutes(-0.5))],
    ['begins', setting('NotBefore', minutes(0.5))],
  ])('M18: clocks may differ by a minute where a time %s', async (_where, alter) => {
    expect(await answer({ alter })).toMatchObject({ outcome: 'identified' });
    expect(await answer({ alter }, { clockSkewSeconds: 5 })).toEqual(refused('stale'));
  });

  it('E2: an open session is enough only where configuration says so', async () => {
    const alter = setting('AuthnInstant', minutes(-50));
    expect(await answer({ alter }, { reauthenticate: false })).toMatchObject({ outcome: 'identified' });
  });
});

describe('L8, L9: a statement is used once, in the journey that it was made for', () => {
  it('L8: refuses it a second time', async () => {
    const journey = await system().depart();
    const fields = posted(journey, speak(journey, { keys }));
    expect(await journey.finish(fields)).toMatchObject({ outcome: 'identified' });
    expect(await journey.finish(fields)).toEqual(refused('replayed'));
  });

  it('L8: lets one of twenty at once in', async () => {
    const journey = await system().depart();
    const fields = posted(journey, speak(journey, { keys }));
    const answers = await Promise.all(Array.from({ length: 20 }, () => journey.finish(fields)));
    expect(answers.filter(({ outcome }) => outcome === 'identified')).toHaveLength(1);
  });

  it('L9: refuses it in another journey, with and without its own handle', async () => {
    const here = system();
    const [mine, theirs] = [await here.depart(), await here.depart()];
    const xml = speak(mine, { keys });
    expect(await theirs.finish(posted(mine, xml))).toEqual(refused('not-bound'));
    expect(await theirs.finish(posted(theirs, xml))).toEqual(refused('not-bound'));
    expect(await mine.finish({ ...posted(mine, xml), RelayState: theirs.handle })).toEqual(refused('not-bound'));
    expect(here.remembered.size).toBe(0);
  });

  it('LA12: the handle comes back as RelayState', async () => {
    const here = system();
    expect(await here.handleOf({ RelayState: 'a-handle', state: 'another' })).toBe('a-handle');
    expect(await here.handleOf({})).toBeUndefined();
  });

  it('L10: a partner cannot speak for another that has the same key', async () => {
    const said = { speech: { issuer: 'https://other.test' } };
    expect(await answer(said)).toEqual(refused('wrong-issuer'));
  });
});

describe('what a partner says when it lets nobody in', () => {
  const STATUS = 'urn:oasis:names:tc:SAML:2.0:status';
  it.each([
    ['AuthnFailed', 'wrong-secret'],
    ['UnknownPrincipal', 'unknown-person'],
    ['NoAuthnContext', 'level-too-low'],
    ['RequestDenied', 'not-allowed'],
    ['NoPassive', 'cancelled'],
  ])('says %s as %s', async (status, reason) => {
    const alter = (xml: string) =>
      xml
        .replace(
          /<samlp:StatusCode [^>]*>/,
          `<samlp:StatusCode Value="${STATUS}:Responder"><samlp:StatusCode Value="${STATUS}:${status}"/></samlp:StatusCode>`,
        )
        .replace(/<saml:Assertion.*<\/saml:Assertion>/s, '');
    expect(await answer({ alter, sign: [] })).toEqual(refused(reason));
  });

  it('E5: does not look at a statement beside a status that is no success', async () => {
    expect(await answer({ alter: replacing(`${STATUS}:Success`, `${STATUS}:Responder`) })).toEqual(
      refused('cancelled'),
    );
  });
});
