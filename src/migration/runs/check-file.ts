import { LatchkeyError } from '../../platform/failure/latchkey-error.ts';
import { columnReading } from '../sources/column-reading.ts';
import type { Problem } from '../sources/definition.ts';
import { findSource } from '../sources/source-store.ts';
import type { ImportDependencies } from './import-file.ts';
import { importMeter } from './import-meter.ts';
import type { ImportRequest } from './import-outcome.ts';
import { createMendFile } from './mend-file.ts';
import { judgeProvenance } from './provenance/judge-provenance.ts';
import { openRows } from './reading/open-rows.ts';
import { createRejectsFile } from './rejects-file.ts';
import type { NoteCode, RejectCode } from './row-codes.ts';
import { type SortedBatch, createRowSorter } from './sort-rows.ts';
import { createTally } from './tally.ts';

/** How many rows have a code, and where the first of them stand. */
export interface Found {
  readonly rows: number;
  readonly lines: readonly number[];
}

export type CheckOutcome =
  | {
      readonly outcome: 'checked';
      readonly read: number;
      readonly good: number;
      readonly rejected: number;
      /** By code. A row may have several: they do not sum to `rejected`. */
      readonly problems: Readonly<Partial<Record<RejectCode, Found>>>;
      readonly notes: Readonly<Partial<Record<NoteCode, Found>>>;
      readonly rejectsPath: string | undefined;
      readonly mendPath: string | undefined;
      readonly seconds: number;
    }
  | { readonly outcome: 'refused'; readonly problems: readonly Problem[] };

/** Reads every row and finds every problem of it. Writes nothing to the database: what other rows there hold is not asked. */
export async function checkFile(dependencies: ImportDependencies, request: ImportRequest): Promise<CheckOutcome> {
  const { db, now, sourceSecrets = {} } = dependencies;
  const source = await findSource(db, request.source);
  if (!source) throw new LatchkeyError('not_found', `There is no source "${request.source}".`);
  const { definition } = source;
  const read = columnReading(definition, sourceSecrets);
  if ('problems' in read) return { outcome: 'refused', problems: read.problems };
  const judging = { db, definition, fileName: request.fileName, actor: request.actor, isTrial: true, now: now() };
  const known = await judgeProvenance(judging, request.provenance);
  if ('problems' in known) return { outcome: 'refused', problems: known.problems };

  const started = performance.now();
  const tally = createTally();
  const meter = importMeter(request, tally);
  const rows = openRows(request.stream, definition.file, meter.bytes);
  const sorter = createRowSorter({ now, definition, reading: read.reading, tally });
  const rejectsFile = createRejectsFile(request.rejectsPath, createMendFile(request.mendPath, rows.writing));
  const findings = createFindings();
  const take = async (batch: SortedBatch): Promise<void> => {
    findings.take(batch);
    await rejectsFile.write(batch.rejects);
  };
  try {
    for await (const block of rows.blocks) {
      for (const batch of sorter.takeAll(block)) await take(batch);
      meter.report();
    }
    await take(sorter.batch());
    meter.report(true);
    const refusal = rows.refusal();
    const paths = await rejectsFile.close();
    if (refusal) return { outcome: 'refused', problems: refusal };
    const { read: all, rejected } = tally.counts;
    const seconds = (performance.now() - started) / 1000;
    return { outcome: 'checked', read: all, good: all - rejected, rejected, ...findings.all(), ...paths, seconds };
  } finally {
    sorter.close();
    await rejectsFile.close();
  }
}

const FIRST_LINES = 5;

function createFindings() {
  const problems: Partial<Record<RejectCode, Found>> = {};
  const notes: Partial<Record<NoteCode, Found>> = {};
  return {
    take({ rows, rejects }: SortedBatch): void {
      for (const { line, codes } of rejects) for (const code of codes) problems[code] = oneMore(problems[code], line);
      for (const { line, row } of rows) for (const note of row.notes) notes[note] = oneMore(notes[note], line);
    },
    all: () => ({ problems, notes }),
  };
}

const oneMore = ({ rows, lines }: Found = { rows: 0, lines: [] }, line: number): Found => ({
  rows: rows + 1,
  lines: lines.length < FIRST_LINES ? [...lines, line] : lines,
});
