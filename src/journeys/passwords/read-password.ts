import { isOverlong } from '../../accounts/index.ts';
import type { Problem } from '../engine/facts.ts';

/** What is wrong with a password before any work is done with it: missing, or too long (linking-attacks.md 21). */
export function refusePassword(password: string, field = 'password'): Problem | undefined {
  if (password === '') return { field, key: 'journeys.passwords.problems.missing' };
  if (isOverlong(password)) return { field, key: 'journeys.passwords.problems.tooLong' };
  return undefined;
}
