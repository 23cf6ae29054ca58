import type { Answered } from '../answer.ts';
import { LegacyFault } from '../legacy-fault.ts';
import type { Found, Reply } from './reply.ts';
import type { Condition, Refusals } from './shared-settings.ts';

export interface Rules {
  readonly success?: readonly Condition[] | undefined;
  readonly refusals?: Refusals | undefined;
}

const USUAL_SUCCESS: readonly Condition[] = [{ status: [200] }];
const USUAL_REFUSALS: Refusals = [{ status: [401], as: 'wrong-secret' }];

/**
 * The refusal that a rule names; undefined for a sign-in. What fits no rule is neither: nobody is let in by an answer that
 * nobody described, and nobody is told that their password is wrong by one. @throws LegacyFault
 */
export function judgeReply(
  reply: Reply,
  { success = USUAL_SUCCESS, refusals = USUAL_REFUSALS }: Rules,
): Extract<Answered, { outcome: 'refused' }> | undefined {
  const refusal = refusals.find((rule) => fits(reply, rule));
  if (refusal) return { outcome: 'refused', reason: refusal.as };
  const isGood = reply.status >= 200 && reply.status < 300 && success.every((condition) => fits(reply, condition));
  // An error page that says 200 is the oldest trap of this family.
  const isMarked = success.some(({ header }) => header !== undefined);
  if (isGood && (!reply.isPage || isMarked)) return undefined;
  throw faultOf(reply);
}

export function fits(reply: Reply, { status, path, header, ...words }: Condition): boolean {
  if (status && !status.includes(reply.status)) return false;
  if (header !== undefined && reply.headers[header] === undefined) return false;
  // Words without a place are found nowhere.
  if (path === undefined) return words.equals === undefined && words.contains === undefined;
  return says(reply.read(path), words);
}

function says(found: Found, { equals, contains }: Pick<Condition, 'equals' | 'contains'>): boolean {
  if (found === undefined || found === '') return false;
  if (equals !== undefined && !isSame(found, equals)) return false;
  return contains === undefined || String(found).toLowerCase().includes(contains.toLowerCase());
}

/** XML knows texts only: there `1` and `true` are what they are written as. */
const isSame = (found: Found, wanted: string | number | boolean): boolean =>
  found === wanted || (typeof found === 'string' && found === String(wanted));

function faultOf({ status, isPage }: Reply): LegacyFault {
  if (status >= 500) return new LegacyFault('server-error', `status ${status}`);
  if (isPage) return new LegacyFault('garbage', `a page, with status ${status}`);
  if (status === 401 || status === 403 || status === 429) return new LegacyFault('refused-us', `status ${status}`);
  return new LegacyFault('garbage', `an answer that no rule describes, with status ${status}`);
}
