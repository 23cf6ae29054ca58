// The protocol library asks `process.release.lts` for a code name when it is loaded, and warns where there is none: a
// current release before its October, and every build that does not carry the field. Which Node we run on is decided,
// and tested, by us; so this one line is held back, while the library loads and no longer. The face imports this first.
/* oxlint-disable no-console -- that is where the library writes */
const warn = console.warn;
console.warn = (...words: unknown[]) => {
  if (!String(words[0]).includes('oidc-provider WARNING: Unsupported runtime')) warn(...words);
};
try {
  await import('oidc-provider');
} finally {
  console.warn = warn;
}
