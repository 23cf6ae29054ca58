import type { HttpAnswer } from '../egress/ask-http.ts';
import { LegacyFault } from '../legacy-fault.ts';

/** What a path of an answer leads to. */
export type Found = string | number | boolean | undefined;

/** An answer that was read, whatever it was written in. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** A page for people: it is no answer to a program, whatever its status. */
  readonly isPage: boolean;
  read(path: string): Found;
}

const JSON_TYPE = /^application\/(?:[a-z0-9.+-]+\+)?json *(?:;|$)/i;
const PAGE_TYPE = /^(?:text\/html|application\/xhtml\+xml)\b/i;

/** @throws LegacyFault for what is not JSON; `status`: for nothing, and nothing of the body is read */
export function readReply(answer: HttpAnswer, as: 'json' | 'status' = 'json'): Reply {
  const { status, headers, body } = answer;
  const type = headers['content-type'] ?? '';
  if (status >= 500 && !JSON_TYPE.test(type)) throw new LegacyFault('server-error', `status ${status}`);
  const value = as === 'status' || body.length === 0 ? undefined : parseJson(body, type);
  return { status, headers, isPage: PAGE_TYPE.test(type), read: (path) => findIn(value, path) };
}

function parseJson(body: Buffer, type: string): unknown {
  if (!JSON_TYPE.test(type)) throw new LegacyFault('garbage', 'not JSON by its own word');
  try {
    return JSON.parse(textOfBody(body));
  } catch (error) {
    throw error instanceof LegacyFault ? error : new LegacyFault('garbage', 'not JSON');
  }
}

/** @throws LegacyFault for bytes that are no UTF-8 */
export function textOfBody(body: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    throw new LegacyFault('garbage', 'not UTF-8');
  }
}

/** `person.ids.0`; a number that JSON cannot hold exactly is none. */
function findIn(value: unknown, path: string): Found {
  const found = path.split('.').reduce<unknown>((at, key) => {
    const isThere = typeof at === 'object' && at !== null && Object.hasOwn(at, key);
    return isThere ? Reflect.get(at, key) : undefined;
  }, value);
  if (typeof found === 'string' || typeof found === 'boolean') return found;
  return typeof found === 'number' && Number.isSafeInteger(found) ? found : undefined;
}
