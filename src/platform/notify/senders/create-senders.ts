import type { Config } from '../../config/config-schema.ts';
import type { Database } from '../../postgres/database.ts';
import type { DeliveryHandlers, DeliveryOutcome } from '../delivery.ts';
import { createGovukNotifySender } from './govuk-notify-sender.ts';
import { sendToInbox } from './inbox-sender.ts';
import { createSmtpSender } from './smtp-sender.ts';

export interface Senders extends Pick<DeliveryHandlers, 'email' | 'sms' | 'voice' | 'letter'> {
  readonly close: () => Promise<void>;
}

/** The one way out for mail and texts that the configuration names. */
export function createSenders(config: Config['notify'], db: Database): Senders {
  if (config.sender === 'govuk-notify' && config.govukNotify)
    return { ...createGovukNotifySender(config.govukNotify), voice: cannot('notify:no-voice'), close: async () => {} };
  if (config.sender === 'smtp' && config.smtpUrl !== undefined) {
    const smtp = createSmtpSender({ url: config.smtpUrl, from: config.from });
    return { ...smtp, sms: cannot('smtp:no-texts'), voice: cannot('smtp:no-voice'), letter: cannot('smtp:no-letters') };
  }
  if (config.sender !== 'inbox') throw new Error(`notify.sender is ${config.sender}, but its settings are missing`);
  return {
    email: (message, meta) => sendToInbox(db, { kind: 'email', ...message }, meta),
    sms: (message, meta) => sendToInbox(db, { kind: 'sms', subject: '', ...message }, meta),
    voice: (message, meta) => sendToInbox(db, { kind: 'voice', subject: '', ...message }, meta),
    letter: (message, meta) => sendToInbox(db, { kind: 'letter', subject: '', ...message }, meta),
    close: async () => {},
  };
}

const cannot = (reason: string) => async (): Promise<DeliveryOutcome> => ({ outcome: 'refused', reason });
