import type { Database } from '../../postgres/database.ts';
import type { DeliveryMeta } from '../delivery.ts';

/** Puts a message on the development inbox page. The same message twice is there once. */
export async function sendToInbox(
  db: Database,
  message: { readonly kind: string; readonly to: string; readonly subject: string; readonly body: string },
  { messageId }: DeliveryMeta,
): Promise<void> {
  await db.query({
    name: 'send-to-inbox',
    text: `INSERT INTO development_inbox (message_id, kind, recipient, subject, body, sent_at)
           VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (message_id) DO NOTHING`,
    values: [messageId, message.kind, message.to, message.subject, message.body, new Date()],
  });
}
