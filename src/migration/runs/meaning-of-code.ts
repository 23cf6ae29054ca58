import type { MatchCode } from './phases/decide-row.ts';
import { noteMessages, rejectMessages } from './row-codes.ts';

const matchMessages = {
  login_taken: rejectMessages.login_taken,
  linked_differs: 'Its owner has taken the account over, and the file says something else of it. Nothing was touched.',
  was_released:
    'The account was taken over once and released. Whoever wants it proves it anew; the file changes nothing.',
  was_retired: 'The account was retired here. The file changes nothing.',
  is_organisation: 'The account was shared and became an organisation. The file changes nothing.',
  followed_since:
    'The old system itself has said something newer of this account since the file was made. The file changes nothing.',
  email_on_account:
    'Somebody has proved this e-mail address already. It went in and waits: equal addresses link nobody.',
  email_shared:
    'Several rows of the file have this e-mail address. It went in and waits: its owner proves it otherwise.',
} as const satisfies Record<MatchCode, string>;

const MEANINGS: Readonly<Record<string, string>> = { ...noteMessages, ...rejectMessages, ...matchMessages };

/** What a code of a row or of a note says to an operator, in English. Undefined: it is none of ours. */
export const meaningOfCode = (code: string): string | undefined =>
  Object.hasOwn(MEANINGS, code) ? MEANINGS[code] : undefined;
