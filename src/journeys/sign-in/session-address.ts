import { LatchkeyError } from '../../platform/failure/latchkey-error.ts';
import type { Facts } from '../engine/facts.ts';
import type { Interaction } from '../engine/interaction-port.ts';
import type { JourneyDeps } from '../journey-deps.ts';

/** The account whose password is asked for again: the session's, unless the citizen wants another one. */
export function knownAccountId(interaction: Interaction, facts: Facts): string | undefined {
  return facts.otherAccount ? undefined : interaction.sessionAccountId;
}

/** The first address of the session's account. Only this browser's own session leads here. */
export async function sessionAddress(
  deps: Pick<JourneyDeps, 'accounts'>,
  { sessionAccountId }: Interaction,
): Promise<string> {
  const account = sessionAccountId === undefined ? undefined : await deps.accounts.read(sessionAccountId);
  const address = account?.emails[0]?.address;
  if (address === undefined) throw new LatchkeyError('not_found', 'This account is not there any more.');
  return address;
}

/** The address that the password page is about. */
export async function signInAddress(
  deps: Pick<JourneyDeps, 'accounts'>,
  interaction: Interaction,
  facts: Facts,
): Promise<string> {
  if (knownAccountId(interaction, facts) !== undefined) return sessionAddress(deps, interaction);
  if (facts.address === undefined) throw new Error('the password page was reached without an address');
  return facts.address;
}
