import { askHttp, type TlsSettings } from './ask-http.ts';
import type { Egress } from './egress.ts';

/** `fetch` as libraries want it, through the same door: allow-list, pinned address, no redirect, bounded. */
export function fetchThrough(
  egress: Egress,
  { tls, maxBytes }: { readonly tls?: TlsSettings | undefined; readonly maxBytes?: number },
): (url: string, init: RequestInit) => Promise<Response> {
  return async (url, { method, headers, body, signal }) => {
    const answer = await askHttp(egress, {
      url,
      method: method === 'POST' ? 'POST' : 'GET',
      headers: Object.fromEntries(new Headers(headers)),
      body: await bytesOf(body),
      signal: signal ?? AbortSignal.timeout(4000),
      ...(tls && { tls }),
      ...(maxBytes !== undefined && { maxBytes }),
    });
    const isEmpty = [204, 205, 304].includes(answer.status);
    return new Response(isEmpty ? null : new Uint8Array(answer.body), {
      status: answer.status,
      headers: answer.headers,
    });
  };
}

const bytesOf = async (body: RequestInit['body']): Promise<Buffer | undefined> =>
  body == null ? undefined : Buffer.from(await new Response(body).arrayBuffer());
