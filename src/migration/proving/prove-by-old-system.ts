import { randomBytes } from 'node:crypto';
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import type { Evidence, GuardedAdapter, Legacy, LegacyDependencies, LegacyIdentity } from '../../legacy/index.ts';
import { forgetAttempts, takeAttempt } from '../adoption/attempt-limits.ts';
import type { Carried } from '../adoption/legacy-proofs.ts';
import { loginKeyOf } from '../ledger/legacy-keys.ts';
import { noteShared } from '../ledger/is-shared.ts';
import { noteRights } from '../rights/note-rights.ts';
import { createRowProver, type ProofDependencies } from '../proofs/prove-row.ts';
import type { Source } from '../sources/definition.ts';
import { loginForm } from '../sources/normalise-login.ts';
import type { ProofKind } from '../sources/proof-policy.ts';
import { findSource } from '../sources/source-store.ts';
import { type CarryTyped, readCarried, writeCarried } from '../adoption/carry-typed.ts';
import { createDelivery } from './code-delivery.ts';
import { liveSourceOf } from './live-source.ts';
import { meetIdentity } from './meet-identity.ts';
import type {
  ArrivedBrowser,
  Asks,
  Leave,
  Proving,
  ProvingAnswer,
  ProvingAttempt,
  ProvingResult,
  ReturnedBrowser,
} from './proving.ts';

const KIND_OF = {
  'sign-in': 'old-sign-in',
  assertion: 'redirect-assertion',
  knowledge: 'reference-and-fact',
  contact: 'contact-code',
  post: 'posted-code',
} as const satisfies Record<Evidence, ProofKind>;

/** What goes from one round to the next: the adapter's own state and the password that was typed, hashed. */
const State = Type.Object({
  /** Of the definition that asked: another one cannot be answered with it. */
  version: Type.Integer(),
  adapter: Type.String(),
  login: Type.Optional(Type.String()),
  carried: Type.Optional(Type.String()),
});
type State = Static<typeof State>;

export interface OldSystemDependencies extends ProofDependencies {
  readonly legacy: Legacy;
  readonly oldSystems: Pick<LegacyDependencies, 'metrics' | 'onFault'>;
  readonly carryTyped: CarryTyped;
  /** Where the old system of a source sends browsers back to. */
  readonly callbackUrl: (source: string) => string;
}

interface Opened<Adapter = GuardedAdapter> {
  readonly source: Source;
  readonly adapter: Adapter;
}
type Typed = Extract<GuardedAdapter, { kind: 'password' }>;

export interface OldSystemProof {
  start(attempt: ProvingAttempt): Promise<Asks | Leave | Exclude<ProvingResult, { outcome: 'match' }>>;
  answer(answer: ProvingAnswer): Promise<ProvingResult>;
  handleOf(source: string, parameters: Readonly<Record<string, string>>): Promise<string | undefined>;
  returned(back: ReturnedBrowser): Promise<ProvingResult>;
  sift: Proving['sift'];
  arrived(browser: ArrivedBrowser): Promise<ProvingResult>;
}

const MAX_TYPED = 1024;

/** The sign-in method of the old system itself, behind its guard; what it says becomes a proof, or not. */
export function createOldSystemProof(deps: OldSystemDependencies): OldSystemProof {
  const open = async (key: string): Promise<Opened | undefined> => {
    const source = await findSource(deps.db, key);
    const live = source?.status === 'open' ? liveSourceOf(source) : undefined;
    try {
      return source && live && { source, adapter: await deps.legacy.adapterOf(live) };
    } catch (error) {
      // A secret that is not set, a key that cannot be read: to citizens an outage, to operators a fault with a reason.
      deps.oldSystems.metrics.fault(key, 'misconfigured');
      deps.oldSystems.onFault(error);
      return undefined;
    }
  };
  const judge = createJudge(deps);
  const nobody = { outcome: 'unavailable' } as const;

  return {
    async start(attempt) {
      const opened = await open(attempt.source);
      return opened ? begin(deps, opened, attempt) : nobody;
    },
    async answer(answer) {
      const opened = await open(answer.source);
      if (opened?.adapter.kind !== 'password') return nobody;
      return takeRound(deps, judge, { source: opened.source, adapter: opened.adapter }, answer);
    },
    async handleOf(key, parameters) {
      const opened = await open(key);
      return opened?.adapter.kind === 'redirect' ? opened.adapter.handleOf(parameters) : undefined;
    },
    async returned({ attempt, handle, state, parameters }) {
      const opened = await open(attempt.source);
      if (opened?.adapter.kind !== 'redirect') return nobody;
      // Every adapter binds its statement, too; what a journey did not depart with does not even reach it (L9, LA12).
      if (opened.adapter.handleOf(parameters) !== handle)
        return judge(opened.source, attempt, { answer: { outcome: 'refused', reason: 'not-bound' } });
      const callbackUrl = deps.callbackUrl(attempt.source);
      const answer = await opened.adapter.finish({ callbackUrl, handle, state, parameters });
      return judge(opened.source, attempt, { answer });
    },
    async sift(key, came) {
      const opened = await open(key);
      return opened?.adapter.kind === 'assertion' ? opened.adapter.sift(came) : undefined;
    },
    async arrived({ attempt, handle, came }) {
      const opened = await open(attempt.source);
      if (opened?.adapter.kind !== 'assertion') return nobody;
      const arrival = { ...came, handle, binding: bindingOf(attempt) };
      const answer = await opened.adapter.read(arrival, reserveFor(deps, attempt, undefined));
      return judge(opened.source, attempt, { answer });
    },
  };
}

async function begin(
  deps: OldSystemDependencies,
  { source, adapter }: Opened,
  attempt: ProvingAttempt,
): Promise<Asks | Leave | Exclude<ProvingResult, { outcome: 'match' }>> {
  const { language } = attempt;
  // 80 characters in all: no RelayState may be longer (SAML 2.0 Bindings §3.4.3).
  const handle = `${attempt.tag}.${randomBytes(27).toString('base64url')}`;
  if (adapter.kind === 'assertion') return { outcome: 'enter', url: adapter.entryUrl, handle, state: '' };
  if (adapter.kind === 'redirect') {
    const callbackUrl = deps.callbackUrl(attempt.source);
    const left = await adapter.depart({ language, callbackUrl, handle }, reserveFor(deps, attempt, undefined));
    if (left.outcome === 'redirect' || left.outcome === 'form') return { ...left, handle };
    return left.outcome === 'too-many' ? left : { outcome: 'unavailable' };
  }
  return askFirst(deps, { source, adapter }, attempt);
}

async function askFirst(
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

type Judge = ReturnType<typeof createJudge>;

/** One round of fields that were typed on our page. */
async function takeRound(
  deps: OldSystemDependencies,
  judge: Judge,
  { source, adapter }: Opened<Typed>,
  answer: ProvingAnswer,
): Promise<ProvingResult> {
  const before = Value.Parse(State, JSON.parse(answer.state));
  if (before.version !== source.version) return askFirst(deps, { source, adapter }, answer);
  const form = loginForm(source.definition.identifier);
  const login = form.normalise((answer.fields['login'] ?? before.login ?? '').slice(0, MAX_TYPED));
  const reserve = reserveFor(deps, answer, login);
  const isAskable = form.fits(login) && Object.values(answer.fields).every(({ length }) => length <= MAX_TYPED);
  const binding = bindingOf(answer);
  const fields = 'login' in answer.fields ? { ...answer.fields, login } : answer.fields;
  const round = {
    fields,
    language: answer.language,
    state: before.adapter,
    binding,
    delivery: createDelivery(deps, answer),
  };
  const answered = await (isAskable ? adapter.answer(round, reserve) : adapter.decline(reserve));

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

interface ToJudge {
  readonly answer: Awaited<ReturnType<Typed['decline']>>;
  /** As typed and normalised, where it was typed on our page. */
  readonly login?: string;
  readonly carry?: () => Promise<string | undefined>;
}

/** One that is empty, or blank, would be everybody's. */
const KEY = /^(?=.*\S)[^\p{Cc}]{1,255}$/u;

/** Makes a proof of what an old system said, or the one answer that tells nothing. */
function createJudge(deps: OldSystemDependencies) {
  const prover = createRowProver(deps);
  const recordFailure = (source: string, { place }: ProvingAttempt, reason: string): void => {
    const detail = { source, kind: 'old-system', reason };
    deps.recordEvent({ type: 'legacy.proof-failed', actor: 'citizen', correlationId: place.journeyId, detail });
  };
  return async (source: Source, attempt: ProvingAttempt, { answer, login, carry }: ToJudge): Promise<ProvingResult> => {
    if (answer.outcome === 'too-many') return answer;
    if (answer.outcome !== 'identified') {
      recordFailure(source.source, attempt, answer.reason);
      return { outcome: answer.outcome === 'refused' ? 'mismatch' : 'unavailable' };
    }
    const { identity } = answer;
    if (!KEY.test(identity.accountKey)) {
      recordFailure(source.source, attempt, 'identifier-missing');
      return { outcome: 'mismatch' };
    }
    const legacyKey = await meetIdentity(deps, source, { identity, typed: login });
    if (identity.warnings.includes('shared-account')) await noteShared(deps.db, legacyKey);
    const kind = KIND_OF[identity.evidence];
    let carried: Carried | undefined;
    const carryOver = async (): Promise<Carried | undefined> => (carried = await carriedBy(identity, carry));
    const { place } = attempt;
    const proved = await prover.prove({ source, legacyKey, kind, place, level: identity.level, carry: carryOver });
    if (proved.outcome !== 'match') return proved;
    if (identity.rights) await noteRights(deps, { source: source.source, legacyKey, rights: identity.rights });
    await forgetAttempts(deps.accounts.attempts, countedFor(deps, attempt, login));
    return { ...proved, kind, carriesPassword: carried !== undefined };
  };
}

/** The password goes along only when the old system has taken it as part of this very sign-in. */
async function carriedBy({ proved }: LegacyIdentity, carry: ToJudge['carry']): Promise<Carried | undefined> {
  const carried = proved.includes('password') ? await carry?.() : undefined;
  return carried === undefined ? undefined : readCarried(carried);
}

/**
 * Counted before anything is asked: by the name that was typed, or by the browser where nothing is typed here. Apart from
 * what other ways count: whoever knows the password must not win back guesses at a code with it.
 */
function countedFor(deps: OldSystemDependencies, { source, ip, place }: ProvingAttempt, login: string | undefined) {
  if (login === undefined) return { ip, loginKey: `journey ${place.journeyId}` };
  return { ip, loginKey: `old-system ${loginKeyOf(deps.keyRing, source, unspelt(login)).toString('base64url')}` };
}

/** Old systems know one name in many spellings (case, blanks, accents, full width), which must share their attempts. */
function unspelt(login: string): string {
  const bare = login
    .normalize('NFKD')
    .toUpperCase()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]/gu, '');
  return bare === '' ? login : bare;
}

const reserveFor =
  (deps: OldSystemDependencies, attempt: ProvingAttempt, login: string | undefined) =>
  (): Promise<number | undefined> =>
    takeAttempt(deps.accounts.attempts, countedFor(deps, attempt, login));

const bindingOf = ({ source, place }: ProvingAttempt): readonly string[] => [
  source,
  place.journeyId,
  place.browserKey,
  place.purpose ?? 'first-sign-in',
  place.accountId ?? '',
];
