import { appendAudit } from '../../audit/index.ts';
import type { Right } from '../../legacy/index.ts';
import type { KeyRing } from '../../platform/crypto/key-ring.ts';
import type { Database } from '../../platform/postgres/database.ts';
import { endUnsaid, writeRights } from './right-rows.ts';
import { type RightRow, toRightRow, whenOf } from './right-words.ts';

/** More than any agent has whom an old system would list in one answer. */
const MOST = 10_000;

export interface SaidRights {
  readonly source: string;
  /** Of the agent, who was proved a moment ago. */
  readonly legacyKey: Buffer;
  readonly rights: readonly Right[];
}

/**
 * Keeps what an old system said of an agent's rights as it let the agent in: all of them, so what it no longer says has
 * ended. They belong to the agent's old account. Nothing of the client is read, linked or proved by that (M42).
 */
export async function noteRights(
  { db, keyRing, now }: { readonly db: Database; readonly keyRing: KeyRing; readonly now: () => Date },
  { source, legacyKey, rights }: SaidRights,
): Promise<void> {
  const rows = new Map<string, RightRow>();
  for (const right of rights.slice(0, MOST)) {
    const row = readRight(keyRing, { source, legacyKey }, right);
    if (row) rows.set(row.rightKey.toString('base64url'), row);
  }
  const said = [...rows.values()];
  await db.transaction(async (tx) => {
    const at = now();
    const { created, changed } = await writeRights(tx, said, { saidBy: 'sign-in', at });
    const saidKeys = said.map(({ rightKey }) => rightKey);
    const ended = await endUnsaid(tx, { legacyKey, said: saidKeys }, at);
    if (created + changed + ended === 0) return;
    await appendAudit(tx, {
      chain: `source:${source}`,
      type: 'legacy.rights-noted',
      actor: 'system',
      detail: { legacyKey: legacyKey.toString('hex'), created, changed, ended, unusable: rights.length - said.length },
      at,
    });
  });
}

/** One whose dates cannot be read is left out: a right that may have ended is none. */
function readRight(
  keyRing: KeyRing,
  of: { readonly source: string; readonly legacyKey: Buffer },
  { subject: client, right, kind, from, until }: Right,
): RightRow | undefined {
  const begins = from === undefined ? undefined : whenOf(from, 'from');
  const ends = until === undefined ? undefined : whenOf(until, 'until');
  const isUnread = (from !== undefined && !begins) || (until !== undefined && !ends);
  if (isUnread) return undefined;
  return toRightRow(keyRing, { ...of, right: { words: { client, right, kind }, from: begins, until: ends } });
}
