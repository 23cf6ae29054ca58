import { type Answered, refused } from '../answer.ts';
import type { LevelTable } from '../assertions/claim-settings.ts';
import { onlyValue, readAttributes, valuesOf } from '../assertions/read-attributes.ts';
import { readLevel } from '../assertions/read-level.ts';
import type { Statement } from '../assertions/statement.ts';
import type { FederationSettings } from './settings.ts';

/** Where AD FS says how somebody signed in, beside the statement of it. */
const METHODS = 'http://schemas.microsoft.com/claims/authnmethodsreferences';
const LEVELS: LevelTable = [{ context: 'http://schemas.microsoft.com/claims/multipleauthn', level: 'Cl.Cm' }];
const LONGEST = 255;
const ADDRESS = /emailaddress$|:emailAddress$/i;
/** User principal names are names: one who leaves frees theirs. */
const PRINCIPAL_NAME = /\/upn$/i;

/** An address is nobody's for ever: it is not taken for an identifier, whatever configuration says. */
export const isAddressClaim = (claim: string): boolean => ADDRESS.test(claim);

export function identifyToken(statement: Statement, settings: FederationSettings, source: string): Answered {
  const found = nameIn(statement, settings);
  if (!found) return refused('identifier-missing');
  const contexts = [statement.authentication.context, ...valuesOf(statement.claims, METHODS)];
  const { level, warnings } = readLevel(contexts, {
    table: settings.levels ?? LEVELS,
    otherwise: 'Cl',
    most: settings.mostLevel ?? 'Cl.Cm',
  });
  return {
    outcome: 'identified',
    identity: {
      accountKey: found.accountKey,
      evidence: 'assertion',
      proved: ['assertion'],
      level,
      attributes: readAttributes(statement, settings.attributes ?? [], source),
      warnings: [...(found.mayChangeHands ? (['identifier-may-be-reassigned'] as const) : []), ...warnings],
    },
  };
}

function nameIn(
  { nameId, claims }: Statement,
  { identifier, identifierMayBeReassigned = false }: FederationSettings,
): { readonly accountKey: string; readonly mayChangeHands: boolean } | undefined {
  const { kind, value } =
    identifier === 'name-identifier'
      ? { kind: nameId?.format ?? '', value: nameId?.value }
      : { kind: identifier.claim, value: onlyValue(claims, identifier.claim) };
  if (value === undefined || value.length > LONGEST || isAddressClaim(kind)) return undefined;
  return { accountKey: value, mayChangeHands: identifierMayBeReassigned || PRINCIPAL_NAME.test(kind) };
}
