import { Value } from 'typebox/value';
import type { Accounts } from '../../accounts/index.ts';
import type { SourceDefinition } from '../sources/definition.ts';
import { Carried } from './legacy-proofs.ts';

export interface TypedPassword {
  readonly definition: SourceDefinition;
  readonly login: string;
  readonly password: string;
  /** What else is known of the person: a password must not be their name. */
  readonly words?: readonly string[];
  /** The old system looked at the beginning of it only. */
  readonly truncated?: boolean;
}

export type CarryTyped = (typed: TypedPassword) => Promise<Carried>;

/**
 * Hashes a password that an old system has taken, for the new account, before the transaction that will need it. One that
 * is weaker than today's rule is let in and marked, to be changed later: the day of the move is no day to lock people out.
 */
export function createCarryTyped(accounts: Accounts, minimum: number): CarryTyped {
  return async ({ definition, login, password, words = [], truncated = false }) => {
    const known = [definition.name.en, definition.department, login, ...words];
    const judged = accounts.passwordPolicy.judge(password, { minimum, words: known });
    return { passwordHash: await accounts.hashPassword(password), belowPolicy: truncated || !judged.ok, truncated };
  };
}

export const writeCarried = (carried: Carried): string => JSON.stringify(carried);
export const readCarried = (text: string): Carried => Value.Parse(Carried, JSON.parse(text));
