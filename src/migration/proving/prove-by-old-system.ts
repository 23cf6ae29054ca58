import { randomBytes } from 'node:crypto';
import { findSource } from '../sources/source-store.ts';
import { reserveFor } from './count-attempts-there.ts';
import { createJudge } from './judge-answer.ts';
import { findLive } from './live-source.ts';
import { bindingOf, type OldSystemDependencies, type Opened } from './old-system.ts';
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
import { askFirst, takeRound } from './take-round.ts';

export interface OldSystemProof {
  start(attempt: ProvingAttempt): Promise<Asks | Leave | Exclude<ProvingResult, { outcome: 'match' }>>;
  answer(answer: ProvingAnswer): Promise<ProvingResult>;
  handleOf(source: string, parameters: Readonly<Record<string, string>>): Promise<string | undefined>;
  returned(back: ReturnedBrowser): Promise<ProvingResult>;
  sift: Proving['sift'];
  arrived(browser: ArrivedBrowser): Promise<ProvingResult>;
}

/** The sign-in method of the old system itself, behind its guard; what it says becomes a proof, or not. */
export function createOldSystemProof(deps: OldSystemDependencies): OldSystemProof {
  const open = async (key: string): Promise<Opened | undefined> => {
    const source = await findSource(deps.db, key);
    const live = source?.status === 'open' ? await findLive(deps.db, source) : undefined;
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
