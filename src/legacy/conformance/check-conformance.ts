import type { GuardedAdapter } from '../create-legacy.ts';
import type { Delivery } from '../adapter.ts';
import { type Bench, CASES, type ConformanceCase, type Examined, type Seen, strangerLike } from './cases.ts';

export interface Finding {
  readonly case: string;
  readonly expected: string;
  /** What the old system did, in words for operators; nothing of a person. */
  readonly seen: string;
  readonly verdict: 'good' | 'bad' | 'not tried here';
}

type PasswordAdapter = Extract<GuardedAdapter, { kind: 'password' }>;

/**
 * Tries on an old system what can go wrong with one, through its guard. Asks with a wrong password once, and for nobody;
 * sends no codes. @throws nothing of the old system: that is what is reported
 */
export async function checkConformance(examined: Examined): Promise<readonly Finding[]> {
  const { adapter } = examined;
  const bench: Bench = {
    examined,
    asksSecret: await asksSecret(adapter),
    unknown: strangerLike(examined.known?.login),
    seen: new Map(),
    ask: (login, secret) => (adapter.kind === 'password' ? ask(adapter, examined, { login, secret }) : elsewhere),
  };
  const findings: Finding[] = [];
  // oxlint-disable-next-line no-await-in-loop -- what an old system does with the second may depend on the first
  for (const each of CASES) findings.push(await tryOne(each, bench));
  return findings;
}

const elsewhere = Promise.resolve<Seen>({ outcome: 'unavailable', says: 'in a browser only', ms: 0 });

async function asksSecret(adapter: GuardedAdapter): Promise<boolean> {
  const opened = adapter.kind === 'password' ? await adapter.open({ ...place, delivery }) : undefined;
  return opened?.outcome === 'asks' && opened.prompt.fields.some(({ name }) => name !== 'login');
}

async function tryOne({ name, expected, run }: ConformanceCase, bench: Bench): Promise<Finding> {
  const isTyped = bench.examined.adapter.kind === 'password';
  const judged =
    isTyped || name === 'is there' ? await run(bench) : { notTried: 'people sign in at the old system itself' };
  if ('notTried' in judged) return { case: name, expected, seen: judged.notTried, verdict: 'not tried here' };
  return { case: name, expected, seen: judged.seen, verdict: judged.ok ? 'good' : 'bad' };
}

const place = { binding: ['conformance'], language: 'en' } as const;
/** Nothing is sent to anybody, and no code is right. */
const delivery: Delivery = { send: async () => ({ challenge: '' }), check: async () => 'expired' };
const unlimited = async (): Promise<undefined> => undefined;

async function ask(
  adapter: PasswordAdapter,
  { normalise, clock, known }: Examined,
  { login, secret }: { readonly login: string; readonly secret: string },
): Promise<Seen> {
  const opened = await adapter.open({ ...place, delivery });
  if (opened.outcome !== 'asks') return { outcome: opened.outcome, says: sayOf(opened), ms: 0 };
  const name = normalise(login);
  const fields = Object.fromEntries(
    opened.prompt.fields.map((field) => [
      field.name,
      field.name === 'login' ? (name ?? '') : (known?.more?.[field.name] ?? secret),
    ]),
  );
  const began = clock();
  const answer =
    name === undefined
      ? await adapter.decline(unlimited)
      : await adapter.answer({ ...place, delivery, fields, state: opened.state }, unlimited);
  const ms = clock() - began;
  const { outcome } = answer;
  if (outcome === 'refused') return { outcome, says: sayOf(answer), reason: answer.reason, ms };
  if (outcome !== 'identified') return { outcome, says: sayOf(answer), ms };
  const { accountKey, proved } = answer.identity;
  return { outcome, says: sayOf(answer), accountKey, isPassword: proved.every((what) => what === 'password'), ms };
}

type Answer = Awaited<ReturnType<PasswordAdapter['answer']>>;

function sayOf(answer: Answer): string {
  if (answer.outcome === 'identified') return `identified, level ${answer.identity.level}`;
  if (answer.outcome === 'asks') return `asked for ${answer.prompt.fields.map(({ name }) => name).join(' and ')}`;
  return answer.outcome === 'too-many' ? 'too many questions' : `${answer.outcome}: ${answer.reason}`;
}
