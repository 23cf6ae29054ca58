import { appendAudit } from '../../../audit/index.ts';
import { uuidv7 } from '../../../platform/crypto/uuid.ts';
import type { Database, Queryable, Transaction } from '../../../platform/postgres/database.ts';
import { isOperator } from '../../linking/ask-or-approve.ts';
import type { Problem } from '../../sources/definition.ts';

export interface OlderFile {
  readonly source: string;
  readonly fileName: string;
  readonly digest: Buffer;
  readonly asOf: Date;
  readonly actor: string;
  readonly approvedBy: string | undefined;
  readonly now: Date;
}

const REQUEST_LIVES_MS = 7 * 24 * 3600 * 1000;

/** Of the files that a source has had, the latest state of the old system. */
export async function latestAsOf(queryable: Queryable, source: string): Promise<Date | undefined> {
  const rows = await queryable.query<{ as_of: string | null }>({
    text: `SELECT max(outcome->>'asOf') AS as_of FROM imports
           WHERE source = $1 AND outcome->>'refused' IS DISTINCT FROM 'true'`,
    values: [source],
  });
  const asOf = rows[0]?.as_of;
  return asOf ? new Date(asOf) : undefined;
}

/**
 * An older file than the last one undoes what has happened since (linking-attacks 32): one person asks by trying, and
 * another approves the same bytes within seven days. Undefined: it may go in.
 */
export function needTwoPeople(db: Database, file: OlderFile): Promise<readonly Problem[] | undefined> {
  return db.transaction(async (tx) => {
    const asks = await openAsks(tx, file);
    if (asks.length === 0) return [await ask(tx, file)];
    const { approvedBy } = file;
    if (approvedBy === undefined) return [olderFile(`somebody else may approve it: --approved-by NAME.`)];
    const first = asks.find(({ askedBy }) => askedBy !== approvedBy);
    const isSecond = first !== undefined && isOperator(approvedBy);
    const requestId = (first ?? asks[0])?.importId ?? '';
    await record(tx, isSecond ? 'legacy.request-approved' : 'legacy.request-refused', { ...file, requestId });
    return isSecond ? undefined : [sameOperator];
  });
}

const FIELD = 'asOf';
const olderFile = (how: string): Problem => ({
  field: FIELD,
  code: 'older_file',
  message: `The file is older than the last one of this source. It was recorded that it is wanted; ${how}`,
});
const sameOperator: Problem = {
  field: FIELD,
  code: 'same_operator',
  message: 'Who asked for an older file cannot approve it: somebody else must. This was recorded.',
};

interface Ask {
  readonly importId: string;
  readonly askedBy: string;
}

/** Those for the same bytes; what came in since makes them void. */
async function openAsks(tx: Transaction, { source, digest, now }: OlderFile): Promise<readonly Ask[]> {
  const rows = await tx.query<{ import_id: string; asked_by: string }>({
    text: `SELECT a.import_id, a.outcome->>'askedBy' AS asked_by FROM imports AS a
           WHERE a.source = $1 AND a.file_digest = $2 AND a.outcome->>'asks' = 'older-file' AND a.started_at > $3
             AND NOT EXISTS (SELECT 1 FROM imports AS i
                             WHERE i.source = $1 AND i.started_at > a.started_at AND i.file_digest <> $2
                               AND i.outcome->>'refused' IS DISTINCT FROM 'true')
           ORDER BY a.import_id`,
    values: [source, digest, new Date(now.getTime() - REQUEST_LIVES_MS)],
  });
  return rows.map((row) => ({ importId: row.import_id, askedBy: row.asked_by }));
}

async function ask(tx: Transaction, file: OlderFile): Promise<Problem> {
  const requestId = uuidv7(file.now.getTime());
  const outcome = { refused: true, asks: 'older-file', askedBy: file.actor, asOf: file.asOf.toISOString() };
  await tx.query({
    text: `INSERT INTO imports (import_id, source, file_name, file_digest, outcome, started_at, finished_at)
           VALUES ($1, $2, $3, $4, $5::jsonb, $6, $6)`,
    values: [requestId, file.source, file.fileName.slice(0, 255), file.digest, JSON.stringify(outcome), file.now],
  });
  await record(tx, 'legacy.request-made', { ...file, requestId });
  return olderFile('somebody else may approve it within seven days: --approved-by NAME.');
}

async function record(
  tx: Transaction,
  type: 'legacy.request-made' | 'legacy.request-approved' | 'legacy.request-refused',
  { source, actor, approvedBy, requestId, now }: OlderFile & { readonly requestId: string },
): Promise<void> {
  await appendAudit(tx, {
    chain: `source:${source}`,
    type,
    actor: type === 'legacy.request-made' ? actor : (approvedBy ?? actor),
    detail: { kind: 'older-file', requestId },
    at: now,
  });
}
