import type { Translate } from '../../platform/pages/translations.ts';

interface Page<T> {
  readonly rows: readonly T[];
  /** From 1. */
  readonly page: number;
  readonly pages: number;
}

/** The page that the query asks for: the first, where it makes no sense, and the last, where it lies beyond. */
export function pageOf<T>(all: readonly T[], asked: string | undefined, rowsAPage: number): Page<T> {
  const pages = Math.max(1, Math.ceil(all.length / rowsAPage));
  const page = Math.min(pages, Math.max(1, Math.trunc(Number(asked)) || 1));
  return { rows: all.slice((page - 1) * rowsAPage, page * rowsAPage), page, pages };
}

/** For the pagination component; undefined where there is one page. */
export function pagingOf(
  { page, pages }: Pick<Page<unknown>, 'page' | 'pages'>,
  href: (page: number) => string,
  t: Translate,
): object | undefined {
  if (pages === 1) return undefined;
  return {
    landmarkLabel: t('operators.insight.pages'),
    items: Array.from({ length: pages }, (_, index) => ({
      number: index + 1,
      current: index + 1 === page,
      href: href(index + 1),
    })),
    previous: page > 1 ? { href: href(page - 1), text: t('operators.insight.previous') } : undefined,
    next: page < pages ? { href: href(page + 1), text: t('operators.insight.next') } : undefined,
  };
}
