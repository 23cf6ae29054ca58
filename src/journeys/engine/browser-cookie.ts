import { randomBytes } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { KeyRing } from '../../platform/crypto/key-ring.ts';

/** The two cookies of these pages. Neither names a person; both are random and mean nothing to anybody else. */
export interface BrowserCookies {
  /** Binds forms and journeys to this browser until it closes. Set on the first page, before anything is typed. */
  ensureBrowser(request: FastifyRequest, reply: FastifyReply): string;
  /** Per-journey key: the browser's cookie hashed with the journey's id, so one journey's row says nothing of another. */
  journeyKey(browser: string, journeyId: string): Buffer;
  ensureDevice(request: FastifyRequest, reply: FastifyReply): string;
}

const RANDOM = /^[A-Za-z0-9_-]{43}$/;
/** The device that signed in before, if any: a right password from it passes where strangers are slowed. */
export const readDevice = (request: FastifyRequest): string | undefined => read(request, 'device');

const A_YEAR = 365 * 24 * 60 * 60;

function read(request: FastifyRequest, name: string): string | undefined {
  const value = request.readCookie(name);
  return value !== undefined && RANDOM.test(value) ? value : undefined;
}

export function createBrowserCookies(keyRing: KeyRing, random: (size: number) => Buffer = randomBytes): BrowserCookies {
  const fresh = (): string => random(32).toString('base64url');
  // A transaction may run twice for one request: it is the same device both times.
  const devices = new WeakMap<FastifyRequest, string>();

  return {
    ensureBrowser(request, reply) {
      const known = read(request, 'browser');
      if (known) return known;
      const browser = fresh();
      reply.writeCookie('browser', browser);
      return browser;
    },
    journeyKey: (browser, journeyId) => keyRing.lookupKey('journey-browser', browser, journeyId),
    ensureDevice(request, reply) {
      const remembered = devices.get(request);
      if (remembered !== undefined) return remembered;
      const device = readDevice(request) ?? fresh();
      devices.set(request, device);
      reply.writeCookie('device', device, { maxAgeSeconds: A_YEAR });
      return device;
    },
  };
}
