const MAX_LENGTH = 40;

/**
 * A telephone number as E.164, or undefined. Numbers without a country are British: every export of the estate is. It
 * repairs how a number is written, and never guesses at one that is short, long or has an extension.
 */
export function usablePhone(written: string): string | undefined {
  if (written === '' || written.length > MAX_LENGTH) return undefined;
  const digits = written
    .normalize('NFKC')
    .trim()
    .replace(/^(\+|00)44\s*\(0\)/, '+44')
    .replaceAll(/[\s().\-\u2010-\u2015/]/g, '')
    .replace(/^00/, '+');
  const [, national] = /^(?:\+44|0)(\d+)$/.exec(digits) ?? [];
  if (national !== undefined) return british(national);
  return /^\+[1-9]\d{7,14}$/.test(digits) ? digits : undefined;
}

/** Without its leading 0: ten digits, or nine in a few towns. Short numbers such as 101 are nobody's own. */
const british = (national: string): string | undefined =>
  /^(?:[1-35789]\d{9}|1\d{8})$/.test(national) ? `+44${national}` : undefined;
