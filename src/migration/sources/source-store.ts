import { appendAudit } from '../../audit/index.ts';
import type { Database, Queryable, Transaction } from '../../platform/postgres/database.ts';
import { LatchkeyError } from '../../platform/failure/latchkey-error.ts';
import { checkDefinition } from './check-definition.ts';
import type { Problem, Source, SourceDefinition } from './definition.ts';

export type AddSourceOutcome =
  | { readonly outcome: 'added' | 'updated' | 'unchanged'; readonly source: Source }
  | { readonly outcome: 'invalid'; readonly problems: readonly Problem[] };

export interface SourceMeta {
  readonly actor: string;
  readonly correlationId?: string;
}

export interface Sources {
  /** Puts a definition on record, or a new version of it. Judges all of it before it writes any of it. */
  add(definition: unknown, meta: SourceMeta): Promise<AddSourceOutcome>;
  list(): Promise<readonly Source[]>;
  find(source: string): Promise<Source | undefined>;
  /** From the next transaction on, nobody can prove or adopt an account of this source. @throws `not_found` */
  suspend(source: string, meta: SourceMeta): Promise<Source>;
  /** @throws `not_found` */
  open(source: string, meta: SourceMeta): Promise<Source>;
}

interface SourceRow extends Record<string, unknown> {
  source: string;
  definition: SourceDefinition;
  version: number;
  status: Source['status'];
  created_at: Date;
  updated_at: Date;
}

const toSource = (row: SourceRow): Source => ({
  source: row.source,
  status: row.status,
  version: row.version,
  definition: row.definition,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});

/** Reads one source; inside a transaction it sees a suspension that was committed before the statement. */
export async function findSource(queryable: Queryable, source: string): Promise<Source | undefined> {
  const rows = await queryable.query<SourceRow>({
    name: 'source-find',
    text: 'SELECT * FROM sources WHERE source = $1',
    values: [source],
  });
  return rows[0] && toSource(rows[0]);
}

export function createSources({ db, now }: { db: Database; now: () => Date }): Sources {
  return {
    add: (input, meta) => addSource({ db, now }, input, meta),
    async list() {
      const rows = await db.query<SourceRow>({ text: 'SELECT * FROM sources ORDER BY source' });
      return rows.map(toSource);
    },
    find: (source) => findSource(db, source),
    suspend: (source, meta) => setStatus({ db, now }, source, { status: 'suspended', meta }),
    open: (source, meta) => setStatus({ db, now }, source, { status: 'open', meta }),
  };
}

async function addSource(
  { db, now }: { db: Database; now: () => Date },
  input: unknown,
  meta: SourceMeta,
): Promise<AddSourceOutcome> {
  const checked = checkDefinition(input);
  if (checked.outcome === 'invalid') return checked;
  const { definition } = checked;
  return db.transaction(async (tx) => {
    const at = now();
    const problem = await judgePolicyVersion(tx, definition);
    if (problem) return { outcome: 'invalid', problems: [problem] };
    const written = await tx.query<SourceRow>({
      text: `INSERT INTO sources AS s (source, definition, version, status, created_at, updated_at)
             VALUES ($1, $2::jsonb, 1, 'open', $3, $3)
             ON CONFLICT (source) DO UPDATE SET definition = $2::jsonb, version = s.version + 1, updated_at = $3
               WHERE s.definition IS DISTINCT FROM $2::jsonb
             RETURNING s.*`,
      values: [definition.source, JSON.stringify(definition), at],
    });
    const row = written[0];
    if (!row) {
      const existing = await findSource(tx, definition.source);
      if (!existing) throw new LatchkeyError('conflict', 'The source changed meanwhile. Run the command again.');
      return { outcome: 'unchanged', source: existing };
    }
    await recordPolicy(tx, definition, at);
    const outcome = row.version === 1 ? 'added' : 'updated';
    await appendAudit(tx, {
      chain: `source:${row.source}`,
      type: outcome === 'added' ? 'source.added' : 'source.changed',
      actor: meta.actor,
      correlationId: meta.correlationId,
      detail: { version: row.version },
    });
    return { outcome, source: toSource(row) };
  });
}

/** A link names the version it was made under: what a version says never changes. */
async function judgePolicyVersion(tx: Transaction, { source, policy }: SourceDefinition): Promise<Problem | undefined> {
  const [latest] = await tx.query<{ version: number; same: boolean }>({
    text: `SELECT version, policy = $2::jsonb AS same FROM source_policies WHERE source = $1
           ORDER BY version DESC LIMIT 1`,
    values: [source, JSON.stringify(policy)],
  });
  if (!latest || latest.version < policy.version || (latest.same && latest.version === policy.version))
    return undefined;
  return {
    field: 'policy.version',
    code: 'version_not_raised',
    message: `The policy differs from version ${latest.version}: give it a higher version.`,
  };
}

async function recordPolicy(tx: Transaction, { source, policy }: SourceDefinition, at: Date): Promise<void> {
  await tx.query({
    text: `INSERT INTO source_policies (source, version, policy, recorded_at) VALUES ($1, $2, $3::jsonb, $4)
           ON CONFLICT (source, version) DO NOTHING`,
    values: [source, policy.version, JSON.stringify(policy), at],
  });
}

async function setStatus(
  { db, now }: { db: Database; now: () => Date },
  source: string,
  { status, meta }: { status: Source['status']; meta: SourceMeta },
): Promise<Source> {
  return db.transaction(async (tx) => {
    const rows = await tx.query<SourceRow>({
      text: 'UPDATE sources SET status = $2, updated_at = $3 WHERE source = $1 AND status <> $2 RETURNING *',
      values: [source, status, now()],
    });
    const row = rows[0];
    if (row) {
      const type = status === 'open' ? 'source.opened' : 'source.suspended';
      await appendAudit(tx, { chain: `source:${source}`, type, actor: meta.actor, correlationId: meta.correlationId });
      return toSource(row);
    }
    const existing = await findSource(tx, source);
    if (existing) return existing;
    throw new LatchkeyError('not_found', `There is no source "${source}". \`latchkey sources list\` shows them all.`);
  });
}
