const EMAIL = /[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}/;
const TOKEN = /eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/;

const PATTERNS: readonly (readonly [string, RegExp])[] = [
  ['an e-mail address', EMAIL],
  ['a token', TOKEN],
  ['a one-time code', /\bcode\b[^0-9a-z]{0,12}\d{6}\b/i],
  ['an authorization code', /[?&]code=[\w-]{16,}/],
  ['a password', /"(?:new)?[Pp]assword\w*\\?"\s*:\s*\\?"(?!\[redacted\])/],
];

const EVERY_EMAIL = new RegExp(EMAIL, 'g');
const EVERY_TOKEN = new RegExp(TOKEN, 'g');

/** Names the first kind of personal or secret data in a text; undefined when there is none. */
export function findPersonalData(text: string): string | undefined {
  return PATTERNS.find(([, pattern]) => pattern.test(text))?.[0];
}

/** Takes e-mail addresses and tokens out of a text, such as the message of an error from below. */
export function scrub(text: string): string {
  let clean = text;
  if (clean.includes('@')) clean = clean.replaceAll(EVERY_EMAIL, '[redacted]');
  if (clean.includes('eyJ')) clean = clean.replaceAll(EVERY_TOKEN, '[redacted]');
  return clean;
}

const SECRET_NAME =
  /pass(?:word|wd)|secret|assertion|(?:token|authorization|cookie)s?$|(?:full|given|family|first|last)_?name|^(?:code|otp|address|login|body|query|headers|sub)$|^(?:e-?mail|phone|legacy_?id)/i;

const PLAIN_NAMES: ReadonlySet<string> = new Set(['method', 'route', 'status', 'ms', 'client', 'err']);

/** Whether a field of this name is never logged, whatever it holds. */
export function isSecretName(name: string): boolean {
  return !PLAIN_NAMES.has(name) && SECRET_NAME.test(name);
}
