import { enqueueMessage } from '../../platform/notify/enqueue-message.ts';
import type { Transaction } from '../../platform/postgres/database.ts';
import { timeIn } from '../../platform/pages/say-when.ts';
import type { Language } from '../engine/step.ts';
import type { JourneyDeps } from '../journey-deps.ts';

export type Notice =
  | 'address-added'
  | 'address-kept'
  | 'address-leaving'
  | 'address-made-first'
  | 'addresses-removed'
  | 'account-created'
  | 'password-changed'
  | 'password-reset'
  | 'old-account-added'
  | 'old-account-removed'
  | 'old-account-restored'
  | 'accounts-merged'
  | 'accounts-unmerged'
  | 'organisation-made'
  | 'organisation-invitation'
  | 'organisation-joined'
  | 'organisation-left';

const A_DAY_MS = 24 * 60 * 60 * 1000;

export interface NoticeRequest {
  readonly notice: Notice;
  /** Every address that stood before the change (behaviour.md, "Notices"). */
  readonly to: readonly string[];
  /** The account's, not the browser's: the reader may be somebody else than the one at the browser. */
  readonly language: Language;
  readonly values?: Readonly<Record<string, string>>;
}

/** Queues a notice in the transaction of the change: says what happened, when, by whom, and how to stop it (A14, G22). */
export async function sendNotice(
  deps: Pick<JourneyDeps, 'pages' | 'keyRing' | 'now' | 'config'>,
  tx: Transaction,
  { notice, to, language, values = {} }: NoticeRequest,
): Promise<void> {
  const t = deps.pages.translate(language);
  const at = deps.now();
  const when = timeIn(language, at);
  for (const address of to) {
    const text = { ...values, when, address, account: `${deps.config.issuer}/account` };
    await enqueueMessage(
      tx,
      deps.keyRing,
      {
        kind: 'email',
        to: address,
        subject: t(`journeys.notices.${notice}.subject`, text),
        body: t(`journeys.notices.${notice}.body`, text),
        expiresAt: new Date(at.getTime() + A_DAY_MS),
      },
      at,
    );
  }
}
