import { afterEach, describe, expect, it } from 'vitest';
import { signXml } from '../../demo/stand-ins/sign-xml.ts';
import { startFederationStandIn } from '../../demo/stand-ins/ticket/federation-stand-in.ts';
import { makeTokenResponse, signToken, type TokenSpeech } from '../../demo/stand-ins/ticket/make-token.ts';
import type { AdapterSettings } from '../../src/legacy/index.ts';
import { formBrowser } from '../support/legacy-servers/form-browser.ts';
import { PASSWORD } from '../support/legacy-servers/people.ts';
import { CALLBACK, redirectedSystem, type RedirectedSystem } from '../support/redirected-system.ts';
import { makeResponse, newKeys } from '../support/saml-partner.ts';

type Federation = Extract<AdapterSettings, { method: 'M19' }>;
const ISSUER = 'http://adfs.partner.test/adfs/services/trust';
const REALM = 'urn:old-service.test';
const ID = 'http://schemas.partner.test/claims/employee';
const UPN = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn';
const METHODS = 'http://schemas.microsoft.com/claims/authnmethodsreferences';

const keys = newKeys();
const refused = (reason: string) => ({ outcome: 'refused', reason });
const minutes = (count: number): string => new Date(Date.now() + count * 60_000).toISOString();

let open: RedirectedSystem | undefined;
afterEach(() => open?.close());
const system = (changed: Partial<Federation> = {}): RedirectedSystem =>
  (open = redirectedSystem({
    settings: {
      family: 'ticket',
      method: 'M19',
      passiveUrl: 'https://adfs.partner.test/adfs/ls',
      issuer: ISSUER,
      realm: REALM,
      certificates: [keys.publicKey],
      identifier: { claim: ID },
      ...changed,
    },
  }));

interface Said {
  readonly speech?: Partial<TokenSpeech>;
  readonly alter?: (xml: string) => string;
  readonly sign?: (xml: string) => string;
  readonly after?: (xml: string) => string;
}
const same = (xml: string): string => xml;
const token = ({
  speech,
  alter = same,
  sign = (xml) => signToken(xml, keys.privateKey),
  after = same,
}: Said = {}): string => {
  const said = {
    issuer: ISSUER,
    realm: REALM,
    method: 'urn:oasis:names:tc:SAML:1.0:am:password',
    nameId: { format: UPN, value: 'anna@partner.test' },
    claims: { [ID]: 'employee-7' },
    now: new Date(),
    ...speech,
  };
  return after(sign(alter(makeTokenResponse(said))));
};
const answer = async (said: Said = {}, changed: Partial<Federation> = {}) => {
  const { handle, finish } = await system(changed).depart();
  return finish({ wa: 'wsignin1.0', wctx: handle, wresult: token(said) });
};

const setting = (name: string, value: string) => (xml: string) =>
  xml.replaceAll(new RegExp(` ${name}="[^"]*"`, 'g'), ` ${name}="${value}"`);
const replacing = (from: string | RegExp, to: string) => (xml: string) => xml.replace(from, to);

describe('a token of WS-Federation', () => {
  it('M19: the browser leaves with our realm, the journey’s handle, and word that people must sign in anew', async () => {
    const { handle, url } = await system({ requestedMethod: 'urn:oasis:names:tc:SAML:1.0:am:password' }).depart();
    const { wct, ...others } = Object.fromEntries(new URL(url).searchParams);
    expect(Date.parse(wct ?? '')).toBeGreaterThan(0);
    expect(others).toEqual({
      wa: 'wsignin1.0',
      wtrealm: REALM,
      wctx: handle,
      wreply: CALLBACK,
      wfresh: '0',
      wauth: 'urn:oasis:names:tc:SAML:1.0:am:password',
    });
    expect(await system().handleOf({ wctx: 'a-handle' })).toBe('a-handle');
  });

  it('M19: identifies by the claim of the settings', async () => {
    expect(await answer()).toMatchObject({
      outcome: 'identified',
      identity: { accountKey: 'employee-7', warnings: [] },
    });
  });

  it('M19: a principal name may change hands, and an address is no identifier', async () => {
    const claims = { [UPN]: 'anna@partner.test' };
    expect(await answer({ speech: { claims } }, { identifier: { claim: UPN } })).toMatchObject({
      identity: { accountKey: 'anna@partner.test', warnings: ['identifier-may-be-reassigned'] },
    });
    const nameId = { format: 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress', value: 'anna@partner.test' };
    expect(await answer({ speech: { nameId } }, { identifier: 'name-identifier' })).toEqual(
      refused('identifier-missing'),
    );
    const address = { claim: 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress' };
    await expect(system({ identifier: address }).tryToDepart()).rejects.toMatchObject({ code: 'config_invalid' });
  });

  it('E6: a second factor counts where AD FS says so, and no more than the partner is trusted for', async () => {
    const claims = { [ID]: 'employee-7', [METHODS]: 'http://schemas.microsoft.com/claims/multipleauthn' };
    expect(await answer({ speech: { claims } })).toMatchObject({ identity: { level: 'Cl.Cm' } });
    expect(await answer({ speech: { claims } }, { mostLevel: 'Cl' })).toMatchObject({
      identity: { level: 'Cl', warnings: ['level-lowered'] },
    });
  });

  it.each<[string, (xml: string) => string, string]>([
    ['of another issuer', replacing(` Issuer="${ISSUER}"`, ' Issuer="http://other.test"'), 'wrong-issuer'],
    ['for another realm', replacing(`<saml:Audience>${REALM}`, '<saml:Audience>urn:other'), 'wrong-audience'],
    ['in an answer for another realm', replacing(`<wsa:Address>${REALM}`, '<wsa:Address>urn:other'), 'wrong-audience'],
    [
      'for no realm',
      replacing(/<saml:AudienceRestrictionCondition>.*<\/saml:AudienceRestrictionCondition>/s, ''),
      'wrong-audience',
    ],
    ['that is not true yet', setting('NotBefore', minutes(3)), 'stale'],
    ['that is over', setting('NotOnOrAfter', minutes(-3)), 'stale'],
    ['that never ends', replacing(/ NotOnOrAfter="[^"]*"/, ''), 'misshapen'],
    ['made before the browser left', setting('IssueInstant', minutes(-5)), 'stale'],
    ['of a sign-in before the browser left', setting('AuthenticationInstant', minutes(-5)), 'stale'],
    ['of no sign-in', replacing(/<saml:AuthenticationStatement.*<\/saml:AuthenticationStatement>/s, ''), 'misshapen'],
    ['for who holds a key', replacing('cm:bearer', 'cm:holder-of-key'), 'misshapen'],
    ['about two people', replacing('anna@partner.test', 'eve@partner.test'), 'misshapen'],
    ['of SAML 1.0', setting('MinorVersion', '0'), 'misshapen'],
    [
      'with a condition that we do not know',
      replacing('</saml:Conditions>', '<saml:Condition/></saml:Conditions>'),
      'misshapen',
    ],
    ['without the claim', replacing(`AttributeName="employee"`, 'AttributeName="name"'), 'identifier-missing'],
    [
      'with two values of the claim',
      replacing('</saml:AttributeValue>', '</saml:AttributeValue><saml:AttributeValue>other</saml:AttributeValue>'),
      'identifier-missing',
    ],
  ])('E4: refuses one %s', async (_what, alter, reason) => {
    expect(await answer({ alter })).toEqual(refused(reason));
  });

  const thief = newKeys();
  it.each<[string, Said, string]>([
    ['without a signature', { sign: same }, 'unsigned'],
    ['with a signature of somebody else', { sign: (xml) => signToken(xml, thief.privateKey) }, 'bad-signature'],
    ['that was changed', { after: replacing('employee-7', 'employee-1') }, 'bad-signature'],
    ['beside another', { after: replacing(/<saml:Assertion.*<\/saml:Assertion>/s, '$&$&') }, 'forged'],
    [
      'around the signed one',
      {
        after: (xml) =>
          xml.replace(
            /<saml:Assertion.*<\/saml:Assertion>/s,
            (signed) =>
              `${signed.replace(/<ds:Signature.*<\/ds:Signature>/s, '').replace('</saml:Assertion>', '')}${signed}</saml:Assertion>`,
          ),
      },
      'forged',
    ],
    ['with a claim cut in two', { after: replacing('employee-7', 'employee<!---->-7') }, 'misshapen'],
    ['with an entity', { after: (xml) => `<!DOCTYPE a [<!ENTITY a "b">]>${xml}` }, 'misshapen'],
    ['that is none', { after: () => '<x/>' }, 'misshapen'],
    ['that is no XML', { after: () => 'x' }, 'misshapen'],
    [
      'that was signed with the answer around it only',
      {
        sign: (xml) =>
          signXml(xml.replace('<t:RequestSecurityTokenResponse', '$& ID="_all"'), {
            key: keys.privateKey,
            element: '/*',
            after: '/*/*[1]',
          }),
      },
      'unsigned',
    ],
  ])('L18: refuses one %s', async (_what, said, reason) => {
    expect(await answer(said)).toEqual(refused(reason));
  });

  it('M19: a token of SAML 2.0 goes through the same checks', async () => {
    const speech = {
      issuer: ISSUER,
      audience: REALM,
      acsUrl: CALLBACK,
      requestId: '_none',
      context: 'urn:federation:authentication:windows',
      nameId: 'pseudonym',
      now: new Date(),
    };
    const wrap = (acsUrl: string): string => {
      const response = makeResponse({ ...speech, acsUrl }, { key: keys.privateKey });
      const assertion = /<saml:Assertion.*<\/saml:Assertion>/s.exec(response)?.[0] ?? '';
      const trust = 'http://docs.oasis-open.org/ws-sx/ws-trust/200512';
      return `<t:RequestSecurityTokenResponseCollection xmlns:t="${trust}"><t:RequestSecurityTokenResponse><t:RequestedSecurityToken>${assertion}</t:RequestedSecurityToken></t:RequestSecurityTokenResponse></t:RequestSecurityTokenResponseCollection>`;
    };
    const { handle, finish } = await system({ identifier: 'name-identifier' }).depart();
    const bring = (wresult: string) => finish({ wa: 'wsignin1.0', wctx: handle, wresult });
    expect(await bring(wrap(CALLBACK))).toMatchObject({ outcome: 'identified', identity: { accountKey: 'pseudonym' } });
    expect(await bring(wrap('https://other.test'))).toEqual(refused('wrong-recipient'));
    expect(await bring(wrap(CALLBACK).replace('pseudonym', 'attacker'))).toEqual(refused('bad-signature'));
  });

  it('L8, L9: is taken once, and in its own journey', async () => {
    const here = system();
    const [mine, theirs] = [await here.depart(), await here.depart()];
    const fields = { wa: 'wsignin1.0', wctx: mine.handle, wresult: token() };
    expect(await theirs.finish(fields)).toEqual(refused('not-bound'));
    expect(await mine.finish(fields)).toMatchObject({ outcome: 'identified' });
    expect(await mine.finish(fields)).toEqual(refused('replayed'));
    // WS-Federation names no request: with another handle it is still the same token.
    expect(await theirs.finish({ ...fields, wctx: theirs.handle })).toEqual(refused('replayed'));
  });

  it('M19: who comes back without a token has given up', async () => {
    const { handle, finish } = await system().depart();
    expect(await finish({ wa: 'wsignin1.0', wctx: handle })).toEqual(refused('cancelled'));
    expect(await finish({ wa: 'wsignout1.0', wctx: handle, wresult: token() })).toEqual(refused('misshapen'));
  });

  it('F24: an endpoint that is away is a fault, and what browsers bring is none', async () => {
    const here = system({ passiveUrl: 'http://127.0.0.1:1/adfs/ls' });
    expect(await here.probe()).toEqual({ outcome: 'unavailable', reason: 'unreachable' });
    const { handle, finish } = await here.depart();
    for (let attempt = 0; attempt < 6; attempt += 1)
      await finish({ wa: 'wsignin1.0', wctx: handle, wresult: 'garbage' });
    expect(here.health()).toMatchObject({ faults: 1, breaker: 'closed' });
  });
});

it('M19: the stand-in of the demonstration lets anna in', async () => {
  const standIn = await startFederationStandIn();
  open = redirectedSystem({ settings: standIn.settings });
  const journey = await open.depart();
  const browser = formBrowser();
  const page = await browser.open(journey.url);
  const wrong = await browser.submit(page, { name: 'anna', password: 'wrong' });
  expect(wrong.fields).not.toHaveProperty('wresult');
  const { fields, action } = await browser.submit(wrong, { name: 'anna', password: PASSWORD });
  expect(action).toBe(CALLBACK);
  expect(await journey.finish(fields)).toMatchObject({ identity: { accountKey: 'kDSxU2lzQkGqYHz1pYvM0w==' } });
  expect(await open.probe()).toBeUndefined();
  await standIn.stop();
});
