import type { Accounts } from '../../accounts/index.ts';
import type { Delivery } from '../../legacy/index.ts';
import type { Database } from '../../platform/postgres/database.ts';
import { limitSends } from '../proofs/limit-sends.ts';
import type { ProvingAttempt } from './proving.ts';

const PURPOSE = 'legacy-code';

/** Codes that an adapter sends to an address on record: kept, counted and used up like every other code of ours. */
export function createDelivery(
  { db, accounts }: { readonly db: Database; readonly accounts: Accounts },
  { deliver, place }: Pick<ProvingAttempt, 'deliver' | 'place'>,
): Delivery {
  return {
    async send({ binding, code, ...message }) {
      const { channel, style, lifetimeSeconds } = message;
      const asked = { to: message.to, asker: place.journeyId };
      const to = channel === 'post' ? message.to : await limitSends(accounts.attempts, { ...asked, channel });
      return db.transaction(async (tx) => {
        if (code !== undefined) {
          // Its adapter checks it itself, weeks from now and in another journey.
          await deliver(tx, { channel, style, to, lifetimeSeconds, code });
          return { challenge: '' };
        }
        const issued = await accounts.codes.issue(tx, { purpose: PURPOSE, boundTo: [...binding], lifetimeSeconds });
        await deliver(tx, { channel, style, to, lifetimeSeconds, code: issued.code });
        return { challenge: issued.challengeId };
      });
    },
    check: (challengeId, code, binding) =>
      accounts.codes.check({ challengeId, purpose: PURPOSE, boundTo: [...binding], code }),
  };
}
