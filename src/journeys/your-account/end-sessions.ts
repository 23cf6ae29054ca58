import type { FastifyReply } from 'fastify';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { LatchkeyError } from '../../platform/failure/latchkey-error.ts';
import type { JourneyDeps } from '../journey-deps.ts';
import type { AccountVisit } from './account-visit.ts';

const EndForm = Type.Object({ session: Type.String({ maxLength: 200 }) }, { additionalProperties: false });

export async function showSignOutEverywhere({ reply, token }: AccountVisit): Promise<FastifyReply> {
  return reply.page('journeys/your-account/sign-out-everywhere.njk', { formToken: token, backLink: '/account' });
}

/** Ends every session in every browser; the services are told by back-channel. */
export async function signOutEverywhere(deps: JourneyDeps, visit: AccountVisit): Promise<FastifyReply> {
  await deps.port.revokeSessions(visit.account.accountId, 'signed-out-everywhere');
  return signedOut(visit);
}

export async function signOut(deps: JourneyDeps, visit: AccountVisit): Promise<FastifyReply> {
  await deps.port.endSession(visit.account.accountId, visit.session.sessionKey, 'signed-out');
  return signedOut(visit);
}

/** Ends one session of the citizen's own; a key of somebody else's ends nothing. */
export async function endSession(
  deps: JourneyDeps,
  visit: AccountVisit,
  form: Record<string, unknown>,
): Promise<FastifyReply> {
  if (!Value.Check(EndForm, form)) throw new LatchkeyError('input_invalid', 'The form was not filled in on our page.');
  const { account, session, reply } = visit;
  await deps.port.endSession(account.accountId, form.session, 'ended-by-citizen');
  if (form.session === session.sessionKey) return signedOut(visit);
  return reply.redirect('/account?done=session', 303);
}

async function signedOut({ reply }: AccountVisit): Promise<FastifyReply> {
  // Nothing of these pages is kept by us in the browser, but what it kept by itself goes, too (C12).
  void reply.header('clear-site-data', '"cache", "storage"');
  return reply.redirect('/signed-out', 303);
}
