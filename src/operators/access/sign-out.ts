import type { FastifyReply } from 'fastify';
import { appendAudit } from '../../audit/index.ts';
import type { AccessDeps } from './access-deps.ts';
import type { OperatorVisit } from './operator-scope.ts';
import { endSession } from './session-rows.ts';
import { SESSION_COOKIE } from './who-asks.ts';

/** The session ends here, not only in the browser (C3). */
export async function signOut(
  { db, now }: AccessDeps,
  { operator, request, reply }: OperatorVisit,
): Promise<FastifyReply> {
  const { operatorId, sessionKey, actor } = operator;
  const at = now();
  await db.transaction(async (tx) => {
    if (!(await endSession(tx, { operatorId, key: sessionKey }, { at, reason: 'signed-out' }))) return;
    await appendAudit(tx, {
      chain: `operator:${operatorId}`,
      type: 'operator.signed-out',
      actor,
      correlationId: request.id,
      at,
    });
  });
  return leave(reply);
}

/** To the sign-in, with nothing of these pages left behind (C12). */
export const leave = (reply: FastifyReply): FastifyReply =>
  reply.clearCookie(SESSION_COOKIE).header('clear-site-data', '"cache", "storage"').redirect('/operators/sign-in', 303);
