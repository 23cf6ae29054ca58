import { digest } from '../primitives/digests.ts';
import { type Read, malformed, scheme } from '../scheme.ts';

// The two sides are compared as digests: as long for every password, and blank at rest.
const sameLength = (text: string): Buffer => digest('sha256', Buffer.from(text));

const BLANK = '{PLAIN}';

function read(stored: string): Read {
  const text = stored.replace(/^\{(?:PLAIN|CLEARTEXT|CLEAR|noop)\}/i, '');
  return {
    cost: 1,
    expected: sameLength(text),
    compute: (password) => sameLength(password.text),
    // Nothing of it stays beside the wrapped digest.
    blank: BLANK,
  };
}

export const PLAIN_TEXT_ROWS = [
  scheme({
    id: 'plaintext',
    explicit: true,
    family: 'plain',
    shape: /^\{(?:PLAIN|CLEARTEXT|CLEAR|noop)\}/i,
    costClass: 'fast',
    commonCost: 1,
    bounds: 'none; it is wrapped at import and never stored as it comes',
    note: 'passwords in clear: an incident to report',
    read: (stored) => (stored.length > 1024 ? malformed : read(stored)),
  }),
] as const;
