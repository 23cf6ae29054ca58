import type { Attribute } from '../answer.ts';
import type { ClaimMap } from './claim-settings.ts';
import type { Claim, Statement } from './statement.ts';

const MOST_VALUES = 20;
const LONGEST = 500;

/** What configuration names, as the partner said it when it made the statement. */
export function readAttributes(
  statement: Pick<Statement, 'issuedAt' | 'claims'>,
  map: ClaimMap,
  from: string,
): readonly Attribute[] {
  const asOf = statement.issuedAt.toISOString();
  return map.flatMap(({ name, claim, verified }) =>
    valuesOf(statement.claims, claim)
      .slice(0, MOST_VALUES)
      .map((value) => ({ name, value: value.slice(0, LONGEST), from, asOf, ...(verified === true && { verified }) })),
  );
}

export const valuesOf = (claims: readonly Claim[], name: string): readonly string[] =>
  claims.filter((claim) => claim.name === name).flatMap(({ values }) => values.map(({ text }) => text).filter(Boolean));

/** The one value of a claim; two make it nobody's. */
export function onlyValue(claims: readonly Claim[], name: string): string | undefined {
  const values = valuesOf(claims, name);
  return values.length === 1 ? values[0] : undefined;
}
