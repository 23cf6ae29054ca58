import type { Transporter } from 'nodemailer';
import type { DeliveryMeta, DeliveryOutcome } from '../delivery.ts';
import type { Payload } from '../message.ts';
import { neverArrived, numberOf, textOf } from './never-arrived.ts';

export interface SmtpSender {
  readonly email: (message: Payload<'email'>, meta: DeliveryMeta) => Promise<DeliveryOutcome>;
  readonly close: () => Promise<void>;
}

/** Sends mail by SMTP. The Message-ID is the message's own id, so that a mail system can drop a second copy. */
export function createSmtpSender(options: { readonly url: string; readonly from: string }): SmtpSender {
  let transport: Promise<Transporter> | undefined;
  const host = /@([^>\s]+)/.exec(options.from)?.[1] ?? 'latchkey.invalid';
  return {
    async email({ to, subject, body }, { messageId }) {
      transport ??= openTransport(options.url);
      const sender = await transport;
      try {
        await sender.sendMail({
          from: options.from,
          to: { name: '', address: to },
          subject,
          text: body,
          messageId: `<${messageId}@${host}>`,
          headers: { 'Auto-Submitted': 'auto-generated' },
        });
        return { outcome: 'sent' };
      } catch (error) {
        return smtpFailure(error);
      }
    },
    async close() {
      (await transport)?.close();
    },
  };
}

// Loaded at the first mail: a process that sends by another way does not pay for it.
async function openTransport(url: string): Promise<Transporter> {
  const { createTransport } = await import('nodemailer');
  return createTransport({
    url,
    pool: true,
    maxConnections: 5,
    connectionTimeout: 5000,
    greetingTimeout: 5000,
    dnsTimeout: 5000,
    socketTimeout: 10_000,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
}

/** Reads what a mail server's refusal means (RFC 5321 §4.2.1). */
function smtpFailure(error: unknown): DeliveryOutcome {
  const answer = numberOf(error, 'responseCode');
  const aboutRecipient = textOf(error, 'command') === 'RCPT TO';
  const code = textOf(error, 'originalCode') ?? textOf(error, 'code') ?? 'unknown';
  const reason = `smtp:${answer ?? code}`;
  if (answer === undefined && code === 'EENVELOPE') return { outcome: 'refused', reason };
  if (answer !== undefined && answer >= 500 && aboutRecipient) return { outcome: 'refused', reason };
  if (answer !== undefined)
    return { outcome: 'failed', reason, blame: aboutRecipient || answer >= 550 ? 'recipient' : 'gateway' };
  return { outcome: 'failed', reason, blame: 'gateway', unsure: !neverArrived(code) };
}
