import type { FastifyInstance } from 'fastify';
import type { Config } from '../../config/config-schema.ts';
import { openPagesScope } from '../../http/open-pages-scope.ts';
import type { Language, PagesFolder } from '../../pages/translations.ts';
import type { Database, Row } from '../../postgres/database.ts';
import { firstCode, readBody } from './read-body.ts';

export const inboxPages: PagesFolder = { name: 'inbox', directory: import.meta.dirname };

interface MessageRow extends Row {
  readonly message_id: string;
  readonly kind: string;
  readonly recipient: string;
  readonly subject: string;
  readonly body: string;
  readonly sent_at: Date;
}

const COLUMNS = 'message_id, kind, recipient, subject, body, sent_at';
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * The page where the development sender's mail and texts can be read, at /dev/inbox. It adds no route unless the
 * configuration sends to it; in production it never does (A12).
 */
export function inboxPlugin(deps: {
  readonly config: Pick<Config, 'environment' | 'issuer' | 'notify'>;
  readonly db: Database;
}): (scope: FastifyInstance) => Promise<void> {
  const { config, db } = deps;
  return async (scope) => {
    if (config.environment === 'production' || config.notify.sender !== 'inbox') return;
    openPagesScope(scope, { issuer: config.issuer });

    scope.get('/dev/inbox', async (request, reply) => {
      const rows = await db.query<MessageRow>({
        text: `SELECT ${COLUMNS} FROM development_inbox ORDER BY sent_at DESC, message_id DESC LIMIT 50`,
      });
      const language = request.language();
      return reply.page('inbox/list.njk', { messages: rows.map((row) => summary(row, language)) });
    });

    scope.get<{ Params: { messageId: string } }>('/dev/inbox/:messageId', async (request, reply) => {
      const { messageId } = request.params;
      const [row] = UUID.test(messageId)
        ? await db.query<MessageRow>({
            text: `SELECT ${COLUMNS} FROM development_inbox WHERE message_id = $1`,
            values: [messageId],
          })
        : [];
      if (!row) return reply.errorPage('notFound');
      const message = { ...summary(row, request.language()), paragraphs: readBody(row.body) };
      return reply.page('inbox/message.njk', { message, backLink: '/dev/inbox' });
    });
  };
}

function summary(row: MessageRow, language: Language): object {
  return {
    id: row.message_id,
    kind: row.kind,
    to: row.recipient,
    subject: row.subject,
    code: firstCode(row.body),
    sentAtIso: row.sent_at.toISOString(),
    sentAt: new Intl.DateTimeFormat(language === 'cy' ? 'cy-GB' : 'en-GB', {
      dateStyle: 'medium',
      timeStyle: 'medium',
      timeZone: 'Europe/London',
    }).format(row.sent_at),
  };
}
