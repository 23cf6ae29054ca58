import { isCommonPassword } from './common-passwords/is-common-password.ts';
import { isOverlong, normalisePassword } from './hash-password.ts';

export type PasswordProblem = 'too-short' | 'too-long' | 'common' | 'contains-word';

export type PasswordJudgement =
  | { readonly ok: true }
  | { readonly ok: false; readonly reasons: readonly PasswordProblem[] };

export interface PasswordRule {
  /** Characters (code points): 15 where the password stands alone, 8 where a second factor always follows (A1). */
  readonly minimum: number;
  /** What a guesser would try first: names of the service, the department and the person, the address. */
  readonly words: readonly string[];
}

export interface PasswordPolicy {
  /** Says all that is wrong at once. No rules of composition, no expiry (A3). */
  judge(password: string, rule: PasswordRule): PasswordJudgement;
}

const MAX_CHARACTERS = 256;
const SHORTEST_WORD = 4;
const EVERYDAY = new Set(['from', 'with', 'your', 'this', 'that', 'into', 'about', 'gyda', 'eich']);

export const passwordPolicy: PasswordPolicy = {
  judge(password, { minimum, words }) {
    if (isOverlong(password)) return { ok: false, reasons: ['too-long'] };
    const normal = normalisePassword(password);
    const characters = Array.from(normal).length;
    const reasons: PasswordProblem[] = [];
    if (characters < minimum) reasons.push('too-short');
    if (characters > MAX_CHARACTERS) reasons.push('too-long');
    if (isCommonPassword(normal)) reasons.push('common');
    if (containsWord(normal, words)) reasons.push('contains-word');
    return reasons.length === 0 ? { ok: true } : { ok: false, reasons };
  },
};

function containsWord(password: string, words: readonly string[]): boolean {
  const squashed = squash(password);
  return words.flatMap(guessesFrom).some((guess) => squashed.includes(guess));
}

/** A name as a whole and each of its longer parts: "Rent Support" gives rentsupport, rent and support. */
function guessesFrom(name: string): string[] {
  const local = name.replace(/@[^@]*$/, '');
  const parts = local.split(/[^\p{L}\p{N}\p{M}]+/u).map(squash);
  return [squash(local), ...parts].filter((part) => Array.from(part).length >= SHORTEST_WORD && !EVERYDAY.has(part));
}

function squash(text: string): string {
  return normalisePassword(text)
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\p{M}]/gu, '');
}
