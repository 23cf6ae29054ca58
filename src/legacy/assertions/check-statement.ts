import type { LegacyRefusal } from '../answer.ts';
import type { Bearer, Statement } from './statement.ts';

/** What a statement must be, to be about this sign-in. */
export interface Expected {
  readonly now: Date;
  readonly skewSeconds: number;
  readonly issuer: string;
  /** Us. */
  readonly audience: string;
  /** When the browser left for the partner. */
  readonly departedAt: Date;
  /** Whoever signed in before that has proved nothing now. */
  readonly isFresh: boolean;
  /** Left out where the protocol knows no such thing. */
  readonly bearer?: { readonly recipient: string; readonly inResponseTo: string };
}

type Rule = (statement: Statement, expected: Expected) => LegacyRefusal | undefined;

const rules: readonly Rule[] = [
  function fromTheOneThatWasAsked({ issuer }, expected) {
    return issuer === expected.issuer ? undefined : 'wrong-issuer';
  },
  function forUs({ audiences }, { audience }) {
    return audiences.length > 0 && audiences.every((names) => names.includes(audience)) ? undefined : 'wrong-audience';
  },
  function inItsTime({ notBefore, notOnOrAfter }, expected) {
    return isWithin({ notBefore, notOnOrAfter }, expected) ? undefined : 'stale';
  },
  function madeForThisSignIn({ issuedAt }, { now, departedAt, skewSeconds }) {
    const isNew = issuedAt.getTime() >= departedAt.getTime() - skewSeconds * 1000;
    return isNew && issuedAt.getTime() <= now.getTime() + skewSeconds * 1000 ? undefined : 'stale';
  },
  function signedInJustNow({ authentication: { at, sessionEnds } }, { now, departedAt, skewSeconds, isFresh }) {
    const skew = skewSeconds * 1000;
    if (at.getTime() > now.getTime() + skew) return 'stale';
    if (sessionEnds && sessionEnds.getTime() <= now.getTime() - skew) return 'stale';
    return isFresh && at.getTime() < departedAt.getTime() - skew ? 'stale' : undefined;
  },
  function broughtByWhoAsked({ bearers }, expected) {
    if (!expected.bearer) return undefined;
    const reasons = bearers.map((bearer) => judgeBearer(bearer, expected));
    if (reasons.includes(undefined)) return undefined;
    return reasons[0] ?? 'not-bound';
  },
];

/** Every rule, in this order; the first that is broken. */
export function checkStatement(statement: Statement, expected: Expected): LegacyRefusal | undefined {
  for (const rule of rules) {
    const broken = rule(statement, expected);
    if (broken) return broken;
  }
  return undefined;
}

function judgeBearer(given: Bearer, expected: Expected): LegacyRefusal | undefined {
  const { bearer: wanted } = expected;
  if (given.recipient !== wanted?.recipient) return 'wrong-recipient';
  if (given.inResponseTo !== wanted?.inResponseTo) return 'not-bound';
  return given.notOnOrAfter && isWithin(given, expected) ? undefined : 'stale';
}

function isWithin(
  { notBefore, notOnOrAfter }: Pick<Bearer, 'notBefore' | 'notOnOrAfter'>,
  { now, skewSeconds }: Expected,
): boolean {
  const skew = skewSeconds * 1000;
  if (notBefore && notBefore.getTime() > now.getTime() + skew) return false;
  return !notOnOrAfter || notOnOrAfter.getTime() > now.getTime() - skew;
}
