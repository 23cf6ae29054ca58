const OWN_PAGES = new Set([
  '/account',
  '/account/addresses',
  '/account/addresses/add',
  '/account/password',
  '/account/services',
  '/account/sign-out-everywhere',
  '/account/old-accounts',
  '/account/old-accounts/add',
  '/account/merge',
  '/account/merge/other',
  '/account/merges',
]);

const PAGES_OF_ONE =
  /^\/account\/(?:addresses\/[0-9a-f-]{36}\/remove|services\/[A-Za-z0-9._~-]{1,128}\/stop|old-accounts\/[0-9a-f-]{36}(?:\/remove|\/bring-back)?|organisations\/[0-9a-f-]{36}(?:\/invite|\/members\/[0-9a-f-]{36}\/remove)?|join\/[0-9a-f-]{36}\.[A-Za-z0-9_-]{43}|merges\/[0-9a-f-]{36}\/undo)$/;

/** The pages that a sign-in may come back to; nowhere else is gone to (D21). The middle of an act is not among them. */
export const isOwnPage = (path: string): boolean => OWN_PAGES.has(path) || PAGES_OF_ONE.test(path);
