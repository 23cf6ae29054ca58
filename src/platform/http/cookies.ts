import type { FastifyReply, FastifyRequest } from 'fastify';

export interface CookieOptions {
  /** Without it the cookie ends with the browser session. */
  readonly maxAgeSeconds?: number;
  /** `Lax` by default: coming back from another site must find the cookie. */
  readonly sameSite?: 'Lax' | 'Strict';
}

/**
 * Cookies of our pages (C7): HttpOnly, host-only, path `/`, and with an https issuer `Secure` under a `__Host-` name.
 * Values are read only when asked for: protocol routes do not pay for them.
 */
export interface Cookies {
  read(request: FastifyRequest, name: string): string | undefined;
  write(reply: FastifyReply, name: string, value: string, options?: CookieOptions): void;
  clear(reply: FastifyReply, name: string): void;
}

const MAX_BYTES = 4096;

export function createCookies(options: { readonly secure: boolean }): Cookies {
  const fullName = (name: string): string => (options.secure ? `__Host-${name}` : name);
  const attributes = options.secure ? '; Path=/; HttpOnly; Secure' : '; Path=/; HttpOnly';
  return {
    read: (request, name) => findCookie(request.headers.cookie, fullName(name)),
    write(reply, name, value, { maxAgeSeconds, sameSite = 'Lax' } = {}) {
      const pair = `${fullName(name)}=${encodeURIComponent(value)}`;
      if (Buffer.byteLength(pair) >= MAX_BYTES) throw new Error(`cookie ${name} is too large for browsers`);
      const age = maxAgeSeconds === undefined ? '' : `; Max-Age=${maxAgeSeconds}`;
      void reply.header('set-cookie', `${pair}${attributes}; SameSite=${sameSite}${age}`);
    },
    clear(reply, name) {
      void reply.header('set-cookie', `${fullName(name)}=${attributes}; SameSite=Lax; Max-Age=0`);
    },
  };
}

function findCookie(header: string | undefined, name: string): string | undefined {
  if (header === undefined) return undefined;
  for (const part of header.split(';')) {
    const pair = part.trim();
    if (!pair.startsWith(`${name}=`)) continue;
    try {
      return decodeURIComponent(pair.slice(name.length + 1));
    } catch {
      return undefined;
    }
  }
  return undefined;
}
