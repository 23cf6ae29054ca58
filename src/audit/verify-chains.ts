import type { Queryable } from '../platform/postgres/database.ts';
import { CHAIN_START, canonicalEvent, chainHash } from './chain-link.ts';

export interface ChainReport {
  readonly chains: number;
  readonly events: number;
  /** Rows that were altered, are missing, or follow something other than what they were written after. */
  readonly broken: readonly { readonly chainId: string; readonly seq: number }[];
}

type EventRow = { chain_id: string; seq: number; type: string; at: Date; body: unknown; hash: Buffer };

const PAGE = 2000;

/** Recomputes every hash of every chain and names the rows that do not agree (G2). Reads by pages; takes no lock. */
export async function verifyChains(db: Queryable): Promise<ChainReport> {
  const broken: { chainId: string; seq: number }[] = [];
  let chains = 0;
  let events = 0;
  let last: { chainId: string; seq: number; hash: Buffer } = { chainId: '', seq: 0, hash: CHAIN_START };
  for (;;) {
    const rows = await db.query<EventRow>({
      text: `SELECT chain_id, seq, type, at, body, hash FROM audit_events
             WHERE (chain_id, seq) > ($1, $2) ORDER BY chain_id, seq LIMIT ${PAGE}`,
      values: [last.chainId, last.seq],
    });
    for (const row of rows) {
      if (row.chain_id !== last.chainId) {
        chains += 1;
        last = { chainId: row.chain_id, seq: 0, hash: CHAIN_START };
      }
      const expected = last.seq + 1;
      if (row.seq !== expected) broken.push({ chainId: row.chain_id, seq: expected });
      else if (!hashOf(row, last.hash).equals(row.hash)) broken.push({ chainId: row.chain_id, seq: row.seq });
      last = { chainId: row.chain_id, seq: row.seq, hash: row.hash };
    }
    events += rows.length;
    if (rows.length < PAGE) return { chains, events, broken };
  }
}

function hashOf(row: EventRow, previous: Buffer): Buffer {
  return chainHash(previous, row.seq, canonicalEvent({ chainId: row.chain_id, type: row.type, at: row.at }, row.body));
}
