/** Cookies of one exchange with one host; gone with it. */
export interface CookieJar {
  take(setCookies: readonly string[]): void;
  has(name: string): boolean;
  header(): Readonly<Record<string, string>>;
}

const MOST_COOKIES = 50;
const PAIR = /^([!#$%&'*+.^_`|~A-Za-z0-9-]{1,200})=([\x21-\x3a\x3c-\x7e]{0,4096})$/;
const IS_OVER = /;\s*max-age=(?:0|-\d+)\s*(?:;|$)/i;

const none: Readonly<Record<string, string>> = {};

export function createCookieJar(): CookieJar {
  const kept = new Map<string, string>();
  return {
    take(setCookies) {
      for (const cookie of setCookies) {
        const [, name, value = ''] = PAIR.exec(cookie.split(';', 1)[0]?.trim() ?? '') ?? [];
        if (name === undefined) continue;
        if (value === '' || IS_OVER.test(cookie)) kept.delete(name);
        else if (kept.size < MOST_COOKIES) kept.set(name, value);
      }
    },
    has: (name) => kept.has(name),
    header: () => {
      const pairs = [...kept].map((pair) => pair.join('='));
      return pairs.length === 0 ? none : { cookie: pairs.join('; ') };
    },
  };
}
