import type { FastifyReply } from 'fastify';
import { Type } from 'typebox';
import { isEmailAddress } from '../../accounts/index.ts';
import { reserveSend } from '../codes/send-code.ts';
import type { Problem } from '../engine/facts.ts';
import { dateIn } from '../../platform/pages/say-when.ts';
import type { JourneyDeps } from '../journey-deps.ts';
import { hintOfAddress } from '../notices/hint-of-address.ts';
import { sendNotice } from '../notices/send-notice.ts';
import type { AccountVisit } from '../your-account/account-visit.ts';
import { readForm } from '../your-account/read-form.ts';
import { JOIN, metaOf, pageOf, readOrganisation } from './organisation-act.ts';

const ROLES = ['member', 'administrator'] as const;
const InviteForm = Type.Object(
  { address: Type.String({ maxLength: 1000 }), role: Type.Optional(Type.Enum([...ROLES])) },
  { additionalProperties: false },
);

interface Typed {
  readonly address: string;
  readonly role: string | undefined;
  readonly problems: readonly Problem[];
}

export async function showInvite(deps: JourneyDeps, visit: AccountVisit, typed?: Typed): Promise<FastifyReply> {
  const organisation = await readOrganisation(deps, visit);
  if (organisation?.role !== 'administrator') return visit.reply.errorPage('notFound');
  const base = pageOf(organisation.organisationId);
  return visit.reply.page(
    'journeys/organisations/invite-member.njk',
    {
      formToken: visit.token,
      backLink: base,
      action: `${base}/invite`,
      name: organisation.name,
      address: typed?.address ?? '',
      roles: ROLES.map((value) => ({ value, checked: value === (typed?.role ?? 'member') })),
      errors: typed?.problems,
    },
    { status: typed ? 400 : 200 },
  );
}

/** The link goes to the address and nowhere else; whoever opens it joins with an account of their own. */
export async function inviteMember(deps: JourneyDeps, visit: AccountVisit, form: unknown): Promise<FastifyReply> {
  const { address: typed, role = 'member' } = readForm(InviteForm, form);
  const address = typed.trim();
  const again = (problem: Problem): Promise<FastifyReply> =>
    showInvite(deps, visit, { address: typed, role, problems: [problem] });
  if (!isEmailAddress(address)) return again({ field: 'address', key: 'journeys.problems.address' });
  const organisation = await readOrganisation(deps, visit);
  if (!organisation) return visit.reply.errorPage('notFound');
  const tooMany = await reserveSend(deps, visit, address, 'address');
  if (tooMany) return again(tooMany);
  const { organisationId } = organisation;
  const { account, language } = visit;
  const act = { organisationId, accountId: account.accountId, address, role };
  const result = await deps.db.transaction(async (tx) => {
    const invited = await deps.accounts.organisations.invite(tx, act, metaOf(visit));
    if (invited.outcome === 'refused') return invited;
    const values = {
      organisation: invited.name,
      by: hintOfAddress(account.emails[0]?.address ?? ''),
      until: dateIn(language, invited.expiresAt),
      link: `${deps.config.issuer}${JOIN}/${invited.token}`,
    };
    await sendNotice(deps, tx, { notice: 'organisation-invitation', to: [address], language, values });
    return invited;
  });
  if (result.outcome === 'refused' && result.reason === 'too-many')
    return again({ field: 'address', key: 'journeys.organisations.invite.problems.tooMany' });
  if (result.outcome === 'refused') return visit.reply.errorPage('notFound');
  deps.nudgeOutbox();
  return visit.reply.redirect(`${pageOf(organisationId)}?done=invited`, 303);
}

const WithdrawForm = Type.Object({ invitation: Type.String({ maxLength: 64 }) }, { additionalProperties: false });

export async function withdrawInvitation(deps: JourneyDeps, visit: AccountVisit, form: unknown): Promise<FastifyReply> {
  const { invitation: invitationId } = readForm(WithdrawForm, form);
  const organisation = await readOrganisation(deps, visit);
  if (!organisation) return visit.reply.errorPage('notFound');
  const { organisationId } = organisation;
  const act = { organisationId, accountId: visit.account.accountId, invitationId };
  const done = await deps.db.transaction((tx) => deps.accounts.organisations.withdraw(tx, act, metaOf(visit)));
  return visit.reply.redirect(`${pageOf(organisationId)}${done ? '?done=withdrawn' : ''}`, 303);
}
