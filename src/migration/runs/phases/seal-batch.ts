import { createCopyWriter, uuidBytes } from '../../../platform/postgres/copy-binary.ts';
import type { Queryable, Transaction } from '../../../platform/postgres/database.ts';
import { bucketOf } from '../../ledger/legacy-keys.ts';
import { createRowSealer } from '../../ledger/seal-legacy-row.ts';
import { createRowKeys, type KeyedRow } from '../plan-batch.ts';
import type { Reject } from '../rejects-file.ts';
import type { SortedBatch } from '../sort-rows.ts';
import { type BatchPlace, createKeysWriter } from './batch-keys.ts';
import type { MatchCode } from './decide-row.ts';
import { groupOutcomes, type OutcomeGroup, type OutcomeOfRow, rangesOf } from './outcome-groups.ts';
import type { PartOfRun } from './part-of-run.ts';
import type { WorkDependencies } from './work-deps.ts';

/** A batch as it is put beside the ledger. */
export interface SealedBatch {
  readonly place: BatchPlace;
  readonly rows: number;
  /** Whose hash is a bare weak digest still: sealed here, and never in the ledger. */
  readonly weak: number;
  readonly keys: Buffer;
  /** Of all rows, where the ledger knows none of them. */
  readonly expected: readonly OutcomeGroup[];
  readonly copy: Buffer;
}

export type SealBatch = (sorted: SortedBatch, batch: number) => Promise<SealedBatch>;

const COLUMNS = 15;

/** Keys and seals the rows of a part for the ledger. `sharedEmails`: hex, of addresses that several of its rows have. */
export function createBatchSealer(
  deps: WorkDependencies,
  part: PartOfRun,
  sharedEmails: ReadonlySet<string>,
): SealBatch {
  const keysOf = createRowKeys(deps.keyRing, part.definition);
  const run = uuidBytes(part.runId);
  const copy = createCopyWriter();
  return async ({ rows: sorted, rejects }, batch) => {
    const keyed = sorted.map(keysOf);
    const rows = part.cohort >= 10_000 ? keyed : keyed.filter(({ legacyKey }) => bucketOf(legacyKey) < part.cohort);
    const doubts = await doubtsOf(deps, rows, sharedEmails);
    const seal = createRowSealer(deps.keyRing, rows.length);
    const keys = createKeysWriter(rows.length);
    let weak = 0;
    for (const [at, { line, legacyKey, loginKey, digest, personal, row }] of rows.entries()) {
      const { hash } = row;
      const sealed = seal(legacyKey, { personal, verifier: hash?.encoded });
      if (hash?.weak) weak += 1;
      keys.add(line, legacyKey, loginKey);
      copy
        .row(COLUMNS)
        .bytes(run)
        .int2(part.part)
        .int4(batch)
        .int8(line)
        .bytes(legacyKey)
        .bytes(loginKey)
        .bytes(digest);
      copy.text(row.status).bytes(sealed.dataKey).bytes(sealed.personalSealed).bytes(sealed.verifierSealed);
      copy
        .text(hash?.scheme)
        .int4(hash?.cost ?? null)
        .bool(hash?.weak === true)
        .text(doubts[at]);
    }
    const place = { runId: part.runId, part: part.part, batch };
    const expected = [
      ...groupOutcomes([...rejects.map(rejected), ...outside(keyed, rows)]),
      ...expectedOf(
        rows.map(({ line }) => line),
        doubts,
      ),
    ];
    return { place, rows: rows.length, weak, keys: keys.all(), expected, copy: copy.end() };
  };
}

const rejected = ({ line, codes: [code] }: Reject): OutcomeOfRow => ({
  line,
  outcome: 'rejected',
  code,
  effect: 'none',
});

/** Where the ledger knows none of the rows, all of them go in. */
function expectedOf(lines: readonly number[], doubts: readonly (MatchCode | undefined)[]): readonly OutcomeGroup[] {
  if (lines.length === 0) return [];
  if (doubts.length === 0) return [{ outcome: 'new', effect: 'insert', lines: rangesOf(lines) }];
  return groupOutcomes(
    lines.map((line, at) => {
      const code = doubts[at];
      return { line, outcome: code === undefined ? 'new' : 'needs-proof', code, effect: 'insert' };
    }),
  );
}

function outside(all: readonly KeyedRow[], taken: readonly KeyedRow[]): OutcomeOfRow[] {
  if (all.length === taken.length) return [];
  const inside = new Set(taken);
  return all.filter((row) => !inside.has(row)).map(({ line }) => ({ line, outcome: 'outside', effect: 'none' }));
}

/** E-mail equality is never a proof; it says where somebody should look before they link (E1, E9). */
async function doubtsOf(
  { db, accounts }: WorkDependencies,
  rows: readonly KeyedRow[],
  sharedEmails: ReadonlySet<string>,
): Promise<readonly (MatchCode | undefined)[]> {
  const keys = rows.map(({ row }) =>
    row.personal.email === undefined ? undefined : accounts.emailKeyOf(row.personal.email),
  );
  const held = await accounts.heldEmails(
    db,
    keys.flatMap((key) => key ?? []),
  );
  if (held.size === 0 && sharedEmails.size === 0) return [];
  return keys.map((key) => {
    const hex = key?.toString('hex');
    if (hex === undefined) return undefined;
    return held.has(hex) ? 'email_on_account' : sharedEmails.has(hex) ? 'email_shared' : undefined;
  });
}

/** Puts a batch beside the ledger. False: it is there already. */
export async function putBatch(tx: Transaction, batch: SealedBatch): Promise<boolean> {
  const { runId, part, batch: number } = batch.place;
  const put = await tx.query({
    name: 'run-put-batch',
    text: `INSERT INTO run_batches (run_id, part, batch, rows, weak, keys, expected) VALUES ($1, $2, $3, $4, $5, $6, $7::jsonb)
           ON CONFLICT (run_id, part, batch) DO NOTHING RETURNING 1`,
    values: [runId, part, number, batch.rows, batch.weak, batch.keys, JSON.stringify(batch.expected)],
  });
  if (put.length === 0) return false;
  if (batch.rows > 0)
    await tx.copyIn(
      `COPY run_staged (run_id, part, batch, line, legacy_key, login_key, row_digest, source_status, data_key,
                        personal_sealed, verifier_sealed, scheme, cost, weak, doubt) FROM STDIN (FORMAT binary)`,
      batch.copy,
    );
  return true;
}

/** What a row is matched by. */
export interface StagedKeys {
  readonly line: number;
  readonly legacyKey: Buffer;
  readonly loginKey: Buffer;
  readonly digest: Buffer;
  readonly doubt: MatchCode | undefined;
}

interface KeysRow extends Record<string, unknown> {
  line: number;
  legacy_key: Buffer;
  login_key: Buffer;
  row_digest: Buffer;
  doubt: MatchCode | null;
}

export async function readStagedKeys(queryable: Queryable, { runId, part, batch }: BatchPlace): Promise<StagedKeys[]> {
  const rows = await queryable.query<KeysRow>({
    name: 'run-staged-keys',
    text: `SELECT line, legacy_key, login_key, row_digest, doubt FROM run_staged
           WHERE run_id = $1 AND part = $2 AND batch = $3 ORDER BY line`,
    values: [runId, part, batch],
  });
  return rows.map((row) => ({
    line: row.line,
    legacyKey: row.legacy_key,
    loginKey: row.login_key,
    digest: row.row_digest,
    doubt: row.doubt ?? undefined,
  }));
}
