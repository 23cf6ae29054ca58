import { Value } from 'typebox/value';
import type { Accounts } from '../../accounts/index.ts';
import { Carried } from '../adoption/legacy-proofs.ts';
import type { SourceDefinition } from '../sources/definition.ts';

export type CarryTyped = (typed: {
  readonly definition: SourceDefinition;
  readonly login: string;
  readonly password: string;
  /** Of the person, where it is known: a password must not be their name. */
  readonly words?: readonly string[];
}) => Promise<Carried>;

/**
 * Hashes a password that an old system has taken, for the new account. One that is weaker than today's rule is let in and
 * marked, to be changed later: the day of the move is no day to lock people out.
 */
export function createCarryTyped(accounts: Accounts, minimum: number): CarryTyped {
  return async ({ definition, login, password, words = [] }) => {
    const known = [definition.name.en, definition.department, login, ...words];
    const judged = accounts.passwordPolicy.judge(password, { minimum, words: known });
    return { passwordHash: await accounts.hashPassword(password), belowPolicy: !judged.ok, truncated: false };
  };
}

export const writeCarried = (carried: Carried): string => JSON.stringify(carried);
export const readCarried = (text: string): Carried => Value.Parse(Carried, JSON.parse(text));
