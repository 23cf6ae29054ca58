import type { Language } from './translations.ts';

const locale = (language: Language): string => (language === 'cy' ? 'cy-GB' : 'en-GB');

/** A day as people say it. */
export const dateIn = (language: Language, date: Date): string =>
  new Intl.DateTimeFormat(locale(language), { dateStyle: 'long', timeZone: 'Europe/London' }).format(date);

/** A day and the time of day. */
export const timeIn = (language: Language, date: Date): string =>
  new Intl.DateTimeFormat(locale(language), {
    dateStyle: 'long',
    timeStyle: 'short',
    timeZone: 'Europe/London',
  }).format(date);
