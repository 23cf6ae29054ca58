import type { Language } from '../../platform/pages/translations.ts';

/** Numbers, shares and times as a page writes them. */
export interface Formats {
  readonly number: (value: number) => string;
  /** 0.384 → 38%; `<1%` and `>99%` where it would be nothing or all, and is not. */
  readonly share: (value: number) => string;
  /** Two digits, for what is not known better. */
  readonly about: (value: number) => string;
  readonly day: (at: Date) => string;
  readonly time: (at: Date) => string;
  /** 3 seconds, 14 minutes, 2 hours. */
  readonly duration: (seconds: number) => string;
  readonly bytes: (count: number) => string;
}

const LOCALES = { en: 'en-GB', cy: 'cy-GB' } as const satisfies Record<Language, string>;
const ZONE = 'Europe/London';

export function formatsFor(language: Language): Formats {
  const locale = LOCALES[language];
  const number = new Intl.NumberFormat(locale);
  const share = new Intl.NumberFormat(locale, { style: 'percent' });
  const about = new Intl.NumberFormat(locale, { maximumSignificantDigits: 2 });
  const day = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', year: 'numeric', timeZone: ZONE });
  const time = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short', timeZone: ZONE });
  const unit = (name: string, value: number): string =>
    new Intl.NumberFormat(locale, { style: 'unit', unit: name, unitDisplay: 'long', maximumFractionDigits: 0 }).format(
      value,
    );
  const size = (name: string, value: number): string =>
    new Intl.NumberFormat(locale, { style: 'unit', unit: name, maximumSignificantDigits: 3 }).format(value);
  return {
    number: (value) => number.format(value),
    share: (value) => {
      if (value > 0 && value < 0.01) return `<${share.format(0.01)}`;
      return value > 0.99 && value < 1 ? `>${share.format(0.99)}` : share.format(value);
    },
    about: (value) => about.format(Math.round(value)),
    day: (at) => day.format(at),
    time: (at) => time.format(at),
    duration: (seconds) => {
      if (seconds < 90) return unit('second', Math.max(1, Math.round(seconds)));
      if (seconds < 90 * 60) return unit('minute', Math.round(seconds / 60));
      return unit('hour', Math.round(seconds / 3600));
    },
    bytes: (count) => {
      if (count < 1000) return unit('byte', count);
      if (count < 1_000_000) return size('kilobyte', count / 1000);
      return count < 1_000_000_000 ? size('megabyte', count / 1_000_000) : size('gigabyte', count / 1_000_000_000);
    },
  };
}
