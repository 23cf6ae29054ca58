import type { FastifyReply } from 'fastify';
import { Type } from 'typebox';
import { isEmailAddress } from '../../accounts/index.ts';
import type { Transaction } from '../../platform/postgres/database.ts';
import { enqueueMessage } from '../../platform/notify/enqueue-message.ts';
import { reserveSend } from '../codes/send-code.ts';
import type { Problem } from '../engine/facts.ts';
import { hintOfAddress } from '../notices/hint-of-address.ts';
import type { AccountVisit } from '../your-account/account-visit.ts';
import { readForm } from '../your-account/read-form.ts';
import { type AddressDeps, CODE_PAGE, LIST_PAGE, metaOf, whoseChange } from './address-act.ts';

const AddForm = Type.Object({ address: Type.String({ maxLength: 1000 }) }, { additionalProperties: false });

interface Typed {
  readonly address: string;
  readonly problem: Problem;
}

export async function showAdd({ reply, token }: AccountVisit, typed?: Typed): Promise<FastifyReply> {
  return reply.page(
    'journeys/addresses/add-address.njk',
    { formToken: token, backLink: LIST_PAGE, address: typed?.address ?? '', errors: typed && [typed.problem] },
    { status: typed ? 400 : 200 },
  );
}

export async function addAddress(deps: AddressDeps, visit: AccountVisit, form: unknown): Promise<FastifyReply> {
  const typed = readForm(AddForm, form).address;
  const address = typed.trim();
  if (!isEmailAddress(address))
    return showAdd(visit, { address: typed, problem: { field: 'address', key: 'journeys.problems.address' } });
  const problem = await beginAdding(deps, visit, { address, field: 'address' });
  return problem ? showAdd(visit, { address, problem }) : visit.reply.redirect(CODE_PAGE, 303);
}

/** Sends a code to the address, whoever has it: the page is the same, and only the mailbox learns more (L4, A11). */
export async function beginAdding(
  deps: AddressDeps,
  visit: AccountVisit,
  { address, field }: { readonly address: string; readonly field: string },
): Promise<Problem | undefined> {
  const tooMany = await reserveSend(deps, visit, address, field);
  if (tooMany) return tooMany;
  const begun = await deps.db.transaction(async (tx) => {
    const result = await deps.accounts.contacts.begin(tx, { ...whoseChange(visit), address }, metaOf(visit));
    if (result.outcome === 'begun') await sendCode(deps, tx, visit, { ...result, address });
    return result;
  });
  if (begun.outcome !== 'begun') return { field, key: `journeys.addresses.add.problems.${begun.outcome}` };
  deps.nudgeOutbox();
  return undefined;
}

interface Sent {
  readonly address: string;
  readonly code: string;
  readonly expiresAt: Date;
}

/** Names who asked: whoever reads it must see for whose account the code is (L6). */
async function sendCode(
  deps: AddressDeps,
  tx: Transaction,
  { account, language }: AccountVisit,
  { address, code, expiresAt }: Sent,
): Promise<void> {
  const t = deps.pages.translate(language);
  const minutes = Math.round((expiresAt.getTime() - deps.now().getTime()) / 60_000);
  const values = { code, minutes, account: hintOfAddress(account.emails[0]?.address ?? '') };
  await enqueueMessage(tx, deps.keyRing, {
    kind: 'email',
    to: address,
    subject: t('journeys.addresses.mail.subject', values),
    body: t('journeys.addresses.mail.body', values),
    expiresAt,
  });
}
