import type { ToldContact } from '../../accounts/index.ts';
import type { Transaction } from '../../platform/postgres/database.ts';
import { dateIn } from '../../platform/pages/say-when.ts';
import type { JourneyDeps } from '../journey-deps.ts';
import { hintOfAddress } from '../notices/hint-of-address.ts';
import { sendNotice } from '../notices/send-notice.ts';

export interface Told {
  readonly notice: 'accounts-merged' | 'accounts-unmerged';
  readonly contacts: readonly ToldContact[];
  /** Until when it can be undone. */
  readonly until: Date;
}

/** Tells every address that stood on either side before, each in the language of its account (E2). */
export async function tellEverybody(
  deps: JourneyDeps,
  tx: Transaction,
  { notice, contacts, until }: Told,
): Promise<void> {
  const emails = contacts.filter(({ kind }) => kind === 'email');
  const stays = emails.find(({ of }) => of === 'survivor')?.address ?? '';
  const other = emails.find(({ of }) => of === 'absorbed')?.address ?? '';
  for (const { address, language } of emails) {
    const values = { stays: hintOfAddress(stays), other: hintOfAddress(other), until: dateIn(language, until) };
    await sendNotice(deps, tx, { notice, to: [address], language, values });
  }
}
