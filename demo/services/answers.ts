import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: string;
}

export function answer(status: number, type: string, body: string): Answer {
  return { status, headers: { 'content-type': `${type}; charset=utf-8` }, body };
}

export function pageAnswer(page: string, status = 200): Answer {
  return answer(status, 'text/html', page);
}

export function seeOther(target: URL | string, cookies: Readonly<Record<string, string>>): Answer {
  const setCookies = Object.entries(cookies).map(
    ([name, value]) => `${name}=${value}; Path=/; HttpOnly; SameSite=Lax${value === '' ? '; Max-Age=0' : ''}`,
  );
  return { status: 303, headers: { location: String(target), 'set-cookie': setCookies }, body: '' };
}

export function cookieOf(request: IncomingMessage, name: string): string | undefined {
  const pairs = (request.headers.cookie ?? '').split(/;\s*/);
  return pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1);
}

const LARGEST_FORM = 64 * 1024;

export async function readForm(request: IncomingMessage): Promise<Readonly<Record<string, string>>> {
  if (Number(request.headers['content-length'] ?? 0) > LARGEST_FORM) return {};
  return Object.fromEntries(new URLSearchParams(await text(request)));
}
