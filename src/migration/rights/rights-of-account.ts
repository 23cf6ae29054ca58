import type { KeyRing } from '../../platform/crypto/key-ring.ts';
import type { Database } from '../../platform/postgres/database.ts';
import { readLinks } from '../linking/link-rows.ts';
import { readLegacyAccount } from '../ledger/read-legacy-account.ts';
import { rightsHeldNow } from './right-rows.ts';
import { openWords, type RightWords } from './right-words.ts';

export type HeldRightInWords = RightWords & {
  readonly source: string;
  /** The link that brings it: undone, it is gone. */
  readonly linkId: string;
  readonly from: Date | undefined;
  /** It holds until then. */
  readonly until: Date | undefined;
};

export interface HeldRights {
  readonly rights: readonly HeldRightInWords[];
  readonly isComplete: boolean;
}

export interface RightsRequest {
  readonly accountId: string;
  /** Of these sources; of all when left out. */
  readonly only?: readonly string[] | undefined;
  readonly limit: number;
}

/** Rights that an account has now by its links: nothing is copied, so they go and come back with a link or a merge. */
export async function rightsOf(
  { db, keyRing, now }: { readonly db: Database; readonly keyRing: KeyRing; readonly now: () => Date },
  { accountId, only, limit }: RightsRequest,
): Promise<HeldRights> {
  const links = (await readLinks(db, accountId)).filter(
    ({ undone, source }) => !undone && (only === undefined || only.includes(source)),
  );
  const rows = await Promise.all(links.map(({ legacyKey }) => readLegacyAccount(db, legacyKey)));
  const own = new Map(
    links
      .filter((_link, index) => rows[index]?.accountId === accountId)
      .map((link) => [link.legacyKey.toString('hex'), link]),
  );
  if (own.size === 0) return { rights: [], isComplete: true };
  const keys = [...own.values()].map(({ legacyKey }) => legacyKey);
  const held = await rightsHeldNow(db, keys, { at: now(), limit: limit + 1 });
  const rights = held.slice(0, limit).flatMap((row) => {
    const link = own.get(row.legacyKey.toString('hex'));
    if (!link) return [];
    const { source, linkId } = link;
    return [{ ...openWords(keyRing, row), source, linkId, from: row.from ?? undefined, until: row.until ?? undefined }];
  });
  return { rights, isComplete: held.length <= limit };
}
