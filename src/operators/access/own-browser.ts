import { randomBytes } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';

const COOKIE = 'operator-browser';
const RANDOM = /^[A-Za-z0-9_-]{43}$/;

/** Binds the forms before the guard, and their challenges, to this browser until it closes (C6, C11). */
export function ensureBrowser(request: FastifyRequest, reply: FastifyReply): string {
  const known = request.readCookie(COOKIE);
  if (known !== undefined && RANDOM.test(known)) return known;
  const fresh = randomBytes(32).toString('base64url');
  reply.writeCookie(COOKIE, fresh, { sameSite: 'Strict' });
  return fresh;
}
