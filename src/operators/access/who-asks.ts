import type { FastifyRequest } from 'fastify';
import type { AccessDeps } from './access-deps.ts';
import { type Held, readHeld } from './held-secret.ts';
import { actorOf, type Operator, type SignedInOperator } from './operator.ts';
import { isRole, permissionsOf } from './permissions.ts';
import { readSession, touchSession } from './session-rows.ts';
import { readToken, touchToken } from './token-rows.ts';

export const SESSION_COOKIE = 'operator';

/** How exactly we know when somebody was last seen: a page of many pictures is one write, not many. */
const SEEN_WITHIN_MS = 15_000;

/** The session of this browser as it was sent, whether or not it still stands. */
export function heldSession({ keyRing }: AccessDeps, request: FastifyRequest): Held | undefined {
  return readHeld(keyRing, 'session', request.readCookie(SESSION_COOKIE) ?? '');
}

/** Who sits at this browser; undefined when nobody has signed in, or their time is over. */
export async function whoSignedIn(deps: AccessDeps, request: FastifyRequest): Promise<SignedInOperator | undefined> {
  const held = heldSession(deps, request);
  if (held === undefined) return undefined;
  const at = deps.now();
  const seenSince = new Date(at.getTime() - deps.config.operators.sessionIdle * 1000);
  const row = await readSession(deps.db, held, { at, seenSince });
  if (row === undefined) return undefined;
  if (at.getTime() - row.lastSeenAt.getTime() >= SEEN_WITHIN_MS) await touchSession(deps.db, held, at);
  return { ...operatorOf(row, row.roles, 'passkey'), sessionKey: held.key, signedInAt: row.startedAt };
}

/** Whose token came in `Authorization: Bearer`; undefined when it opens nothing. */
export async function whoseToken(deps: AccessDeps, authorization: string): Promise<Operator | undefined> {
  const [, text = ''] = /^Bearer ([\w.~+/-]+)$/.exec(authorization) ?? [];
  const held = readHeld(deps.keyRing, 'token', text);
  if (held === undefined) return undefined;
  const at = deps.now();
  const row = await readToken(deps.db, held, at);
  if (row === undefined) return undefined;
  if (at.getTime() - (row.lastUsedAt?.getTime() ?? 0) >= SEEN_WITHIN_MS) await touchToken(deps.db, row, at);
  const both = row.roles.filter((role) => row.tokenRoles.includes(role));
  return operatorOf(row, both, 'token');
}

function operatorOf(
  { operatorId, handle }: { readonly operatorId: string; readonly handle: string },
  held: readonly string[],
  via: Operator['via'],
): Operator {
  const roles = held.filter(isRole);
  return { operatorId, handle, actor: actorOf(handle), roles, permissions: permissionsOf(roles), via };
}
