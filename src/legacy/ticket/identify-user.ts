import { type Answered, refused } from '../answer.ts';
import { onlyValue, readAttributes, valuesOf } from '../assertions/read-attributes.ts';
import { readLevel } from '../assertions/read-level.ts';
import type { Validation } from './read-validation.ts';
import type { CasSettings } from './settings.ts';

const SKEW_MS = 60_000;

interface Means {
  readonly settings: CasSettings;
  readonly departedAt: Date;
  readonly now: Date;
  readonly source: string;
}

/** Who a ticket is for. A server of CAS 3 says whether they signed in for it, or had a session. */
export function identifyUser(
  { user, claims }: Extract<Validation, { outcome: 'valid' }>,
  { settings, departedAt, now, source }: Means,
): Answered {
  const { identifier, levelAttribute, reauthenticate = true } = settings;
  if (reauthenticate && isFromBefore(claims, departedAt)) return refused('stale');
  const accountKey = identifier === 'user' ? user : onlyValue(claims, identifier.claim);
  if (accountKey === undefined) return refused('identifier-missing');
  const contexts = levelAttribute === undefined ? [] : valuesOf(claims, levelAttribute);
  const { level, warnings } = readLevel(contexts, {
    table: settings.levels ?? [],
    otherwise: 'Cl',
    most: settings.mostLevel ?? 'Cl.Cm',
  });
  return {
    outcome: 'identified',
    identity: {
      accountKey,
      evidence: 'assertion',
      proved: ['assertion'],
      level,
      attributes: readAttributes({ issuedAt: now, claims }, settings.attributes ?? [], source),
      warnings: [
        ...(settings.identifierMayBeReassigned === true ? (['identifier-may-be-reassigned'] as const) : []),
        ...warnings,
      ],
    },
  };
}

function isFromBefore(claims: Parameters<typeof valuesOf>[0], departedAt: Date): boolean {
  const said = (name: string): string | undefined => valuesOf(claims, name)[0];
  if (said('isFromNewLogin') === 'false' || said('longTermAuthenticationRequestTokenUsed') === 'true') return true;
  const at = Date.parse((said('authenticationDate') ?? '').slice(0, 64).replace(/\[[^\]]*\]$/, ''));
  return at < departedAt.getTime() - SKEW_MS;
}
