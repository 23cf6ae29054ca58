import { createHmac } from 'node:crypto';

export interface OAuth1Call {
  readonly url: string;
  readonly method: string;
  readonly consumer: Credentials;
  readonly token?: Credentials | undefined;
  /** Further `oauth_` parameters. */
  readonly more: Readonly<Record<string, string>>;
  readonly nonce: string;
  readonly at: Date;
}

interface Credentials {
  readonly token: string;
  readonly secret: string;
}

/** The `Authorization` header of one call, HMAC-SHA1. @see RFC 5849 §3.4 */
export function signOAuth1({ url, method, consumer, token, more, nonce, at }: OAuth1Call): string {
  const oauth: Record<string, string> = {
    oauth_consumer_key: consumer.token,
    oauth_nonce: nonce,
    oauth_signature_method: 'HMAC-SHA1',
    oauth_timestamp: String(Math.floor(at.getTime() / 1000)),
    oauth_version: '1.0',
    ...(token && { oauth_token: token.token }),
    ...more,
  };
  const address = new URL(url);
  const parameters = [...Object.entries(oauth), ...address.searchParams]
    .map(([name, value]) => [encode(name), encode(value)] as const)
    .toSorted(([a, x], [b, y]) => compare(a, b) || compare(x, y))
    .map((pair) => pair.join('='))
    .join('&');
  const base = [method, `${address.origin}${address.pathname}`, parameters].map(encode).join('&');
  const key = `${encode(consumer.secret)}&${encode(token?.secret ?? '')}`;
  const signed = { ...oauth, oauth_signature: createHmac('sha1', key).update(base).digest('base64') };
  return `OAuth ${Object.entries(signed)
    .map(([name, value]) => `${encode(name)}="${encode(value)}"`)
    .join(', ')}`;
}

/** RFC 3986 unreserved characters only. */
const encode = (text: string): string =>
  encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.codePointAt(0)?.toString(16).toUpperCase()}`,
  );

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));
