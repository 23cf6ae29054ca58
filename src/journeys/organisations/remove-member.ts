import type { FastifyReply } from 'fastify';
import { Type } from 'typebox';
import type { Account } from '../../accounts/index.ts';
import type { Transaction } from '../../platform/postgres/database.ts';
import type { JourneyDeps } from '../journey-deps.ts';
import { sendNotice } from '../notices/send-notice.ts';
import type { AccountVisit } from '../your-account/account-visit.ts';
import { readForm } from '../your-account/read-form.ts';
import { memberIdOf, metaOf, pageOf, readOrganisation } from './organisation-act.ts';

const Empty = Type.Object({}, { additionalProperties: false });

/** Says what happens to whom; for the last administrator, why it cannot. */
export async function showRemoveMember(
  deps: JourneyDeps,
  visit: AccountVisit,
  refused?: 'last-administrator',
): Promise<FastifyReply> {
  const organisation = await readOrganisation(deps, visit);
  const member = organisation?.members.find(({ memberId }) => memberId === memberIdOf(visit));
  if (!organisation || !member) return visit.reply.errorPage('notFound');
  const base = pageOf(organisation.organisationId);
  const account = await deps.accounts.read(await deps.accounts.merging.standsFor(member.accountId));
  return visit.reply.page(
    'journeys/organisations/remove-member.njk',
    {
      formToken: visit.token,
      backLink: base,
      action: `${base}/members/${member.memberId}/remove`,
      name: organisation.name,
      isYou: member.isYou,
      address: account?.emails[0]?.address ?? '',
      refused,
    },
    { status: refused ? 409 : 200 },
  );
}

export async function removeMember(deps: JourneyDeps, visit: AccountVisit, form: unknown): Promise<FastifyReply> {
  readForm(Empty, form);
  const organisation = await readOrganisation(deps, visit);
  if (!organisation) return visit.reply.errorPage('notFound');
  const { organisationId } = organisation;
  const act = { organisationId, accountId: visit.account.accountId, memberId: memberIdOf(visit) };
  const member = organisation.members.find(({ memberId }) => memberId === act.memberId);
  const whose = member && (await deps.accounts.read(await deps.accounts.merging.standsFor(member.accountId)));
  const result = await deps.db.transaction(async (tx) => {
    const ended = await deps.accounts.organisations.end(tx, act, metaOf(visit));
    if (ended.outcome === 'ended' && whose) await tell(deps, tx, whose, ended.name);
    return ended;
  });
  if (result.outcome === 'refused')
    return result.reason === 'last-administrator'
      ? showRemoveMember(deps, visit, result.reason)
      : visit.reply.errorPage('notFound');
  deps.nudgeOutbox();
  return visit.reply.redirect(result.wasOwn ? '/account' : `${pageOf(organisationId)}?done=removed`, 303);
}

/** The one who left, or was removed. */
function tell(deps: JourneyDeps, tx: Transaction, account: Account, organisation: string): Promise<void> {
  const to = account.emails.map(({ address }) => address);
  const { language } = account;
  return sendNotice(deps, tx, { notice: 'organisation-left', to, language, values: { organisation } });
}
