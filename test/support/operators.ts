import type { BrowserContext, Page } from 'playwright-core';
import type { House } from '../../src/house.ts';
import { makeHeld } from '../../src/operators/access/held-secret.ts';
import { insertOperator, updateOperator } from '../../src/operators/access/operator-rows.ts';
import type { Role } from '../../src/operators/access/permissions.ts';
import { insertSession } from '../../src/operators/access/session-rows.ts';
import { insertToken } from '../../src/operators/access/token-rows.ts';
import { uuidv7 } from '../../src/platform/crypto/uuid.ts';

type Given = Pick<House, 'config' | 'db' | 'keyRing' | 'now'>;

export interface TestOperator {
  readonly operatorId: string;
  readonly handle: string;
  /** Header of a browser in which they are signed in, for `inject`. */
  readonly cookie: string;
  /** Header of a program with a token of theirs, for `inject`. */
  readonly authorization: string;
}

let made = 0;

/** An operator with these roles who is signed in and holds a token, put there without their passkey. */
export async function testOperator(
  { config, db, keyRing, now }: Given,
  { roles, handle = `op-${(made += 1)}` }: { readonly roles: readonly Role[]; readonly handle?: string },
): Promise<TestOperator> {
  const at = now();
  const operatorId = uuidv7();
  const session = makeHeld(keyRing, 'session', operatorId);
  const token = makeHeld(keyRing, 'token', operatorId);
  const later = (seconds: number): Date => new Date(at.getTime() + seconds * 1000);
  await db.transaction(async (tx) => {
    if (!(await insertOperator(tx, { operatorId, handle, roles, addedBy: 'operator:test', addedAt: at })))
      throw new Error(`there is an operator ${handle}`);
    await updateOperator({ keyRing }, tx, { operatorId, roles, status: 'active', name: undefined }, at);
    const expiresAt = later(config.operators.sessionAbsolute);
    await insertSession(tx, session, { passkeyId: uuidv7(), at, expiresAt });
    const madeBy = 'operator:test';
    await insertToken(tx, token, { tokenId: uuidv7(), roles, madeBy, madeAt: at, expiresAt: later(86_400) });
  });
  const name = config.issuer.startsWith('https:') ? '__Host-operator' : 'operator';
  return { operatorId, handle, cookie: `${name}=${session.text}`, authorization: `Bearer ${token.text}` };
}

/** The token that the forms of a page carry. */
export function formTokenOf(page: string): string {
  const [, token] = /name="formToken" value="([\w-]+)"/.exec(page) ?? [];
  if (token === undefined) throw new Error('the page has no form');
  return token;
}

/** Puts the session into a browser: for journeys that are not about signing in. */
export async function signInBySession(
  context: BrowserContext,
  issuer: string,
  { cookie }: TestOperator,
): Promise<void> {
  const [name = '', value = ''] = cookie.split('=');
  const url = `${issuer}/`;
  await context.addCookies([{ name, value: encodeURIComponent(value), url, httpOnly: true, sameSite: 'Strict' }]);
}

/** Gives a page a device that makes and uses passkeys, and verifies its user (or does not). */
export async function addPasskeyDevice(
  page: Page,
  { transport = 'internal' }: { readonly transport?: 'internal' | 'usb' } = {},
): Promise<PasskeyDevice> {
  const session = await page.context().newCDPSession(page);
  await session.send('WebAuthn.enable');
  const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport,
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return {
    setVerifies: async (isUserVerified) => {
      await session.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified });
    },
  };
}

export interface PasskeyDevice {
  setVerifies(verifies: boolean): Promise<void>;
}
