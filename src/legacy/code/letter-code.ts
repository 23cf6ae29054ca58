import { createHmac } from 'node:crypto';

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/**
 * The twelve characters of one letter to one row: 60 bits that are made anew when they are checked, so that nothing has
 * to be kept for the weeks that a letter takes, and a code is good for no other row and no other letter.
 */
export function letterCode(key: string, source: string, accountKey: string, issued: number): string {
  const mac = createHmac('sha256', key)
    .update(JSON.stringify(['letter', source, accountKey, issued]))
    .digest();
  return Array.from(mac.subarray(0, 12), (byte) => ALPHABET[byte % 32]).join('');
}

/** In fours, as it is printed. */
export const printed = (code: string): string => code.replaceAll(/(.{4})(?=.)/g, '$1-');

/** What somebody reads from paper: letters that look like digits are those digits. */
export const readLetterCode = (typed: string): string =>
  bare(typed).replaceAll('O', '0').replaceAll(/[IL]/g, '1').replaceAll('U', 'V');

export const bare = (typed: string): string =>
  typed
    .normalize('NFKC')
    .replaceAll(/[\s\-\u2010-\u2015]/gu, '')
    .toUpperCase();
