import type { Forms } from '../records/typed-login.ts';

/**
 * A telephone number as E.164; undefined for what is none. One without a country is British. It repairs how a number is
 * written, and guesses at none that is short, long or has an extension.
 */
export function readPhone(written: string): string | undefined {
  if (written.length > 40) return undefined;
  const value = written
    .normalize('NFKC')
    .replaceAll(/[\s.\-\u2010-\u2015/]/g, '')
    .replace(/^00/, '+')
    .replace(/^(\+44)\(?0\)?/, '$1')
    .replaceAll(/[()]/g, '');
  const british = /^(?:\+44|0|44(?=\d{10}$))([1-9]\d{8,9})$/.exec(value)?.[1];
  if (british !== undefined) return BRITISH.test(british) ? `+44${british}` : undefined;
  return /^\+(?!44)[1-9]\d{7,14}$/.test(value) ? value : undefined;
}

/** Ten digits, or nine in a few towns. */
const BRITISH = /^(?:[1-35789]\d{9}|1\d{8})$/;

/** How an export may hold the number that somebody typed. */
export const phoneForms: Forms = (typed) => {
  const number = readPhone(typed);
  if (number === undefined) return [typed];
  return number.startsWith('+44') ? [number, `0${number.slice(3)}`, number.slice(1)] : [number, number.slice(1)];
};

export interface CallRules {
  /** Calling codes. */
  readonly countries: readonly string[];
  readonly channel: 'text' | 'voice';
}

/** Whether a number may be called or texted: one that costs its caller extra never is (toll fraud). */
export function mayBeAsked(number: string, { countries, channel }: CallRules): boolean {
  if (!countries.some((code) => number.startsWith(`+${code}`))) return false;
  if (!number.startsWith('+44')) return true;
  const national = number.slice(3);
  // 070 follows a person at their callers' cost and 076 is a pager; only 07624 of it, on the Isle of Man, is a mobile.
  const isMobile = /^7[1-57-9]|^7624/.test(national);
  return isMobile || (channel === 'voice' && /^[1235]/.test(national));
}
