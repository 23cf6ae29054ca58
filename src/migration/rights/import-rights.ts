import type { KeyRing } from '../../platform/crypto/key-ring.ts';
import type { Database } from '../../platform/postgres/database.ts';
import { LatchkeyError } from '../../platform/failure/latchkey-error.ts';
import { appendAudit } from '../../audit/index.ts';
import { openRows } from '../runs/reading/open-rows.ts';
import { peek } from '../runs/reading/peek.ts';
import type { ReadRow } from '../runs/reading/row-reader.ts';
import { splitCsv } from '../runs/reading/split-csv.ts';
import type { Problem, SourceDefinition } from '../sources/definition.ts';
import { findSource } from '../sources/source-store.ts';
import { createRightJudge, type JudgedRight, type RightReject } from './judge-right.ts';
import { writeRights } from './right-rows.ts';
import type { RightRow } from './right-words.ts';

export interface RightsImport {
  readonly source: string;
  readonly stream: AsyncIterable<Uint8Array>;
  /** For the audit: `operator:<name>`. */
  readonly actor: string;
}

export type RightsImported =
  | {
      readonly outcome: 'imported';
      readonly read: number;
      readonly created: number;
      readonly changed: number;
      readonly unchanged: number;
      /** By line, never with what stands there. */
      readonly rejected: readonly { readonly line: number; readonly code: RightReject }[];
    }
  | { readonly outcome: 'refused'; readonly problems: readonly Problem[] };

interface Deps {
  readonly db: Database;
  readonly keyRing: KeyRing;
  readonly now: () => Date;
}

const BATCH = 500;
const HEAD_BYTES = 4096;
const NEEDED = ['client', 'right'] as const;
const OPTIONAL = ['from', 'until', 'kind', 'grantedBy'] as const;

/**
 * Reads who may act for whom: CSV with a header or NDJSON, `agent`, `client` and `right`, and where known `from`, `until`,
 * `kind` and `grantedBy`. The same file twice changes nothing; a right ends by a corrected `until`. It makes no account,
 * links nothing and proves nothing of either side. @throws LatchkeyError `not_found`
 */
export async function importRights(deps: Deps, request: RightsImport): Promise<RightsImported> {
  const source = await findSource(deps.db, request.source);
  if (!source) throw new LatchkeyError('not_found', `There is no source "${request.source}".`);
  if (source.definition.holder !== 'agent') return refused('holder', 'holder_not_agent', NOT_AGENTS);
  const { head, stream } = await peek(request.stream, HEAD_BYTES);
  const rows = openRows(stream, layoutOf(head));
  const judge = createRightJudge(deps, source);
  const counts = { read: 0, created: 0, changed: 0, unchanged: 0 };
  const rejected: { line: number; code: RightReject }[] = [];
  let waiting: { line: number; row: RightRow }[] = [];

  const write = async (): Promise<void> => {
    const batch = waiting;
    waiting = [];
    const unknown = await judge.unknownAgents(batch.map(({ row }) => row));
    const known = batch.filter(({ row }) => !unknown.has(row.legacyKey.toString('hex')));
    for (const { line, row } of batch)
      if (unknown.has(row.legacyKey.toString('hex'))) rejected.push({ line, code: 'agent_unknown' });
    const at = deps.now();
    const written = await deps.db.transaction((tx) =>
      writeRights(
        tx,
        known.map(({ row }) => row),
        { saidBy: 'file', at },
      ),
    );
    counts.created += written.created;
    counts.changed += written.changed;
    counts.unchanged += written.unchanged;
  };
  const take = (read: ReadRow): void => {
    counts.read += 1;
    const judged: JudgedRight = 'reject' in read ? { code: 'unreadable' } : judge.judge(read.fields);
    if ('code' in judged) rejected.push({ line: read.line, code: judged.code });
    else waiting.push({ line: read.line, row: judged.row });
  };

  for await (const block of rows.blocks) {
    for (const read of block) {
      take(read);
      if (waiting.length === BATCH) await write();
    }
  }
  const problems = rows.refusal();
  if (problems) return { outcome: 'refused', problems };
  await write();
  await record(deps, request, { ...counts, rejected: rejected.length });
  return { outcome: 'imported', ...counts, rejected: rejected.toSorted((a, b) => a.line - b.line) };
}

async function record(
  { db, now }: Deps,
  { source, actor }: RightsImport,
  counts: Record<string, number>,
): Promise<void> {
  if ((counts['created'] ?? 0) + (counts['changed'] ?? 0) === 0) return;
  await db.transaction((tx) =>
    appendAudit(tx, { chain: `source:${source}`, type: 'legacy.rights-noted', actor, detail: counts, at: now() }),
  );
}

const NOT_AGENTS = 'Only agents have rights over others. Say "holder": "agent" in the definition of the source.';

const refused = (field: string, code: string, message: string): RightsImported => ({
  outcome: 'refused',
  problems: [{ field, code, message }],
});

/** A CSV file may leave out what it does not know; its header says so. */
function layoutOf(head: Buffer): SourceDefinition['file'] {
  const [first = ''] = head
    .toString('utf8')
    .replace(/^\ufeff/, '')
    .split(/\r?\n/);
  const isJson = first.trimStart().startsWith('{');
  const header = isJson ? [...OPTIONAL] : splitCsv(first, ',');
  const names = typeof header === 'string' ? [] : header.map((name) => name.trim());
  const extras = [...NEEDED, ...OPTIONAL.filter((name) => names.includes(name))];
  return {
    format: isJson ? 'ndjson' : 'csv',
    columns: { id: 'agent' },
    extras: Object.fromEntries(extras.map((name) => [name, name])),
  };
}
