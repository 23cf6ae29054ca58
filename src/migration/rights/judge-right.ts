import type { KeyRing } from '../../platform/crypto/key-ring.ts';
import type { Database } from '../../platform/postgres/database.ts';
import { legacyKeyOf } from '../ledger/legacy-keys.ts';
import type { RowFields } from '../runs/reading/row-reader.ts';
import type { Source } from '../sources/definition.ts';
import { type RightRow, type RightWords, type StatedRight, toRightRow, whenOf } from './right-words.ts';

/** Why a row was rejected. A code is stable; the message tells the operator what to mend and never repeats a value. */
export const rightRejects = {
  unreadable: 'The line cannot be read: not UTF-8, not one JSON object, or not as many fields as the header.',
  agent_missing: 'The agent is empty or longer than 255 characters.',
  agent_unknown: 'No account of this source has the id of the agent. Import the accounts first.',
  right_unusable:
    'The client (255 characters at most) or the right (100) is empty or too long, or the agent is the client.',
  kind_unknown: 'The kind is neither client nor organisation.',
  date_unreadable: 'A date is neither YYYY-MM-DD nor a time with its zone.',
  dates_crossed: 'The right ends before it begins.',
  duplicate_right: 'The same right stood in an earlier line already. The first line was taken.',
} as const;
export type RightReject = keyof typeof rightRejects;

export type JudgedRight = { readonly row: RightRow } | { readonly code: RightReject };

export interface RightJudge {
  judge(fields: RowFields): JudgedRight;
  /** Hex. None where accounts of the source are made when their people first come. */
  unknownAgents(rows: readonly RightRow[]): Promise<ReadonlySet<string>>;
}

const MAX_ID = 255;

export function createRightJudge(
  { db, keyRing }: { readonly db: Database; readonly keyRing: KeyRing },
  { source, definition }: Source,
): RightJudge {
  const seen = new Set<string>();
  return {
    judge({ id: agent = '', extras = {} }) {
      if (agent === '' || agent.length > MAX_ID) return { code: 'agent_missing' };
      const stated = readStated(extras);
      if ('code' in stated) return stated;
      const row = toRightRow(keyRing, { source, legacyKey: legacyKeyOf(keyRing, source, agent), right: stated });
      if (!row) return { code: 'right_unusable' };
      const key = Buffer.concat([row.legacyKey, row.rightKey]).toString('base64url');
      if (seen.has(key)) return { code: 'duplicate_right' };
      seen.add(key);
      return { row };
    },
    async unknownAgents(rows) {
      const keys = new Map(rows.map(({ legacyKey }) => [legacyKey.toString('hex'), legacyKey]));
      if (definition.firstSight === 'create' || keys.size === 0) return new Set();
      const known = await db.query<{ key: string }>({
        text: `SELECT encode(legacy_key, 'hex') AS key FROM legacy_accounts WHERE legacy_key = ANY($1)`,
        values: [[...keys.values()]],
      });
      for (const { key } of known) keys.delete(key);
      return new Set(keys.keys());
    },
  };
}

type Cells = Readonly<Record<string, string>>;
type Rejected = { readonly code: RightReject };

function readStated(cells: Cells): StatedRight | Rejected {
  const { client = '', right = '', kind = 'client', grantedBy } = cells;
  if (kind !== 'client' && kind !== 'organisation') return { code: 'kind_unknown' };
  const dates = readDates(cells);
  if ('code' in dates) return dates;
  const words: RightWords = { client, right, kind, ...(grantedBy !== undefined && { grantedBy }) };
  return { words, ...dates };
}

function readDates({ from, until }: Cells): Pick<StatedRight, 'from' | 'until'> | Rejected {
  const begins = from === undefined ? undefined : whenOf(from, 'from');
  const ends = until === undefined ? undefined : whenOf(until, 'until');
  if ((from !== undefined && !begins) || (until !== undefined && !ends)) return { code: 'date_unreadable' };
  if (begins && ends && begins >= ends) return { code: 'dates_crossed' };
  return { from: begins, until: ends };
}
