import type { Asks, OldWay, ProvingResult } from '../../migration/index.ts';
import type { Problem } from '../engine/facts.ts';
import type { JourneyDeps } from '../journey-deps.ts';
import { tooManyTries } from '../passwords/password-throttle.ts';
import type { Asked, Proved } from './asked.ts';

/** What became of an attempt to prove an old account, as these pages go on with it. */
export type Taken =
  | {
      readonly outcome: 'problems';
      readonly problems: readonly Problem[];
      /** What is to be asked from now on. */
      readonly asked?: Asks;
      /** What a complaint would be about, where one is asked for. */
      readonly refusal?: string;
    }
  | { readonly outcome: 'asks'; readonly asked: Asks }
  | { readonly outcome: 'unavailable' }
  | { readonly outcome: 'proved'; readonly proofs: readonly Proved[]; readonly isEnough: boolean };

/** Where something is told of an attempt in which nothing was typed here: at the button that leads away. */
export const AWAY = 'proof';

export interface Before {
  readonly source: string;
  readonly proofs: readonly Proved[];
  /** The box that a mismatch is told at. */
  readonly field: string;
}

/** A second proof of another account is a mismatch like any other: proofs of two people make neither's. */
export async function takeProof(
  deps: Pick<JourneyDeps, 'migration' | 'metrics'>,
  result: ProvingResult,
  { source, proofs, field }: Before,
): Promise<Taken> {
  const isOther = result.outcome === 'match' && proofs.some(({ legacyKey }) => legacyKey !== result.legacyKey);
  if (result.outcome === 'mismatch' || isOther) {
    deps.metrics.signIn('old-account-mismatch');
    const again = result.outcome === 'mismatch' ? result.again : undefined;
    const at = again ? firstField(again) : field;
    const problems = [{ field: at, key: `journeys.oldProof.problems.${at === AWAY ? 'wrongThere' : 'wrong'}` }];
    const { refusal } = result;
    return { outcome: 'problems', problems, ...(again && { asked: again }), ...(refusal !== undefined && { refusal }) };
  }
  if (result.outcome === 'too-many') {
    deps.metrics.signIn('old-account-too-many');
    return { outcome: 'problems', problems: [tooManyTries(field, result.retryAfterSeconds)] };
  }
  if (result.outcome === 'asks') return { outcome: 'asks', asked: result };
  if (result.outcome !== 'match') return { outcome: 'unavailable' };
  const { proof, kind, legacyKey, carriesPassword } = result;
  const all = [...proofs, { proof, kind, legacyKey, carries: carriesPassword }];
  const isEnough = await deps.migration.proving.isEnough(
    source,
    all.map((proved) => proved.kind),
  );
  return { outcome: 'proved', proofs: all, isEnough };
}

/** Every box that was asked for is filled in. */
export function problemsOfFields(
  asked: Asked | undefined,
  typed: Readonly<Record<string, string>>,
): readonly Problem[] {
  if (asked?.outcome !== 'asks') return [];
  return asked.prompt.fields
    .filter(({ name, optional }) => optional !== true && (typed[name] ?? '').trim() === '')
    .map(({ name }) => ({ field: name, key: `journeys.oldProof.problems.${MISSING[name] ?? 'missing'}` }));
}

const MISSING: Readonly<Record<string, string>> = { login: 'login', password: 'password', code: 'code' };

/** Only what was asked for is passed on. */
export const answersTo = ({ prompt }: Asks, typed: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(prompt.fields.flatMap(({ name }) => (typed[name] === undefined ? [] : [[name, typed[name]]])));

/** The box at which something that concerns all of them is told. */
export const firstField = (asked: Asked | undefined): string =>
  (asked?.outcome === 'asks' ? asked.prompt.fields[0]?.name : undefined) ?? AWAY;

/** What was typed and may be shown again: nothing that is secret. */
export function shownAgain(
  asked: Asked | undefined,
  typed: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  if (asked?.outcome !== 'asks') return {};
  const open = asked.prompt.fields.filter(({ kind }) => kind !== 'secret' && kind !== 'code');
  return Object.fromEntries(open.map(({ name }) => [name, (typed[name] ?? '').slice(0, 200)]));
}

/** Ways that can still add something to what was proved. */
export async function waysLeft(
  deps: Pick<JourneyDeps, 'migration'>,
  source: string,
  proofs: readonly Proved[],
): Promise<readonly OldWay[]> {
  const ways = await deps.migration.proving.ways(source);
  const used = new Set(proofs.map(({ kind }) => wayOf(kind, ways)));
  return ways.filter((way) => !used.has(way));
}

/** A code or a fact that is no way of its own here was proved by the old system's sign-in method. */
function wayOf(kind: Proved['kind'], ways: readonly OldWay[]): OldWay | undefined {
  const way = WAY_OF[kind];
  return way !== undefined && !ways.includes(way) ? 'old-system' : way;
}

const WAY_OF: Readonly<Record<Proved['kind'], OldWay | undefined>> = {
  'old-password': 'old-password',
  'old-sign-in': 'old-system',
  'redirect-assertion': 'old-system',
  'contact-code': 'contact-code',
  'reference-and-fact': 'reference-and-fact',
  'posted-code': 'code-in-hand',
  'two-operators': 'code-in-hand',
  'service-attestation': undefined,
};
