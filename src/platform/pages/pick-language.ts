import type { Language } from './translations.ts';

/** Where a person's choice of language may stand; the first that says English or Welsh wins. */
export interface LanguageHints {
  /** `lng` in the query: the person has just switched. */
  readonly switched: unknown;
  /** The `lng` cookie: the person switched before. */
  readonly remembered: string | undefined;
  /** What the service asked for (`ui_locales`). */
  readonly uiLocales: readonly string[] | undefined;
  readonly acceptLanguage: string | undefined;
}

export function pickLanguage(hints: LanguageHints): Language {
  return (
    toLanguage(hints.switched) ??
    toLanguage(hints.remembered) ??
    firstLanguage(hints.uiLocales) ??
    firstLanguage(byQuality(hints.acceptLanguage)) ??
    'en'
  );
}

/** `cy-GB` is Welsh; anything but English and Welsh is undefined. */
export function toLanguage(tag: unknown): Language | undefined {
  if (typeof tag !== 'string') return undefined;
  const primary = tag.slice(0, 3).toLowerCase();
  if (primary === 'cy' || primary === 'cy-') return 'cy';
  if (primary === 'en' || primary === 'en-') return 'en';
  return undefined;
}

function firstLanguage(tags: readonly string[] | undefined): Language | undefined {
  for (const tag of tags ?? []) {
    const language = toLanguage(tag);
    if (language !== undefined) return language;
  }
  return undefined;
}

function byQuality(header: string | undefined): string[] {
  if (header === undefined || header.length > 500) return [];
  return header
    .split(',')
    .map((part) => {
      const [tag = '', quality] = part.trim().split(';q=');
      return { tag, quality: quality === undefined ? 1 : Number(quality) || 0 };
    })
    .filter((part) => part.quality > 0)
    .toSorted((a, b) => b.quality - a.quality)
    .map((part) => part.tag);
}
