import type { FastifyReply } from 'fastify';
import { Type } from 'typebox';
import type { JoinResult } from '../../accounts/index.ts';
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
  const result = await deps.db.transaction(async (tx) => {
    const joined = await deps.accounts.organisations.join(tx, act, metaOf(visit));
    if (joined.outcome === 'joined' || joined.outcome === 'raised') await tellInviter(deps, tx, visit, joined);
    return joined;
  });
  if (result.outcome === 'gone') return showGone(visit);
  deps.nudgeOutbox();
  const done = result.outcome === 'member-already' ? '' : '?done=joined';
  return visit.reply.redirect(`${pageOf(result.organisationId)}${done}`, 303);
}

const showGone = ({ reply }: AccountVisit): FastifyReply =>
  reply.page('journeys/organisations/join-gone.njk', {}, { status: 404 });

/** With which account, and where the invitation had gone: a forwarded one is seen by that. */
async function tellInviter(
  deps: JourneyDeps,
  tx: Transaction,
  { account }: AccountVisit,
  joined: Extract<JoinResult, { outcome: 'joined' | 'raised' }>,
): Promise<void> {
  const standing = joined.inviter && (await deps.accounts.merging.standsFor(joined.inviter));
  const inviter = standing ? await deps.accounts.read(standing) : undefined;
  if (!inviter) return;
  const values = {
    organisation: joined.name,
    who: account.emails[0]?.address ?? '',
    invited: hintOfAddress(joined.address),
    page: `${deps.config.issuer}${pageOf(joined.organisationId)}`,
  };
  const to = inviter.emails.map(({ address }) => address);
  await sendNotice(deps, tx, { notice: 'organisation-joined', to, language: inviter.language, values });
}
