import { createHash } from 'node:crypto';
import { createLegacyVerifiers } from '../../accounts/index.ts';
import type { KeyRing } from '../../platform/crypto/key-ring.ts';
import type { PasswordWork } from '../../platform/crypto/password-work.ts';
import { uuidv7 } from '../../platform/crypto/uuid.ts';
import { LatchkeyError } from '../../platform/failure/latchkey-error.ts';
import type { Database } from '../../platform/postgres/database.ts';
import { type ColumnReading, type SourceSecrets, columnReading } from '../sources/column-reading.ts';
import { findSource } from '../sources/source-store.ts';
import type { Problem, SourceDefinition } from '../sources/definition.ts';
import { createBatchWriter } from './batch-writer.ts';
import { importMeter } from './import-meter.ts';
import type { ImportOutcome, ImportRequest } from './import-outcome.ts';
import { finishImport, startImport } from './import-record.ts';
import { createRowJudge } from './judge-row.ts';
import { createKeySet } from './key-set.ts';
import { passGate } from './known-pairs.ts';
import { type KeyedRow, createRowKeys } from './plan-batch.ts';
import { readLines } from './read-lines.ts';
import { type ReadRow, createRowReader } from './read-rows.ts';
import { type Reject, createRejectsFile } from './rejects-file.ts';
import { type Tally, createTally, tallyGood, tallyReject } from './tally.ts';

export interface ImportDependencies {
  readonly db: Database;
  readonly keyRing: KeyRing;
  /** Weak hashes are wrapped by it. */
  readonly passwordWork: PasswordWork;
  /** By the names that definitions give. */
  readonly sourceSecrets?: SourceSecrets | undefined;
  readonly now: () => Date;
}

const BATCH_ROWS = 1000;

/** Streams an export into the ledger. Memory does not grow with the file but for 16 bytes a row (duplicates). */
export async function importFile(dependencies: ImportDependencies, request: ImportRequest): Promise<ImportOutcome> {
  const source = await findSource(dependencies.db, request.source);
  if (!source) throw new LatchkeyError('not_found', `There is no source "${request.source}".`);
  const { definition } = source;
  const read = await beforeFirstRow(dependencies, request, definition);
  if ('problems' in read) return { outcome: 'refused', problems: read.problems };
  const importId = uuidv7(dependencies.now().getTime());
  const tally = createTally();
  const started = performance.now();
  if (!request.rehearse) await startImport(dependencies, importId, request);

  const digest = createHash('sha256');
  const rejectsFile = createRejectsFile(request.rejectsPath);
  try {
    const run = { dependencies, request, definition, reading: read.reading, importId, tally, rejectsFile, digest };
    const problems = await runImport(run);
    const rejectsPath = await rejectsFile.close();
    if (!request.rehearse)
      await finishImport(dependencies, importId, { request, tally, digest: digest.digest(), refused: !!problems });
    if (problems) return { outcome: 'refused', problems };
    return {
      outcome: request.rehearse ? 'rehearsed' : 'imported',
      importId,
      ...tally.counts,
      rejections: tally.rejections,
      notes: tally.notes,
      rejectsPath,
      seconds: (performance.now() - started) / 1000,
    };
  } finally {
    await rejectsFile.close();
  }
}

/** What must hold before anything is written: secrets that are there, pairs that verify. */
async function beforeFirstRow(
  { passwordWork, sourceSecrets = {} }: ImportDependencies,
  { knownPairs }: ImportRequest,
  definition: SourceDefinition,
): Promise<{ readonly reading: ColumnReading } | { readonly problems: readonly Problem[] }> {
  const read = columnReading(definition, sourceSecrets);
  if ('problems' in read) return read;
  const gate = { definition, reading: read.reading, verifiers: createLegacyVerifiers(passwordWork) };
  const problems = await passGate(gate, knownPairs);
  return problems ? { problems } : read;
}

export interface ImportRun {
  readonly dependencies: ImportDependencies;
  readonly request: ImportRequest;
  readonly definition: SourceDefinition;
  readonly reading: ColumnReading;
  readonly importId: string;
  readonly tally: Tally;
  readonly rejectsFile: ReturnType<typeof createRejectsFile>;
  readonly digest: ReturnType<typeof createHash>;
}

async function runImport(run: ImportRun) {
  const { request, definition, tally } = run;
  const reader = createRowReader(definition.file);
  const sorter = createRowSorter(run);
  const writer = createBatchWriter(run);
  const meter = importMeter(request, tally);
  const stream = hashed(request.stream, run.digest);

  for await (const lines of readLines(stream, meter.bytes)) {
    for (const line of lines) {
      for (const row of reader.read(line)) sorter.take(row);
      if (sorter.waiting() >= BATCH_ROWS) await writer.write(sorter.batch());
    }
    if (reader.refusal()) break;
    meter.report();
  }
  for (const row of reader.end()) sorter.take(row);
  const problems = reader.refusal();
  if (!problems) await writer.write(sorter.batch());
  await writer.finish();
  meter.report(true);
  return problems;
}

async function* hashed(stream: AsyncIterable<Uint8Array>, digest: ReturnType<typeof createHash>) {
  for await (const chunk of stream) {
    digest.update(chunk);
    yield chunk;
  }
}

export interface SortedBatch {
  readonly rows: readonly KeyedRow[];
  readonly rejects: readonly Reject[];
}

/** Judges rows as they come and keeps the good and the bad of one batch apart. */
function createRowSorter({ dependencies, definition, reading, tally }: ImportRun) {
  const judge = createRowJudge(definition, reading);
  const keysOf = createRowKeys(dependencies.keyRing, definition);
  const ids = createKeySet();
  const logins = createKeySet();
  let rows: KeyedRow[] = [];
  let rejects: Reject[] = [];

  const reject = (one: Reject): void => {
    tallyReject(tally, one.code);
    rejects.push(one);
  };

  return {
    take(read: ReadRow): void {
      tally.counts.read += 1;
      if ('reject' in read) return reject({ line: read.line, code: read.reject });
      const { line, fields } = read;
      const judged = judge(fields);
      if ('reject' in judged) return reject({ line, code: judged.reject, id: fields.id });
      const keyed = keysOf(line, judged);
      if (ids.has(keyed.legacyKey)) return reject({ line, code: 'duplicate_id', id: fields.id });
      if (logins.has(keyed.loginKey)) return reject({ line, code: 'duplicate_login', id: fields.id });
      ids.add(keyed.legacyKey);
      logins.add(keyed.loginKey);
      tallyGood(tally, judged);
      rows.push(keyed);
      return undefined;
    },
    /** Rejects count too: a file of nothing but bad rows must not pile up either. */
    waiting: () => rows.length + rejects.length,
    batch(): SortedBatch {
      const batch = { rows, rejects };
      rows = [];
      rejects = [];
      return batch;
    },
  };
}
