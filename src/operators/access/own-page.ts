const PAGE = /^\/operators(?:\/[\w.~-]+)*$/;
const NOT_TO_COME_BACK_TO = /^\/operators\/(?:sign-in|sign-out|invitation|api)(?:\/|$)/;

/** Where a sign-in comes back to: a page of ours that was asked for, or the first one. Nowhere else is gone to (D21). */
export function ownPage(wanted: string | undefined): string {
  if (wanted === undefined || !wanted.startsWith('/operators')) return '/operators';
  const base = 'https://own.invalid';
  if (!URL.canParse(wanted, base)) return '/operators';
  const { origin, pathname, search } = new URL(wanted, base);
  const isOwn = origin === base && PAGE.test(pathname) && !NOT_TO_COME_BACK_TO.test(pathname);
  return isOwn ? `${pathname}${search}` : '/operators';
}
