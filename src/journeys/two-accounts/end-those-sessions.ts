import type { SessionEnding } from '../../accounts/index.ts';
import type { BrowserSession } from '../engine/interaction-port.ts';
import type { JourneyDeps } from '../journey-deps.ts';

/** Ends what must not go on after a merge or its undoing (linking-attacks 2): every session but the one that is kept. */
export async function endThoseSessions(
  deps: Pick<JourneyDeps, 'port' | 'accounts'>,
  endings: readonly SessionEnding[],
  keep?: BrowserSession,
): Promise<void> {
  for (const ending of endings) {
    const kept = keep?.accountId === ending.accountId ? { except: keep.sessionKey } : {};
    await deps.port.revokeSessions(ending.accountId, ending.reason, kept);
    await deps.accounts.merging.endings.done(ending);
  }
}
