import { randomUUID } from 'node:crypto';
import type { SubjectChange } from '../../accounts/index.ts';
import type { KeyRing } from '../../platform/crypto/key-ring.ts';
import { enqueueMessage } from '../../platform/notify/enqueue-message.ts';
import type { Transaction } from '../../platform/postgres/database.ts';
import type { RelyingParties } from '../../relying-parties/index.ts';

/** What happened, for ever by this name: it does not change with the issuer, and nobody has to be able to fetch it. */
export const SUBJECT_CHANGED = 'urn:fdc:latchkey:2026:event:subject-changed';

const TRY_FOR_MS = 7 * 24 * 3600 * 1000;

interface Deps {
  readonly relyingParties: Pick<RelyingParties, 'liveInSector'>;
  readonly keyRing: KeyRing;
  readonly now: () => Date;
}

/**
 * Puts an event for every live service of the sector that wants events into the outbox of the same transaction: who hears
 * of a merge hears of one that stands. Tried with back-off for a week; after that the map still tells (guarantee E11).
 */
export function createTellOfSubjects({ relyingParties, keyRing, now }: Deps) {
  return async (tx: Transaction, { sector, change, from, to }: SubjectChange): Promise<void> => {
    const services = await relyingParties.liveInSector(tx, sector);
    const at = now();
    // Drawn for each sector: an id that two sectors saw would tell them that their two subs are one person.
    const txn = randomUUID();
    for (const { clientId, metadata } of services) {
      if (metadata.eventsUri === undefined) continue;
      const seconds = `${Math.floor(at.getTime() / 1000)}`;
      await enqueueMessage(
        tx,
        keyRing,
        {
          kind: 'security-event',
          payload: { clientId, sector, change, from, to, txn, jti: randomUUID(), at: seconds },
          expiresAt: new Date(at.getTime() + TRY_FOR_MS),
        },
        at,
      );
    }
  };
}

/** The claims of the event (RFC 8417): the same at every try, so a receiver knows one that it has by its `jti`. */
export function subjectEventClaims(
  issuer: string,
  payload: Readonly<Record<string, string>>,
): Record<string, unknown> & { readonly aud: string } {
  const { clientId = '', change, from, to, txn, jti } = payload;
  const at = Number(payload['at']);
  return {
    iss: issuer,
    aud: clientId,
    jti,
    iat: at,
    toe: at,
    txn,
    // No `sub`: nothing may take it for an ID token (RFC 8417 §4.5).
    sub_id: { format: 'iss_sub', iss: issuer, sub: from },
    events: { [SUBJECT_CHANGED]: { change, from, to } },
  };
}
