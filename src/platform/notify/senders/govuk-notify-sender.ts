import type { NotifyClient } from 'notifications-node-client';
import type { Config } from '../../config/config-schema.ts';
import type { DeliveryMeta, DeliveryOutcome } from '../delivery.ts';
import type { Payload } from '../message.ts';
import { neverArrived, numberOf, textOf } from './never-arrived.ts';

type Settings = NonNullable<Config['notify']['govukNotify']>;

export interface GovukNotifySender {
  readonly email: (message: Payload<'email'>, meta: DeliveryMeta) => Promise<DeliveryOutcome>;
  readonly sms: (message: Payload<'sms'>, meta: DeliveryMeta) => Promise<DeliveryOutcome>;
  /** Refused without a template for letters. */
  readonly letter: (message: Payload<'letter'>, meta: DeliveryMeta) => Promise<DeliveryOutcome>;
}

const ANSWER_MS = 10_000;

/**
 * Sends by GOV.UK Notify. The message's id is its `reference`: Notify does not refuse a second message with the same one,
 * so a second try first asks whether the first arrived.
 */
export function createGovukNotifySender(settings: Settings): GovukNotifySender {
  let client: Promise<NotifyClient> | undefined;
  const send = async (
    kind: 'email' | 'sms' | 'letter',
    { messageId, attempts }: DeliveryMeta,
    post: (notify: NotifyClient) => Promise<unknown>,
  ): Promise<DeliveryOutcome> => {
    client ??= openClient(settings);
    const notify = await client;
    try {
      if (attempts > 1 && (await inTime(hasArrived(notify, kind, messageId)))) return { outcome: 'sent' };
    } catch (error) {
      const failure = notifyFailure(error);
      return failure.outcome === 'failed' ? { ...failure, unsure: false } : failure;
    }
    try {
      await inTime(post(notify));
      return { outcome: 'sent' };
    } catch (error) {
      return notifyFailure(error);
    }
  };
  return {
    email: ({ to, subject, body }, meta) =>
      send('email', meta, (notify) =>
        notify.sendEmail(settings.emailTemplateId, to, {
          personalisation: { subject, body },
          reference: meta.messageId,
        }),
      ),
    sms: ({ to, body }, meta) =>
      send('sms', meta, (notify) =>
        notify.sendSms(settings.smsTemplateId, to, { personalisation: { body }, reference: meta.messageId }),
      ),
    letter: async ({ to, body }, meta) => {
      const { letterTemplateId } = settings;
      if (letterTemplateId === undefined) return { outcome: 'refused', reason: 'notify:no-letters' };
      const personalisation: Record<string, string> = { body };
      for (const [index, line] of to.split('\n').entries()) personalisation[`address_line_${index + 1}`] = line;
      return send('letter', meta, (notify) =>
        notify.sendLetter(letterTemplateId, { personalisation, reference: meta.messageId }),
      );
    },
  };
}

// Loaded at the first message: a process that sends by another way does not pay for it.
async function openClient({ apiKey, baseUrl }: Settings): Promise<NotifyClient> {
  const { NotifyClient: Client } = await import('notifications-node-client');
  return baseUrl === undefined ? new Client(apiKey) : new Client(baseUrl, apiKey);
}

async function hasArrived(notify: NotifyClient, kind: 'email' | 'sms' | 'letter', reference: string): Promise<boolean> {
  const { data } = await notify.getNotifications(kind, undefined, reference);
  return data.notifications.some((notification) => notification.reference === reference);
}

function notifyFailure(error: unknown): DeliveryOutcome {
  const response: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, 'response') : undefined;
  const status = numberOf(response, 'status');
  const code = textOf(error, 'code') ?? 'unknown';
  if (status === undefined)
    return { outcome: 'failed', reason: `notify:${code}`, blame: 'gateway', unsure: !neverArrived(code) };
  const reason = `notify:${status}`;
  if (status === 400) return judgeBadRequest(response, reason);
  // 429 and 403 and 503 say that it was not taken; another 5xx may come after it was.
  return { outcome: 'failed', reason, blame: 'gateway', unsure: status >= 500 && status !== 503 };
}

/** `ValidationError` is about the address; another 400 may be our own setting, so the message is kept. */
function judgeBadRequest(response: unknown, reason: string): DeliveryOutcome {
  return JSON.stringify(Reflect.get(Object(response), 'data') ?? null).includes('"ValidationError"')
    ? { outcome: 'refused', reason }
    : { outcome: 'failed', reason, blame: 'recipient' };
}

async function inTime<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(Object.assign(new Error('no answer'), { code: 'timeout' })), ANSWER_MS);
  });
  try {
    return await Promise.race([work, tooLong]);
  } finally {
    clearTimeout(timer);
  }
}
