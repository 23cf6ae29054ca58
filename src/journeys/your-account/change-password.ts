import type { FastifyReply } from 'fastify';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { LatchkeyError } from '../../platform/failure/latchkey-error.ts';
import { endThoseSessions } from '../engine/end-those-sessions.ts';
import type { Problem } from '../engine/facts.ts';
import type { JourneyDeps } from '../journey-deps.ts';
import { sendNotice } from '../notices/send-notice.ts';
import { judgeNewPassword } from '../passwords/judge-new-password.ts';
import { reserveTry, settleTry, tooManyTries } from '../passwords/password-throttle.ts';
import { refusePassword } from '../passwords/read-password.ts';
import type { AccountVisit } from './account-visit.ts';

const PasswordForm = Type.Object({ current: Type.String(), password: Type.String() }, { additionalProperties: false });

export async function showChangePassword(
  deps: Pick<JourneyDeps, 'config'>,
  { account, reply, token }: AccountVisit,
  errors: readonly Problem[] = [],
): Promise<FastifyReply> {
  return reply.page(
    'journeys/your-account/change-password.njk',
    {
      formToken: token,
      backLink: '/account',
      address: account.emails[0]?.address ?? '',
      minimum: deps.config.passwords.minimumLength,
      errors,
    },
    { status: errors.length > 0 ? 400 : 200 },
  );
}

/** A new password for somebody who knows the old one. Every other session ends, every contact is told (A6, A14). */
export async function changePassword(
  deps: JourneyDeps,
  visit: AccountVisit,
  form: Record<string, unknown>,
): Promise<FastifyReply> {
  if (!Value.Check(PasswordForm, form))
    throw new LatchkeyError('input_invalid', 'The form was not filled in on our page.');
  const { account, session, reply } = visit;
  const contacts = account.emails.map(({ address }) => address);
  const problems = [
    ...(await judgeCurrent(deps, visit, form.current)),
    ...judgeNewPassword(deps, form.password, { words: [...contacts, account.name ?? '', 'latchkey'] }),
  ];
  if (problems.length > 0) return showChangePassword(deps, visit, problems);

  const { accountId, language } = account;
  const hash = await deps.accounts.hashPassword(form.password);
  const ending = await deps.db.transaction(async (tx) => {
    await deps.accounts.setPassword(tx, accountId, { hash, belowPolicy: false }, { actor: 'citizen' });
    await sendNotice(deps, tx, { notice: 'password-changed', to: contacts, language });
    return deps.accounts.endings.want(tx, accountId, 'password-changed');
  });
  await endThoseSessions(deps, [ending], session);
  deps.nudgeOutbox();
  return reply.redirect('/account?done=password', 303);
}

async function judgeCurrent(deps: JourneyDeps, visit: AccountVisit, current: string): Promise<readonly Problem[]> {
  const refused = refusePassword(current, 'current');
  if (refused) return [refused];
  const { accountId } = visit.account;
  // Being signed in is not a second way here: a session left open is what this page must withstand.
  const throttle = await reserveTry(deps, {
    who: accountId,
    ip: visit.request.ip,
    password: current,
    secondWay: false,
  });
  if (throttle.verdict === 'wait') return [tooManyTries('current', throttle.retryAfterSeconds)];
  if (throttle.verdict === 'second-way')
    return [{ field: 'current', key: 'journeys.yourAccount.changePassword.problems.useForgotten' }];
  const checked = await deps.accounts.checkPasswordOf(accountId, current);
  if (checked.outcome !== 'match')
    return [{ field: 'current', key: 'journeys.yourAccount.changePassword.problems.wrong' }];
  await settleTry(deps, { who: accountId, ip: visit.request.ip, password: current });
  return [];
}
