import type { KeyRing } from '../../platform/crypto/key-ring.ts';
import { enqueueMessage } from '../../platform/notify/enqueue-message.ts';
import type { RelyingParties } from '../../relying-parties/index.ts';
import type { EnqueueLogout } from '../storage/end-sessions.ts';

const TRY_FOR_MS = 24 * 3600 * 1000;

/** Puts a logout notice into the outbox, for services that want one; tried with back-off for a day (guarantee D16). */
export function createEnqueueLogout(relyingParties: RelyingParties, keyRing: KeyRing, now: () => Date): EnqueueLogout {
  return async (tx, { clientId, accountId, sid }) => {
    const service = await relyingParties.find(clientId);
    if (service?.metadata.backchannelLogoutUri === undefined) return;
    await enqueueMessage(tx, keyRing, {
      kind: 'backchannel-logout',
      payload: { clientId, accountId, sid: sid ?? '' },
      expiresAt: new Date(now().getTime() + TRY_FOR_MS),
    });
  };
}
