import type { FastifyReply } from 'fastify';
import { Type } from 'typebox';
import { canonicalEmail, isEmailAddress, type AccountProof } from '../../accounts/index.ts';
import { readDevice } from '../engine/browser-cookie.ts';
import type { Problem } from '../engine/facts.ts';
import { reserveTry, settleTry, tooManyTries } from '../passwords/password-throttle.ts';
import { refusePassword } from '../passwords/read-password.ts';
import type { AccountVisit } from '../your-account/account-visit.ts';
import { readForm, Version } from '../your-account/read-form.ts';
import { FIRST_PAGE, MERGE_PAGE, type MergingDeps } from './merging-act.ts';

const OtherForm = Type.Object(
  { address: Type.String({ maxLength: 1000 }), password: Type.String(), version: Version },
  { additionalProperties: false },
);

interface Typed {
  readonly address: string;
  readonly problems: readonly Problem[];
}

/** Asks for the address and the password of the other account: its proof, in this browser and this sign-in. */
export async function showOther(deps: MergingDeps, visit: AccountVisit, typed?: Typed): Promise<FastifyReply> {
  const { account, reply, token } = visit;
  const { version, facts } = await deps.merging.read(visit);
  return reply.page(
    'journeys/two-accounts/prove-other.njk',
    {
      formToken: token,
      version,
      backLink: MERGE_PAGE,
      own: account.emails[0]?.address,
      address: typed?.address ?? facts.otherAddress ?? '',
      errors: typed?.problems,
    },
    { status: typed ? 400 : 200 },
  );
}

export async function proveOther(deps: MergingDeps, visit: AccountVisit, form: unknown): Promise<FastifyReply> {
  const { address: typedAddress, password, version } = readForm(OtherForm, form);
  const address = typedAddress.trim();
  const wrong = (problems: readonly Problem[]): Promise<FastifyReply> =>
    showOther(deps, visit, { address: typedAddress, problems });
  const problems = judgeTyped(visit, address, password);
  if (problems.length > 0) return wrong(problems);
  const checked = await checkOther(deps, visit, address, password);
  if (checked.outcome === 'problem') return wrong([checked.problem]);

  const proved = await deps.db.transaction(async (tx) => {
    const prove = (accountId: string): Promise<AccountProof | undefined> =>
      deps.accounts.merging.prove(tx, { accountId, method: 'password', level: 'Cl', ...visit.place });
    const survivorProof = await prove(visit.account.accountId);
    const otherProof = await prove(checked.accountId);
    if (survivorProof === undefined || otherProof === undefined) return 'not-active';
    const facts = { other: checked.accountId, otherAddress: address, survivorProof, otherProof };
    return (await deps.merging.write(tx, visit, { version: Number(version), facts })) ? 'proved' : 'outrun';
  });
  if (proved === 'not-active') return wrong([{ field: 'address', key: 'journeys.twoAccounts.other.problems.wrong' }]);
  return visit.reply.redirect(proved === 'proved' ? `${MERGE_PAGE}/confirm` : FIRST_PAGE, 303);
}

function judgeTyped({ account }: AccountVisit, address: string, password: string): readonly Problem[] {
  const problems: Problem[] = [];
  if (!isEmailAddress(address)) problems.push({ field: 'address', key: 'journeys.problems.address' });
  // Its own addresses are known to the citizen: nothing is told by it.
  else if (account.emails.some((email) => canonicalEmail(email.address) === canonicalEmail(address)))
    problems.push({ field: 'address', key: 'journeys.twoAccounts.other.problems.same' });
  const refused = refusePassword(password);
  return refused ? [...problems, refused] : problems;
}

type Checked =
  | { readonly outcome: 'match'; readonly accountId: string }
  | { readonly outcome: 'problem'; readonly problem: Problem };

/** The limits and the work of a sign-in, whether or not anybody has the address (A8, A11): this is one by another door. */
async function checkOther(
  deps: MergingDeps,
  { request }: AccountVisit,
  address: string,
  password: string,
): Promise<Checked> {
  const accountId = await deps.accounts.findByEmail(address);
  const who = accountId ?? canonicalEmail(address);
  const throttle = await reserveTry(deps, {
    who,
    ip: request.ip,
    password,
    secondWay: () => deps.accounts.devices.isKnown(accountId ?? NOBODY, readDevice(request) ?? ''),
  });
  if (throttle.verdict === 'wait')
    return { outcome: 'problem', problem: tooManyTries('address', throttle.retryAfterSeconds) };
  if (throttle.verdict === 'second-way') {
    record(deps, 'second-way-asked');
    return { outcome: 'problem', problem: { field: 'address', key: 'journeys.twoAccounts.other.problems.tooMany' } };
  }
  const checked = await deps.accounts.checkPassword(address, password);
  if (checked.outcome !== 'match') {
    record(deps, checked.outcome, accountId);
    return { outcome: 'problem', problem: { field: 'address', key: 'journeys.twoAccounts.other.problems.wrong' } };
  }
  await settleTry(deps, { who, ip: request.ip, password });
  return checked;
}

const NOBODY = '00000000-0000-7000-8000-000000000000';

function record(deps: MergingDeps, reason: string, accountId?: string): void {
  deps.auditBatch.record({
    type: reason === 'mismatch' ? 'account.sign-in-failed' : 'account.sign-in-blocked',
    actor: 'citizen',
    accountId,
    detail: { reason, at: 'merge' },
  });
}
