import { type Attempts, canonicalEmail } from '../../accounts/index.ts';

interface Send {
  readonly channel: 'email' | 'text' | 'voice';
  /** Undefined: there is nobody, and the same is counted for nothing (A11). */
  readonly to: string | undefined;
  /** Stands for nobody's address. */
  readonly asker: string;
}

const DAY = 86_400;
/** Calls and texts cost money. An agent's mailbox may stand behind many old accounts. */
const MOST_A_DAY = { email: 30, text: 10, voice: 10 } as const;

/**
 * Where a code goes, or undefined when enough went there today: whoever asked, and for however many old accounts (B6,
 * K5). Nobody is told: that there is such a limit would tell that there is such an address.
 */
export async function limitSends(attempts: Attempts, { channel, to, asker }: Send): Promise<string | undefined> {
  const address = to === undefined ? `nobody ${asker}` : channel === 'email' ? canonicalEmail(to) : to;
  const counter = { what: 'code-send', limit: MOST_A_DAY[channel], windowSeconds: DAY } as const;
  const { allowed } = await attempts.take({ ...counter, who: `old ${channel} ${address}` });
  return allowed ? to : undefined;
}
