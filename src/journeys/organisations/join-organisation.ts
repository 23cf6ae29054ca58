import type { FastifyReply } from 'fastify';
import { Type } from 'typebox';
import type { Account, OpenInvitation } from '../../accounts/index.ts';
import type { Transaction } from '../../platform/postgres/database.ts';
import type { JourneyDeps } from '../journey-deps.ts';
import { hintOfAddress } from '../notices/hint-of-address.ts';
import { sendNotice } from '../notices/send-notice.ts';
import type { AccountVisit } from '../your-account/account-visit.ts';
import { readForm } from '../your-account/read-form.ts';
import { JOIN, metaOf, pageOf } from './organisation-act.ts';

const Empty = Type.Object({}, { additionalProperties: false });

const tokenOf = ({ request }: AccountVisit): string =>
  /^\/account\/join\/([0-9a-f-]{36}\.[A-Za-z0-9_-]{43})(?:\?|$)/.exec(request.url)?.[1] ?? '';

/**
 * Whoever is signed in has the link, which may have been forwarded: the page names the organisation, and the account that
 * would join. Opening it changes nothing.
 */
export async function showJoin(deps: JourneyDeps, visit: AccountVisit): Promise<FastifyReply> {
  const token = tokenOf(visit);
  const invitation = await deps.accounts.organisations.look(token);
  if (!invitation) return showGone(visit);
  const { name, role, address } = invitation;
  const addresses = visit.account.emails.map((one) => one.address);
  return visit.reply.page('journeys/organisations/join.njk', {
    formToken: visit.token,
    action: `${JOIN}/${token}`,
    name,
    role,
    addresses,
    isForwarded: !addresses.some((own) => own.toLowerCase() === address.toLowerCase()),
  });
}

export async function join(deps: JourneyDeps, visit: AccountVisit, form: unknown): Promise<FastifyReply> {
  readForm(Empty, form);
  const act = { token: tokenOf(visit), accountId: visit.account.accountId };
  const invitation = await deps.accounts.organisations.look(act.token);
  if (!invitation) return showGone(visit);
  const inviter = invitation.inviter && (await deps.accounts.merging.standsFor(invitation.inviter));
  const told = inviter ? await deps.accounts.read(inviter) : undefined;
  const result = await deps.db.transaction(async (tx) => {
    const joined = await deps.accounts.organisations.join(tx, act, metaOf(visit));
    if (told && (joined.outcome === 'joined' || joined.outcome === 'raised'))
      await tellInviter(deps, tx, { inviter: told, invitation, joined: visit.account });
    return joined;
  });
  if (result.outcome === 'gone') return showGone(visit);
  deps.nudgeOutbox();
  const done = result.outcome === 'member-already' ? '' : '?done=joined';
  return visit.reply.redirect(`${pageOf(result.organisationId)}${done}`, 303);
}

const showGone = ({ reply }: AccountVisit): FastifyReply =>
  reply.page('journeys/organisations/join-gone.njk', {}, { status: 404 });

interface Told {
  readonly inviter: Account;
  readonly invitation: OpenInvitation;
  readonly joined: Account;
}

/** With which account, and where the invitation had gone: a forwarded one is seen by that. */
function tellInviter(deps: JourneyDeps, tx: Transaction, { inviter, invitation, joined }: Told): Promise<void> {
  const values = {
    organisation: invitation.name,
    who: joined.emails[0]?.address ?? '',
    invited: hintOfAddress(invitation.address),
    page: `${deps.config.issuer}${pageOf(invitation.organisationId)}`,
  };
  const to = inviter.emails.map(({ address }) => address);
  return sendNotice(deps, tx, { notice: 'organisation-joined', to, language: inviter.language, values });
}
