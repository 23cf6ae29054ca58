const compact = (typed: string): string =>
  typed
    .normalize('NFKC')
    .replaceAll(/[\s\-\u2010-\u2015./]/gu, '')
    .toUpperCase();

export const readReference = compact;

/** Five of the surname, then the date of birth taken apart, two initials, a digit that tells twins apart, two checks. */
const DRIVER =
  /^(?=.{16}$)[A-Z]{1,5}9{0,4}(\d)(0[1-9]|1[0-2]|5[1-9]|6[0-2])(0[1-9]|[12]\d|3[01])(\d)[A-Z][A-Z9][A-Z0-9][A-Z]{2}$/;

/** A driver number as it is stored; the issue number behind it, which the card prints too, is not part of it. */
export function readDriverNumber(typed: string): string | undefined {
  const value = compact(typed);
  const number = /^.{16}\d{2}$/.test(value) ? value.slice(0, 16) : value;
  return DRIVER.test(number) ? number : undefined;
}

/** Whether a date is the one that a driver number contains: a date of birth beside the number tells nothing new. */
export function isBirthDateOf(driverNumber: string, date: string): boolean {
  const [, decade, month, day, year] = DRIVER.exec(driverNumber) ?? [];
  const born = String(Number(month) % 50).padStart(2, '0');
  return date.slice(2) === `${decade}${year}-${born}-${day}`;
}

const NINO = /^(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]\d{6}[A-D]?$/;

/**
 * A National Insurance number without its suffix, which many leave out. Temporary numbers (TN, date of birth, sex) are
 * none: they tell nothing that a date of birth does not.
 */
export function readNino(typed: string): string | undefined {
  const value = compact(typed);
  return NINO.test(value) ? value.slice(0, 8) : undefined;
}

const POSTCODE = /^(?:[A-Z]{1,2}\d[A-Z\d]?\d[A-Z]{2}|GIR0AA|BFPO\d{1,4})$/;

export function readPostcode(typed: string): string | undefined {
  const value = compact(typed);
  return POSTCODE.test(value) ? value : undefined;
}

const DOCUMENTS = {
  'uk-passport': /^\d{9}$/,
  passport: /^(?=.*\d)[A-Z0-9]{6,9}$/,
  'residence-permit': /^[A-Z]{2}[A-Z0-9]\d{6}$/,
  'identity-card': /^(?=.*\d)[A-Z0-9]{6,14}$/,
} as const satisfies Record<string, RegExp>;

/** The number of a document of one of these kinds. */
export function readDocumentNumber(typed: string, kinds: readonly (keyof typeof DOCUMENTS)[]): string | undefined {
  const value = compact(typed);
  return kinds.some((kind) => DOCUMENTS[kind].test(value)) ? value : undefined;
}
