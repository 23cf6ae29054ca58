import type { LegacyRefusal, Warning } from '../answer.ts';
import { onlyValue } from '../assertions/read-attributes.ts';
import { readNameId, SAML2 } from '../assertions/read-assertion.ts';
import { onlyChild } from '../assertions/read-elements.ts';
import type { Claim, NameId, Statement } from '../assertions/statement.ts';
import type { SamlSettings } from './settings.ts';

const PERSISTENT = 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent';
const EDU_PERSON = 'urn:oid:1.3.6.1.4.1.5923.1.1.1';
const TARGETED_ID = `${EDU_PERSON}.10`;
const EPPN = `${EDU_PERSON}.6`;
const PAIRWISE_ID = 'urn:oasis:names:tc:SAML:attribute:pairwise-id';
const SUBJECT_ID = 'urn:oasis:names:tc:SAML:attribute:subject-id';
/** With the issuer's own domain behind an @, or they are somebody else's to give. */
const SCOPED = new Set([EPPN, `${EDU_PERSON}.9`, PAIRWISE_ID, SUBJECT_ID]);
const LONGEST = 255;

type Identifier =
  | { readonly outcome: 'found'; readonly accountKey: string; readonly warnings: readonly Warning[] }
  | { readonly outcome: 'refused'; readonly reason: LegacyRefusal };

/** What the old system knows the person by: an id that stays theirs, or one that settings say may not. */
export function readIdentifier(
  statement: Statement,
  { identifier, entityId, serviceEntityId }: SamlSettings,
  scopes: readonly string[],
): Identifier {
  if (identifier === 'persistent-name-id') return found(ownNameId(statement.nameId, entityId, serviceEntityId));
  if (identifier === 'targeted-id') return found(ownNameId(targetedId(statement), entityId, serviceEntityId));
  if (identifier === 'eppn') return scoped(statement, EPPN, scopes, ['identifier-may-be-reassigned']);
  if (identifier === 'pairwise-id') return scoped(statement, PAIRWISE_ID, scopes);
  if (identifier === 'subject-id') return scoped(statement, SUBJECT_ID, scopes);
  return SCOPED.has(identifier.claim)
    ? scoped(statement, identifier.claim, scopes)
    : found(onlyValue(statement.claims, identifier.claim));
}

const found = (accountKey: string | undefined, warnings: readonly Warning[] = []): Identifier =>
  accountKey === undefined || accountKey.length > LONGEST
    ? { outcome: 'refused', reason: 'identifier-missing' }
    : { outcome: 'found', accountKey, warnings };

/** Persistent, given by this partner, and to us: another service's pseudonym of somebody is not ours. */
function ownNameId(nameId: NameId | undefined, entityId: string, serviceEntityId: string): string | undefined {
  if (nameId?.format !== PERSISTENT) return undefined;
  const { nameQualifier = entityId, spNameQualifier = serviceEntityId } = nameId;
  return nameQualifier === entityId && spNameQualifier === serviceEntityId ? nameId.value : undefined;
}

function targetedId({ claims }: Statement): NameId | undefined {
  const values = claims.filter(({ name }) => name === TARGETED_ID).flatMap((claim) => claim.values);
  const [value] = values;
  return value && values.length === 1 ? readNameId(onlyChild(value.element, SAML2, 'NameID')) : undefined;
}

function scoped(
  { claims }: Statement,
  name: string,
  scopes: readonly string[],
  warnings: readonly Warning[] = [],
): Identifier {
  const value = onlyValue(claims, name);
  if (value === undefined) return found(undefined);
  if (!hasOwnScope(value, scopes)) return { outcome: 'refused', reason: 'forged' };
  // As it was sent: the old system kept it so, and the definition of the source says how its ids are compared.
  return found(value, warnings);
}

function hasOwnScope(value: string, scopes: readonly string[]): boolean {
  const [local, scope, ...more] = value.split('@');
  if (local === '' || scope === undefined || more.length > 0) return false;
  return scopes.some((own) => own.toLowerCase() === scope.toLowerCase());
}

/** Scoped values that are not the partner's to give are as if they had not been said. */
export const withoutForeignScopes = (claims: readonly Claim[], scopes: readonly string[]): readonly Claim[] =>
  claims.map(({ name, values }) => ({
    name,
    values: SCOPED.has(name) ? values.filter(({ text }) => hasOwnScope(text, scopes)) : values,
  }));
