import type { Language, Translate } from '../../../platform/pages/translations.ts';
import { pageOf, pagingOf } from '../../insight/paging.ts';

export interface Listed {
  readonly source: string;
  readonly name: string;
  readonly fileName: string;
}

type Query = Readonly<Record<string, string | undefined>>;

interface Listing<T> {
  readonly query: Query;
  /** What can be asked for, and which files it means. These come first, in this order, where all are shown. */
  readonly shows: Readonly<Record<string, (one: T) => boolean>>;
  /** What else of the query goes from page to page. */
  readonly kept?: Readonly<Record<string, string>>;
  readonly language: Language;
  readonly t: Translate;
}

interface ListedParts<T> {
  readonly rows: readonly T[];
  /** How many are meant, on all pages. */
  readonly count: number;
  readonly find: object;
  readonly paging: object | undefined;
  /** The same files and page, with something more in the query. */
  readonly hrefWith: (more: Readonly<Record<string, string>>) => string;
}

const ROWS_A_PAGE = 25;

/** The files of a run on a page of theirs: those that are looked for, a page at a time. */
export function listParts<T extends Listed>(
  all: readonly T[],
  { query, shows, kept = {}, language, t }: Listing<T>,
): ListedParts<T> {
  const names = Object.keys(shows);
  const search = (query['search'] ?? '').trim().slice(0, 100);
  const show = names.find((name) => name === query['show']) ?? '';
  const wanted = search.toLocaleLowerCase();
  const { compare } = new Intl.Collator(language, { numeric: true });
  const rankOf = (one: T): number => [...names.map((name) => shows[name]?.(one)), true].indexOf(true);
  const meant = all
    .filter(({ source, name, fileName }) =>
      [source, name, fileName].some((text) => text.toLocaleLowerCase().includes(wanted)),
    )
    .filter((one) => show === '' || shows[show]?.(one))
    .map((one) => ({ one, rank: rankOf(one) }))
    .toSorted((a, b) => a.rank - b.rank || compare(a.one.name, b.one.name))
    .map(({ one }) => one);
  const at = pageOf(meant, query['page'], ROWS_A_PAGE);
  const hrefWith = (more: Readonly<Record<string, string>>): string => {
    const asked = Object.entries({ search, show, ...more }).filter(([, value]) => value !== '');
    return `?${new URLSearchParams(asked).toString()}`;
  };
  return {
    rows: at.rows,
    count: meant.length,
    find: {
      isOffered: all.length > ROWS_A_PAGE,
      isNarrowed: meant.length < all.length,
      search,
      shows: ['', ...names].map((name) => ({
        value: name,
        text: t(`operators.migrationDesk.parts.shows.${name === '' ? 'all' : name}`),
        selected: name === show,
      })),
    },
    paging: pagingOf(at, (page) => `${hrefWith({ ...kept, page: `${page}` })}#files`, t),
    hrefWith: (more) => hrefWith({ ...(at.page > 1 && { page: `${at.page}` }), ...more }),
  };
}
