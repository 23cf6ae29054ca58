import { type Answered, refused } from '../answer.ts';
import { readAttributes } from '../assertions/read-attributes.ts';
import { readLevel } from '../assertions/read-level.ts';
import type { Statement } from '../assertions/statement.ts';
import { profileOf } from './profiles.ts';
import { readIdentifier, withoutForeignScopes } from './read-identifier.ts';
import { readMatchingData } from './read-matching-data.ts';
import type { SamlSettings } from './settings.ts';

interface Means {
  readonly settings: SamlSettings;
  readonly source: string;
  readonly scopes: readonly string[];
}

/** Who a good statement is about, and what it is worth. */
export function identify(statement: Statement, { settings, source, scopes }: Means): Answered {
  const identifier = readIdentifier(statement, settings, scopes);
  if (identifier.outcome === 'refused') return identifier;
  const profile = profileOf(settings);
  const table = settings.levels ?? profile.levels;
  const { context } = statement.authentication;
  const isKnown = table.some((row) => row.context === context);
  if (!isKnown && profile.otherwise === undefined) return refused('level-too-low');
  const most = settings.mostLevel ?? 'Cl.Cm';
  const { level, warnings } = readLevel([context], { table, otherwise: profile.otherwise ?? 'none', most });
  const said = { ...statement, claims: withoutForeignScopes(statement.claims, scopes) };
  const matchingData = { from: source, isTrusted: settings.vouchesForMatchingData ?? false };
  return {
    outcome: 'identified',
    identity: {
      accountKey: identifier.accountKey,
      evidence: 'assertion',
      proved: ['assertion'],
      level,
      attributes: [
        ...readAttributes(said, [...profile.attributes, ...(settings.attributes ?? [])], source),
        ...(settings.method === 'M17' ? readMatchingData(said, matchingData) : []),
      ],
      warnings: [...identifier.warnings, ...warnings],
    },
  };
}
