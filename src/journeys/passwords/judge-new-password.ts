import type { PasswordProblem } from '../../accounts/index.ts';
import type { Problem } from '../engine/facts.ts';
import type { JourneyDeps } from '../journey-deps.ts';
import { refusePassword } from './read-password.ts';

/** Everything that is wrong with a password somebody wants, all at once and in words (guarantees.md A1, A3, A4). */
export function judgeNewPassword(
  deps: Pick<JourneyDeps, 'accounts' | 'config'>,
  password: string,
  about: { readonly words: readonly string[]; readonly field?: string },
): readonly Problem[] {
  const { words, field = 'password' } = about;
  const refused = refusePassword(password, field);
  if (refused) return [refused];
  const minimum = deps.config.passwords.minimumLength;
  const judged = deps.accounts.passwordPolicy.judge(password, { minimum, words });
  if (judged.ok) return [];
  return judged.reasons.map((reason) => ({ field, key: KEYS[reason], values: { count: minimum } }));
}

const KEYS = {
  'too-short': 'journeys.passwords.problems.tooShort',
  'too-long': 'journeys.passwords.problems.tooLong',
  common: 'journeys.passwords.problems.common',
  'contains-word': 'journeys.passwords.problems.containsWord',
} as const satisfies Record<PasswordProblem, string>;
