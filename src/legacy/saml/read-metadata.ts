import type { KeyObject } from 'node:crypto';
import { parseXmlBytes } from '../assertions/parse-xml.ts';
import { attributeOf, childrenOf, descendantsOf, isNamed, onlyChild, textOf } from '../assertions/read-elements.ts';
import { readSigningKey } from '../assertions/signing-keys.ts';
import { readTime } from '../assertions/statement.ts';
import { verifySignature } from '../assertions/verify-signature.ts';
import type { Partner } from './partner.ts';
import type { SamlSettings } from './settings.ts';

const MD = 'urn:oasis:names:tc:SAML:2.0:metadata';
const DS = 'http://www.w3.org/2000/09/xmldsig#';
const SHIBMD = 'urn:mace:shibboleth:metadata:1.0';
const SAML2_PROTOCOL = 'urn:oasis:names:tc:SAML:2.0:protocol';
const BINDINGS = {
  redirect: 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect',
  post: 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST',
};

type Found =
  | { readonly outcome: 'found'; readonly partner: Partner; readonly validUntil: number | undefined }
  | {
      readonly outcome: 'unusable';
      readonly reason: 'not-xml' | 'not-signed' | 'expired' | 'no-such-entity' | 'no-sign-in' | 'no-keys';
    };

interface Means {
  readonly settings: SamlSettings;
  readonly signers: readonly KeyObject[];
  readonly maxBytes: number;
  readonly now: Date;
}

const unusable = (reason: Extract<Found, { outcome: 'unusable' }>['reason']): Found => ({
  outcome: 'unusable',
  reason,
});

/** Reads one partner out of metadata that its federation, or the partner itself, has signed as a whole. */
export function readMetadata(body: Buffer, { settings, signers, maxBytes, now }: Means): Found {
  const limits = { most: maxBytes, comments: 'dropped', nodes: Number.POSITIVE_INFINITY } as const;
  const document = parseXmlBytes(body, limits);
  if (!document) return unusable('not-xml');
  const checked = verifySignature(document, document.root, { keys: signers, idName: 'ID', limits });
  if (checked.outcome === 'refused') return unusable('not-signed');
  const { root } = checked.signed;
  const entities = [...descendantsOf(root)].filter(
    (element) => isNamed(element, MD, 'EntityDescriptor') && attributeOf(element, 'entityID') === settings.entityId,
  );
  const [entity] = entities;
  if (!entity || entities.length > 1) return unusable('no-such-entity');
  const ends = endsOf(root, entity);
  if (ends.some((end) => !(end > now.getTime()))) return unusable('expired');
  return readEntity(entity, { settings, validUntil: ends.length > 0 ? Math.min(...ends) : undefined });
}

/** Of the whole and of the one; a time that cannot be read is over. */
const endsOf = (...elements: readonly Element[]): readonly number[] =>
  elements
    .filter((element) => element.hasAttribute('validUntil'))
    .map((element) => readTime(attributeOf(element, 'validUntil'))?.getTime() ?? Number.NEGATIVE_INFINITY);

function readEntity(
  entity: Element,
  { settings, validUntil }: { readonly settings: SamlSettings; readonly validUntil: number | undefined },
): Found {
  const provider = onlyChild(entity, MD, 'IDPSSODescriptor');
  const protocols = attributeOf(provider, 'protocolSupportEnumeration')?.split(/\s+/) ?? [];
  if (!provider || !protocols.includes(SAML2_PROTOCOL)) return unusable('no-sign-in');
  const signInUrl = childrenOf(provider, MD, 'SingleSignOnService')
    .filter((service) => attributeOf(service, 'Binding') === BINDINGS[settings.requestBinding ?? 'redirect'])
    .map((service) => attributeOf(service, 'Location'))
    .find((location) => location !== undefined && /^https?:\/\/[^\s]+$/.test(location));
  if (signInUrl === undefined) return unusable('no-sign-in');
  const keys = readKeys(provider);
  if (keys.length === 0) return unusable('no-keys');
  return {
    outcome: 'found',
    partner: { signInUrl, keys, scopes: [...(settings.scopes ?? []), ...readScopes(entity)] },
    validUntil,
  };
}

const readKeys = (provider: Element): readonly KeyObject[] =>
  childrenOf(provider, MD, 'KeyDescriptor')
    .filter((key) => (attributeOf(key, 'use') ?? 'signing') === 'signing')
    .flatMap((key) => childrenOf(key, DS, 'KeyInfo'))
    .flatMap((info) => childrenOf(info, DS, 'X509Data'))
    .flatMap((data) => childrenOf(data, DS, 'X509Certificate'))
    .flatMap((certificate) => readSigningKey(textOf(certificate) ?? '') ?? []);

/** Patterns are left out: one that is too wide lets a partner speak for another. */
const readScopes = (entity: Element): readonly string[] =>
  [...descendantsOf(entity)]
    .filter((element) => isNamed(element, SHIBMD, 'Scope') && !/^(true|1)$/.test(attributeOf(element, 'regexp') ?? ''))
    .flatMap((element) => textOf(element) ?? []);
