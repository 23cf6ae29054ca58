import type { House } from '../house.ts';
import type { LinkChangeFacts } from '../migration/index.ts';
import { enqueueMessage } from '../platform/notify/enqueue-message.ts';
import type { Transaction } from '../platform/postgres/database.ts';

type Change = 'undone' | 'restored';
interface Words {
  readonly subject: string;
  readonly body: (of: { source: string; account: string }) => string;
}

const A_DAY_MS = 24 * 60 * 60 * 1000;

const texts = {
  en: {
    undone: {
      subject: 'An old account was taken off your Latchkey account',
      body: ({ source, account }) =>
        `Our staff took your old account at ${source} off your Latchkey account. Two people checked this.\n\n` +
        `If this is wrong, sign in within 7 days to put it back: ${account}\n`,
    },
    restored: {
      subject: 'An old account is part of your Latchkey account again',
      body: ({ source, account }) =>
        `Our staff put your old account at ${source} back. Two people checked this.\n\n` +
        `If this is wrong, sign in to take it off: ${account}\n`,
    },
  },
  cy: {
    undone: {
      subject: 'Tynnwyd hen gyfrif oddi ar eich cyfrif Latchkey',
      body: ({ source, account }) =>
        `Tynnodd ein staff eich hen gyfrif gyda ${source} oddi ar eich cyfrif Latchkey. Gwiriwyd hyn gan ddau berson.\n\n` +
        `Os yw hyn yn anghywir, mewngofnodwch o fewn 7 diwrnod i’w roi yn ôl: ${account}\n`,
    },
    restored: {
      subject: 'Mae hen gyfrif yn rhan o’ch cyfrif Latchkey eto',
      body: ({ source, account }) =>
        `Rhoddodd ein staff eich hen gyfrif gyda ${source} yn ôl. Gwiriwyd hyn gan ddau berson.\n\n` +
        `Os yw hyn yn anghywir, mewngofnodwch i’w dynnu: ${account}\n`,
    },
  },
} as const satisfies Record<'en' | 'cy', Record<Change, Words>>;

/** Tells every contact of both sides what two operators did, in the transaction that does it (linking-attacks 17). */
export function noticeOf({ config, keyRing, now }: House, change: Change) {
  return async (tx: Transaction, facts: LinkChangeFacts): Promise<void> => {
    const { subject, body } = texts[facts.language][change];
    const source = (facts.language === 'cy' ? facts.sourceName.cy : undefined) ?? facts.sourceName.en;
    const text = body({ source, account: `${config.issuer}/account` });
    const expiresAt = new Date(now().getTime() + A_DAY_MS);
    for (const to of new Set([...facts.contactsBefore, ...(facts.oldEmail ? [facts.oldEmail] : [])]))
      await enqueueMessage(tx, keyRing, { kind: 'email', to, subject, body: text, expiresAt }, now());
  };
}
