import { askOutside, type ResolveName } from '../../platform/http/ask-outside.ts';

export interface Logo {
  readonly type: string;
  readonly body: Buffer;
}

export type FetchLogo = (url: string) => Promise<Logo | undefined>;

const MOST_BYTES = 65_536;

/** Fetches a picture from a service's own server (D17); undefined when there is none, or it is none that we show. */
export function createFetchLogo(options: { allowLoopback: boolean; resolveName?: ResolveName | undefined }): FetchLogo {
  return async (url) => {
    try {
      const headers = { accept: 'image/svg+xml, image/png, image/jpeg, image/gif, image/webp' };
      const answer = await askOutside({ method: 'GET', url, headers, mostBytes: MOST_BYTES, ...options });
      if (answer.status !== 200 || answer.isCut) return undefined;
      const type = typeOf(answer.body);
      return type === undefined ? undefined : { type, body: answer.body };
    } catch {
      // Theirs to mend; the page has the service's name.
      return undefined;
    }
  };
}

const SIGNATURES: readonly (readonly [type: string, start: RegExp])[] = [
  ['image/png', /^\x89PNG\r\n/],
  ['image/jpeg', /^\xff\xd8\xff/],
  ['image/gif', /^GIF8[79]a/],
  ['image/webp', /^RIFF[\s\S]{4}WEBP/],
  ['image/svg+xml', /^(?:\xef\xbb\xbf)?\s*(?:(?:<\?xml[^>]*>|<!--[^>]*-->|<!DOCTYPE svg[^>[]*>)\s*)*<svg[\s>]/],
];

/** By what it is, not by what it is called: under our own origin a page would be ours. */
function typeOf(body: Buffer): string | undefined {
  const start = body.subarray(0, 1024).toString('latin1');
  return SIGNATURES.find(([, pattern]) => pattern.test(start))?.[0];
}
