import type { FastifyReply } from 'fastify';
import { Type } from 'typebox';
import type { FinishResult } from '../../accounts/index.ts';
import { endThoseSessions } from '../engine/end-those-sessions.ts';
import type { Problem } from '../engine/facts.ts';
import { hintOfAddress } from '../notices/hint-of-address.ts';
import { sendNotice } from '../notices/send-notice.ts';
import type { AccountVisit } from '../your-account/account-visit.ts';
import { readForm } from '../your-account/read-form.ts';
import { beginAdding } from './add-address.ts';
import { type AddressDeps, CODE_PAGE, FIRST_PAGE, LIST_PAGE, metaOf, TAKEN_PAGE, whoseChange } from './address-act.ts';

const CodeForm = Type.Object(
  { code: Type.Optional(Type.String({ maxLength: 100 })), action: Type.Optional(Type.Literal('resend')) },
  { additionalProperties: false },
);

/** Asks for the code from the new mailbox. Of another browser, another sign-in or another change there is nothing here. */
export async function showCode(deps: AddressDeps, visit: AccountVisit, problem?: Problem): Promise<FastifyReply> {
  const address = await deps.accounts.contacts.pending(whoseChange(visit));
  if (address === undefined) return visit.reply.redirect(FIRST_PAGE, 303);
  return visit.reply.page(
    'journeys/addresses/prove-address.njk',
    { formToken: visit.token, backLink: FIRST_PAGE, address, errors: problem && [problem] },
    { status: problem ? 400 : 200 },
  );
}

export async function proveAddress(deps: AddressDeps, visit: AccountVisit, form: unknown): Promise<FastifyReply> {
  const { code: typed = '', action } = readForm(CodeForm, form);
  if (action === 'resend') return resend(deps, visit);
  const code = typed.normalize('NFKC').replaceAll(/[\s-]/g, '');
  if (code === '') return showCode(deps, visit, codeProblem('missing'));
  if (!/^\d{6}$/.test(code)) return showCode(deps, visit, codeProblem('notSixDigits'));
  return answer(deps, visit, await finish(deps, visit, code));
}

async function resend(deps: AddressDeps, visit: AccountVisit): Promise<FastifyReply> {
  const address = await deps.accounts.contacts.pending(whoseChange(visit));
  if (address === undefined) return visit.reply.redirect(FIRST_PAGE, 303);
  const problem = await beginAdding(deps, visit, { address, field: 'code' });
  return problem ? showCode(deps, visit, problem) : visit.reply.redirect(CODE_PAGE, 303);
}

/** Every address that stood before hears of it, and the new one (A14). */
function finish(deps: AddressDeps, visit: AccountVisit, code: string): Promise<FinishResult> {
  const { emails, language } = visit.account;
  return deps.accounts.contacts.finish({
    ...whoseChange(visit),
    code,
    meta: metaOf(visit),
    async alsoInTransaction(tx, { address }) {
      const to = [...emails.map((one) => one.address), address];
      await sendNotice(deps, tx, { notice: 'address-added', to, language, values: { other: hintOfAddress(address) } });
    },
  });
}

const PROBLEMS = { wrong: 'wrong', expired: 'expired', 'used-up': 'usedUp' } as const;

const isWrong = (result: FinishResult): result is { readonly outcome: keyof typeof PROBLEMS } =>
  result.outcome in PROBLEMS;

async function answer(deps: AddressDeps, visit: AccountVisit, result: FinishResult): Promise<FastifyReply> {
  if (isWrong(result)) {
    recordWrong(deps, visit, result.outcome);
    return showCode(deps, visit, codeProblem(PROBLEMS[result.outcome]));
  }
  if (result.outcome === 'taken') {
    const { version } = await deps.addressAct.read(visit);
    await deps.addressAct.write(deps.db, visit, { version, facts: { taken: result.address } });
    return visit.reply.redirect(TAKEN_PAGE, 303);
  }
  if (result.outcome !== 'added')
    return visit.reply.redirect(result.outcome === 'void' ? `${LIST_PAGE}?done=void` : LIST_PAGE, 303);
  deps.nudgeOutbox();
  await endThoseSessions(deps, [result.ending], visit.session);
  return visit.reply.redirect(`${LIST_PAGE}?done=added`, 303);
}

function recordWrong(deps: AddressDeps, visit: AccountVisit, outcome: 'wrong' | 'expired' | 'used-up'): void {
  deps.auditBatch.record({
    type: outcome === 'used-up' ? 'code.used-up' : 'code.wrong',
    ...metaOf(visit),
    accountId: visit.account.accountId,
    detail: { purpose: 'new-address', outcome },
  });
}

const codeProblem = (name: string): Problem => ({ field: 'code', key: `journeys.codes.problems.${name}` });

/** The mailbox is proved, so this may be told: another account has the address. One way on is to make the two one. */
export async function showTaken(deps: AddressDeps, visit: AccountVisit): Promise<FastifyReply> {
  const { taken } = (await deps.addressAct.read(visit)).facts;
  if (taken === undefined) return visit.reply.redirect(LIST_PAGE, 303);
  return visit.reply.page('journeys/addresses/address-taken.njk', { backLink: LIST_PAGE, address: taken });
}
