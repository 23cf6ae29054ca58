import type { Accounts, SessionEnding } from '../../accounts/index.ts';
import type { BrowserSession, InteractionPort } from './interaction-port.ts';

interface Deps {
  readonly port: InteractionPort;
  readonly accounts: Pick<Accounts, 'endings'>;
}

/**
 * Ends what must not go on after a change (linking-attacks 2): every session but the one that is kept. The change has
 * written that they must end; what this process does not come to, a job does.
 */
export async function endThoseSessions(
  { port, accounts }: Deps,
  endings: readonly SessionEnding[],
  keep?: BrowserSession,
): Promise<void> {
  for (const ending of endings) {
    const kept = keep?.accountId === ending.accountId ? { except: keep.sessionKey } : {};
    await port.revokeSessions(ending.accountId, ending.reason, kept);
    await accounts.endings.done(ending);
  }
}
