import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { signXml } from '../../demo/stand-ins/sign-xml.ts';
import type { AdapterSettings } from '../../src/legacy/index.ts';
import { type Certificate, makeAuthority } from '../support/legacy-servers/certificates.ts';
import { throwawayFolder } from '../support/legacy-servers/throwaway-folder.ts';
import { redirectedSystem, type RedirectedSystem } from '../support/redirected-system.ts';
import { PARTNER, posted, SERVICE, speak } from '../support/saml-partner.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

let federation: Certificate;
let first: Certificate;
let second: Certificate;
let publisher: Server;
beforeAll(async () => {
  const folder = await throwawayFolder('federation');
  const authority = await makeAuthority(folder.path, 'authority');
  federation = await authority.issue({ name: 'federation', use: 'serverAuth', rsa: true });
  first = await authority.issue({ name: 'first', use: 'serverAuth', rsa: true });
  second = await authority.issue({ name: 'second', use: 'serverAuth', rsa: true });
  await folder.remove();
  publisher = createServer((_request, response) => publish(response)).listen(0, '127.0.0.1');
  await once(publisher, 'listening');
});
afterAll(() => {
  publisher.closeAllConnections();
  publisher.close();
});

/** What the federation publishes at the moment, and how often it was asked. */
let publish: (response: ServerResponse) => void;
let asked = 0;
let clock: number;
let system: RedirectedSystem;
const publishing = (text: string, status = 200): void => {
  publish = (response) => {
    asked += 1;
    response.writeHead(status).end(text);
  };
};

const open = (changed: Partial<Extract<AdapterSettings, { family: 'saml' }>> = {}): RedirectedSystem => {
  const address = publisher.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  return redirectedSystem({
    settings: {
      family: 'saml',
      method: 'M18',
      entityId: PARTNER,
      metadata: { url: `http://127.0.0.1:${port}/entities/{entity}`, certificates: [federation.certificate] },
      serviceEntityId: SERVICE,
      identifier: 'eppn',
      ...changed,
    },
    now: () => new Date(clock),
  });
};
beforeEach(() => {
  clock = Date.now();
  asked = 0;
  system = open();
  publishing(signed(aggregate({})));
});
afterEach(() => system.close());

interface Published {
  readonly certificates?: readonly Certificate[];
  readonly validUntil?: string;
  readonly entityId?: string;
  readonly scope?: string;
  readonly use?: string;
}

const bare = ({ certificate }: Certificate): string => certificate.replaceAll(/-----[A-Z ]+-----|\s/g, '');

const entity = ({
  certificates = [first],
  entityId = PARTNER,
  scope = '<shibmd:Scope>partner.test</shibmd:Scope>',
  use = 'signing',
}: Published): string =>
  `<EntityDescriptor entityID="${entityId}"><!-- registered by hand --><IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
    <Extensions>${scope}</Extensions>${certificates
      .map(
        (one) =>
          `<KeyDescriptor use="${use}"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>${bare(one)}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></KeyDescriptor>`,
      )
      .join('')}
    <SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://partner.test/sso"/>
  </IDPSSODescriptor></EntityDescriptor>`;

const aggregate = (published: Published, more = ''): string =>
  `<?xml version="1.0" encoding="UTF-8"?><EntitiesDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:ds="http://www.w3.org/2000/09/xmldsig#"
    xmlns:shibmd="urn:mace:shibboleth:metadata:1.0" ID="_all" validUntil="${published.validUntil ?? new Date(Date.now() + DAY).toISOString()}">${entity(published)}${more}</EntitiesDescriptor>`;

const signed = (xml: string, by = federation): string => {
  const [, prologue = '', document = ''] = /^(<\?xml[^>]*>)(.*)$/s.exec(xml) ?? [];
  const place = { element: '/*', after: "/*/*[local-name(.)='EntityDescriptor'][1]" };
  // The signature comes first in metadata.
  const [body, signature = ''] = [signXml(document, { key: by.key, ...place })].flatMap((text) => {
    const found = /<ds:Signature .*<\/ds:Signature>/s.exec(text)?.[0] ?? '';
    return [text.replace(found, ''), found];
  });
  return prologue + (body ?? '').replace(/(<EntitiesDescriptor[^>]*>)/, `$1${signature}`);
};

const eppn = (value: string) => (xml: string) =>
  xml.replace(
    '</saml:Assertion>',
    `<saml:AttributeStatement><saml:Attribute Name="urn:oid:1.3.6.1.4.1.5923.1.1.1.6"><saml:AttributeValue>${value}</saml:AttributeValue></saml:Attribute></saml:AttributeStatement></saml:Assertion>`,
  );

const signIn = async (by: Certificate, value = 'anna@partner.test') => {
  const journey = await system.depart();
  const keys = { publicKey: by.certificate, privateKey: by.key };
  return journey.finish(
    posted(journey, speak(journey, { keys, alter: eppn(value), speech: { now: new Date(clock) } })),
  );
};

describe('metadata of a federation', () => {
  it('M18: says where to sign in, with which keys, and what scopes are the partner’s', async () => {
    expect((await system.depart()).url).toMatch(/^https:\/\/partner\.test\/sso\?SAMLRequest=/);
    expect(await signIn(first)).toMatchObject({ outcome: 'identified', identity: { accountKey: 'anna@partner.test' } });
    expect(await signIn(first, 'anna@other.test')).toEqual({ outcome: 'refused', reason: 'forged' });
    expect(asked).toBe(1);
  });

  it('M18: patterns of scopes are not believed', async () => {
    publishing(signed(aggregate({ scope: '<shibmd:Scope regexp="true">other.test</shibmd:Scope>' })));
    expect(await signIn(first, 'anna@other.test')).toEqual({ outcome: 'refused', reason: 'forged' });
  });

  it('M18: keys may change: the new one is believed once it is published, and metadata is asked once a minute at most', async () => {
    expect(await signIn(first)).toMatchObject({ outcome: 'identified' });
    publishing(signed(aggregate({ certificates: [first, second] })));
    expect(await signIn(second)).toEqual({ outcome: 'refused', reason: 'bad-signature' });
    expect(asked).toBe(1);
    clock += 2 * MINUTE;
    expect(await signIn(second)).toMatchObject({ outcome: 'identified' });
    expect(await signIn(first)).toMatchObject({ outcome: 'identified' });
    publishing(signed(aggregate({ certificates: [second] })));
    clock += 61 * MINUTE;
    await system.depart();
    await expect.poll(async () => signIn(first)).toEqual({ outcome: 'refused', reason: 'bad-signature' });
  });

  it('F24: what was read is used while nothing can be read, and not beyond its end', async () => {
    expect(await signIn(first)).toMatchObject({ outcome: 'identified' });
    publishing('', 500);
    clock += 3 * 60 * MINUTE;
    expect(await signIn(first)).toMatchObject({ outcome: 'identified' });
    clock += DAY;
    expect(await system.tryToDepart()).toEqual({ outcome: 'unavailable', reason: 'server-error' });
  });

  it.each<[string, () => string, string]>([
    ['is not signed', () => aggregate({}), 'garbage'],
    ['is signed by somebody else', () => signed(aggregate({}), second), 'garbage'],
    [
      'was changed after it was signed',
      () => signed(aggregate({})).replace('partner.test/sso', 'attacker.test/sso'),
      'garbage',
    ],
    ['is over', () => signed(aggregate({ validUntil: new Date(Date.now() - MINUTE).toISOString() })), 'garbage'],
    ['ends at a time that cannot be read', () => signed(aggregate({ validUntil: 'never' })), 'garbage'],
    ['does not name the partner', () => signed(aggregate({ entityId: 'https://other.test' })), 'garbage'],
    ['names the partner twice', () => signed(aggregate({}, entity({ certificates: [second] }))), 'garbage'],
    ['has no keys', () => signed(aggregate({ certificates: [] })), 'garbage'],
    ['has keys for something else', () => signed(aggregate({ use: 'encryption' })), 'garbage'],
    ['has a document type', () => signed(aggregate({})).replace('?>', '?><!DOCTYPE a [<!ENTITY a "b">]>'), 'garbage'],
    ['is no metadata', () => 'Welcome', 'garbage'],
    ['is huge', () => ' '.repeat(2_000_000), 'too-large'],
  ])('F24: what %s is not used', async (_what, published, reason) => {
    publishing(published());
    expect(await system.tryToDepart()).toEqual({ outcome: 'unavailable', reason });
    expect(await system.probe()).toEqual({ outcome: 'unavailable', reason });
  });

  it('F24: a publisher that hangs, is away, or is not on the list, is a fault', async () => {
    publish = () => {};
    await system.close();
    system = open({ limits: { timeoutMs: 300 } });
    expect(await system.tryToDepart()).toEqual({ outcome: 'unavailable', reason: 'timed-out' });
    const certificates = [federation.certificate];
    await system.close();
    system = open({ metadata: { url: 'http://127.0.0.1:1/', certificates } });
    expect(await system.tryToDepart()).toEqual({ outcome: 'unavailable', reason: 'unreachable' });
    await system.close();
    system = open({ metadata: { url: 'http://metadata.test/', certificates } });
    expect(await system.tryToDepart()).toEqual({ outcome: 'unavailable', reason: 'not-on-allow-list' });
  });
});
