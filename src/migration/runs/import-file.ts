import { createHash } from 'node:crypto';
import { createLegacyVerifiers } from '../../accounts/index.ts';
import type { KeyRing } from '../../platform/crypto/key-ring.ts';
import type { PasswordWork } from '../../platform/crypto/password-work.ts';
import { uuidv7 } from '../../platform/crypto/uuid.ts';
import { LatchkeyError } from '../../platform/failure/latchkey-error.ts';
import type { Database } from '../../platform/postgres/database.ts';
import { type ColumnReading, type SourceSecrets, columnReading } from '../sources/column-reading.ts';
import { findSource } from '../sources/source-store.ts';
import { readSides } from '../cutover/side-rows.ts';
import type { Problem, Source, SourceDefinition } from '../sources/definition.ts';
import { finalised } from './desk/plan-run.ts';
import { createBatchWriter } from './batch-writer.ts';
import { type ImportMeter, importMeter } from './import-meter.ts';
import type { ImportOutcome, ImportRequest } from './import-outcome.ts';
import { finishImport, startImport } from './import-record.ts';
import { passGate } from './known-pairs.ts';
import { createMendFile } from './mend-file.ts';
import { type KnownFile, judgeProvenance } from './provenance/judge-provenance.ts';
import { type OpenRows, openRows } from './reading/open-rows.ts';
import { createRejectsFile } from './rejects-file.ts';
import { createRowSorter } from './sort-rows.ts';
import { type Tally, createTally } from './tally.ts';
import { HeldByRunError, holderOf } from './write-batch.ts';

export interface ImportDependencies {
  readonly db: Database;
  readonly keyRing: KeyRing;
  /** Weak hashes are wrapped by it. */
  readonly passwordWork: PasswordWork;
  /** By the names that definitions give. */
  readonly sourceSecrets?: SourceSecrets | undefined;
  readonly now: () => Date;
}

/** Streams an export into the ledger. Memory does not grow with the file. */
export async function importFile(dependencies: ImportDependencies, request: ImportRequest): Promise<ImportOutcome> {
  const source = await findSource(dependencies.db, request.source);
  if (!source) throw new LatchkeyError('not_found', `There is no source "${request.source}".`);
  const { definition } = source;
  const read = await beforeFirstRow(dependencies, request, source);
  if ('problems' in read) return { outcome: 'refused', problems: read.problems };
  const importId = uuidv7(dependencies.now().getTime());
  const tally = createTally();
  const started = performance.now();
  if (!request.rehearse) await startImport(dependencies, importId, { request, known: read.known });

  const hash = createHash('sha256');
  const meter = importMeter(request, tally);
  const rows = openRows(hashed(request.stream, hash), definition.file, meter.bytes);
  const rejectsFile = createRejectsFile(request.rejectsPath, createMendFile(request.mendPath, rows.writing));
  try {
    const run = { dependencies, request, definition, reading: read.reading, importId, tally, rejectsFile };
    const refusal = await runImport(run, rows, meter);
    const digest = hash.digest();
    const problems = refusal ?? whenChanged(read.known, digest);
    const written = await rejectsFile.close();
    if (!request.rehearse) await finishImport(dependencies, importId, { request, tally, digest, refused: !!problems });
    if (problems) return { outcome: 'refused', problems };
    return {
      outcome: request.rehearse ? 'rehearsed' : 'imported',
      importId,
      ...tally.counts,
      rejections: tally.rejections,
      notes: tally.notes,
      ...written,
      seconds: (performance.now() - started) / 1000,
    };
  } finally {
    await rejectsFile.close();
  }
}

interface BeforeFirstRow {
  readonly reading: ColumnReading;
  readonly known: KnownFile;
}

/** What must hold before anything is written: secrets that are there, a file that is what it is said to be, good pairs. */
async function beforeFirstRow(
  { db, passwordWork, sourceSecrets = {}, now }: ImportDependencies,
  { fileName, actor, rehearse = false, knownPairs, provenance }: ImportRequest,
  source: Source,
): Promise<BeforeFirstRow | { readonly problems: readonly Problem[] }> {
  const { definition } = source;
  const read = columnReading(definition, sourceSecrets);
  if ('problems' in read) return read;
  if ((await readSides(db, source)).finalisedAt) return { problems: [finalised] };
  const runId = rehearse ? undefined : await holderOf(db, definition.source);
  if (runId !== undefined) return { problems: [heldByRun(runId)] };
  const judging = { db, definition, fileName, actor, isTrial: rehearse, now: now() };
  const known = await judgeProvenance(judging, provenance);
  if ('problems' in known) return known;
  const gate = { definition, reading: read.reading, verifiers: createLegacyVerifiers(passwordWork) };
  const problems = await passGate(gate, knownPairs);
  return problems ? { problems } : { ...read, known };
}

const heldByRun = (runId: string, remark = ''): Problem => ({
  field: 'source',
  code: 'source_busy',
  message: `The run ${runId} is at work on this source. Import when it has ended, or stop it.${remark}`,
});

/** Somebody wrote to the file after it was judged. What was read until then is in: the import of the right one mends it. */
function whenChanged({ digest }: KnownFile, read: Buffer): readonly Problem[] | undefined {
  if (!digest || digest.equals(read)) return undefined;
  return [{ field: 'file', code: 'file_changed', message: 'The file changed while it was read. Rows of it are in.' }];
}

export interface ImportRun {
  readonly dependencies: ImportDependencies;
  readonly request: ImportRequest;
  readonly definition: SourceDefinition;
  readonly reading: ColumnReading;
  readonly importId: string;
  readonly tally: Tally;
  readonly rejectsFile: ReturnType<typeof createRejectsFile>;
}

async function runImport(run: ImportRun, rows: OpenRows, meter: ImportMeter): Promise<readonly Problem[] | undefined> {
  const sorter = createRowSorter({ ...run, now: run.dependencies.now });
  const writer = createBatchWriter(run);
  try {
    for await (const block of rows.blocks) {
      for (const batch of sorter.takeAll(block)) await writer.write(batch);
      meter.report();
    }
    const problems = rows.refusal();
    if (!problems) await writer.write(sorter.batch());
    await writer.finish();
    meter.report(true);
    return problems;
  } catch (error) {
    if (!(error instanceof HeldByRunError)) throw error;
    return [heldByRun(error.runId, ' Rows of the file that came before it are in.')];
  } finally {
    sorter.close();
  }
}

async function* hashed(stream: AsyncIterable<Uint8Array>, hash: ReturnType<typeof createHash>) {
  for await (const chunk of stream) {
    hash.update(chunk);
    yield chunk;
  }
}
