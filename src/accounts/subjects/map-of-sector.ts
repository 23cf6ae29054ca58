import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { LatchkeyError } from '../../platform/failure/latchkey-error.ts';
import type { Queryable } from '../../platform/postgres/database.ts';
import { readSubjectMoves } from '../store/subject-move-rows.ts';
import type { MapRequest, SubjectMap } from './subjects.ts';

const USUAL_PAGE = 1000;
const LARGEST_PAGE = 10_000;
const LATE_MS = 60_000;

export async function mapOfSector(db: Queryable, request: MapRequest): Promise<SubjectMap> {
  const { sector, clientId, since } = request;
  const limit = Math.min(Math.max(1, request.limit ?? USUAL_PAGE), LARGEST_PAGE);
  const rows = await readSubjectMoves(db, {
    sector,
    fromSectors: await sectorsKnownTo(db, sector, clientId),
    since: since && new Date(since.getTime() - LATE_MS),
    after: request.after === undefined ? undefined : readCursor(request.after),
    limit: limit + 1,
  });
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return { sector, rows: page, next: rows.length > limit && last ? cursorAt(last) : undefined };
}

/** A service that was registered later never knew the old subs: they are none of its business (E11). */
async function sectorsKnownTo(db: Queryable, sector: string, clientId: string): Promise<string[]> {
  const rows = await db.query<{ from_sector: string }>({
    text: `SELECT from_sector FROM sector_moves
           WHERE to_sector = $1 AND (client_ids IS NULL OR $2 = ANY(client_ids))`,
    values: [sector, clientId],
  });
  return rows.map((row) => row.from_sector);
}

const Cursor = Type.Tuple([Type.String(), Type.String()]);

function cursorAt({ fromSector, from }: { readonly fromSector: string; readonly from: string }): string {
  return Buffer.from(JSON.stringify([fromSector, from])).toString('base64url');
}

function readCursor(text: string): { fromSector: string; from: string } {
  const value = parse(Buffer.from(text, 'base64url').toString());
  if (!Value.Check(Cursor, value)) throw new LatchkeyError('input_invalid', 'There is no such page.');
  return { fromSector: value[0], from: value[1] };
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
