import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import { writeCarried } from '../adoption/carry-typed.ts';
import { loginForm } from '../sources/normalise-login.ts';
import { createDelivery } from './code-delivery.ts';
import { reserveFor } from './count-attempts-there.ts';
import type { Judge } from './judge-answer.ts';
import { bindingOf, type OldSystemDependencies, type Opened, type Typed } from './old-system.ts';
import type { ProvingAnswer, ProvingAttempt, ProvingResult } from './proving.ts';

/** What goes from one round to the next: the adapter's own state and the password that was typed, hashed. */
const State = Type.Object({
  /** Of the definition that asked: another one cannot be answered with it. */
  version: Type.Integer(),
  adapter: Type.String(),
  login: Type.Optional(Type.String()),
  carried: Type.Optional(Type.String()),
});
type State = Static<typeof State>;

const MAX_TYPED = 1024;

/** What a system asks first, whoever it is about. */
export async function askFirst(
  deps: OldSystemDependencies,
  { source: { version }, adapter }: Opened<Typed>,
  attempt: ProvingAttempt,
): Promise<Exclude<ProvingResult, { outcome: 'match' | 'mismatch' }>> {
  const opening = { language: attempt.language, binding: bindingOf(attempt), delivery: createDelivery(deps, attempt) };
  const asked = await adapter.open(opening);
  if (asked.outcome === 'asks')
    return { ...asked, state: JSON.stringify({ version, adapter: asked.state } satisfies State) };
  return asked.outcome === 'too-many' ? asked : { outcome: 'unavailable' };
}

/** One round of fields that were typed on our page. */
export async function takeRound(
  deps: OldSystemDependencies,
  judge: Judge,
  { source, adapter }: Opened<Typed>,
  answer: ProvingAnswer,
): Promise<ProvingResult> {
  const before = Value.Parse(State, JSON.parse(answer.state));
  if (before.version !== source.version) return askFirst(deps, { source, adapter }, answer);
  const form = loginForm(source.definition.identifier);
  const login = form.normalise((answer.fields['login'] ?? before.login ?? '').slice(0, MAX_TYPED));
  const isAskable = form.fits(login) && Object.values(answer.fields).every(({ length }) => length <= MAX_TYPED);
  const answered = await askRound(deps, { source, adapter }, { answer, login, isAskable, state: before.adapter });

  const { password = '' } = answer.fields;
  const carry = async (): Promise<string | undefined> =>
    password === ''
      ? before.carried
      : writeCarried(await deps.carryTyped({ definition: source.definition, login, password }));
  if (answered.outcome === 'asks') {
    const state: State = { version: source.version, adapter: answered.state, login, carried: await carry() };
    return { ...answered, state: JSON.stringify(state) };
  }
  const judged = await judge(source, answer, { answer: answered, login, carry });
  if (judged.outcome !== 'mismatch' || before.adapter === '') return judged;
  // Whoever is refused in a later round begins anew: many old systems have ended the session, and a code is used up.
  const again = await askFirst(deps, { source, adapter }, answer);
  return again.outcome === 'asks' ? { ...judged, again } : judged;
}

interface Round {
  readonly answer: ProvingAnswer;
  readonly login: string;
  readonly isAskable: boolean;
  /** The adapter's own; empty in the first round. */
  readonly state: string;
}

async function askRound(
  deps: OldSystemDependencies,
  { source, adapter }: Opened<Typed>,
  { answer, login, isAskable, state }: Round,
): ReturnType<Typed['answer']> {
  const { fields: typed, language } = answer;
  const fields = 'login' in typed ? { ...typed, login } : typed;
  const { password = '' } = state === '' ? typed : {};
  const shadow = await deps.beginShadow({ source, login, password, reserve: reserveFor(deps, answer, login) });
  const opening = { language, binding: bindingOf(answer), delivery: createDelivery(deps, answer) };
  const answered = await (isAskable
    ? adapter.answer({ ...opening, fields, state }, shadow.reserve)
    : adapter.decline(shadow.reserve));
  await shadow.compare(answered);
  return answered;
}
