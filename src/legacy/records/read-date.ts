const MONTHS = new Map(
  [
    ['january', 'ionawr', 'jan', 'ion'],
    ['february', 'chwefror', 'feb', 'chwe'],
    ['march', 'mawrth', 'mar', 'maw'],
    ['april', 'ebrill', 'apr', 'ebr'],
    ['may', 'mai'],
    ['june', 'mehefin', 'jun', 'meh'],
    ['july', 'gorffennaf', 'jul', 'gorff'],
    ['august', 'awst', 'aug'],
    ['september', 'medi', 'sep', 'sept'],
    ['october', 'hydref', 'oct', 'hyd'],
    ['november', 'tachwedd', 'nov', 'tach'],
    ['december', 'rhagfyr', 'dec', 'rhag'],
  ].flatMap((names, index) => names.map((name) => [name, index + 1] as const)),
);

/** In which order a date of digits alone has its parts; a year of four digits in front is one whatever is said. */
export type DateOrder = 'day-month' | 'month-day';

/**
 * A date as people type it or exports hold it, as YYYY-MM-DD; undefined for what is none. Years have four digits: `30`
 * may be a grandparent or a child.
 */
export function readDate(text: string, order: DateOrder = 'day-month'): string | undefined {
  const value = text.normalize('NFKC').trim().toLowerCase();
  const parts = partsOf(value, order);
  return parts && dateOf(parts);
}

type Parts = readonly [year: number, month: number, day: number];

function partsOf(value: string, order: DateOrder): Parts | undefined {
  const compact = /^(\d{4})(\d{2})(\d{2})$/.exec(value);
  if (compact) return [Number(compact[1]), Number(compact[2]), Number(compact[3])];
  // Whatever hour an export has put behind a date is not part of it.
  const yearFirst = /^(\d{4})[-/. ](\d{1,2})[-/. ](\d{1,2})(?:[t ][\d:.]+z?)?$/.exec(value);
  if (yearFirst) return [Number(yearFirst[1]), Number(yearFirst[2]), Number(yearFirst[3])];
  const yearLast = /^(\d{1,2})(?:st|nd|rd|th)?[-/. ]+(\d{1,2}|[a-z]+)[-/., ]+(\d{4})$/.exec(value);
  if (!yearLast) return undefined;
  const [, first = '', second = '', year] = yearLast;
  const named = MONTHS.get(second);
  if (named !== undefined) return [Number(year), named, Number(first)];
  const [day, month] = order === 'day-month' ? [first, second] : [second, first];
  return [Number(year), Number(month), Number(day)];
}

function dateOf([year, month, day]: Parts): string | undefined {
  const date = new Date(Date.UTC(year, month - 1, day));
  const isThere = date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return isThere && year >= 1850 ? date.toISOString().slice(0, 10) : undefined;
}
