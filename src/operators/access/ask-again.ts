import type { FastifyReply } from 'fastify';
import type { AccessDeps } from './access-deps.ts';
import type { OperatorVisit } from './operator-scope.ts';

/** A cookie that was stolen must not become a passkey of the thief's, or a new administrator (ASVS 7.5.1). */
const WITHIN_MS = 10 * 60 * 1000;

/** For what gives access: the passkey was used within ten minutes, or is asked for now, and then `page` is shown. */
export async function withFreshPasskey(
  { now }: Pick<AccessDeps, 'now'>,
  { operator, reply }: Pick<OperatorVisit, 'operator' | 'reply'>,
  page: string,
  proceed: () => Promise<unknown>,
): Promise<unknown> {
  if (now().getTime() - operator.signedInAt.getTime() <= WITHIN_MS) return proceed();
  return toSignIn(reply, page);
}

export const toSignIn = (reply: FastifyReply, page: string): FastifyReply =>
  reply.redirect(
    page === '/operators' ? '/operators/sign-in' : `/operators/sign-in?to=${encodeURIComponent(page)}`,
    303,
  );
