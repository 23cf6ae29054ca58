export const MIN_REASON = 5;

// An address in any spelling, or nothing but the figures of a number.
const PERSONAL = /[@\uFF20\uFE6B]|%40|^\+?[\d ()-]{7,}$/;

/** What is wrong with a reason that somebody gives: it is on record for ever, and nothing of a person may be (G2). */
export function judgeReason(reason: string): 'reason-missing' | 'reason-personal' | undefined {
  const words = reason.trim();
  if (PERSONAL.test(words)) return 'reason-personal';
  return words.length < MIN_REASON ? 'reason-missing' : undefined;
}
