import type { ColumnReading } from '../sources/column-reading.ts';
import type { SourceDefinition } from '../sources/definition.ts';
import { createRowJudge } from './judge-row.ts';
import type { SortedRow } from './plan-batch.ts';
import type { ReadRow } from './reading/row-reader.ts';
import type { Reject } from './rejects-file.ts';
import { createSeenTexts } from './seen-texts.ts';
import { type Tally, tallyGood, tallyReject } from './tally.ts';

export interface SortedBatch {
  readonly rows: readonly SortedRow[];
  readonly rejects: readonly Reject[];
}

export interface Sorting {
  /** Dates of rows are judged as of it. */
  readonly now: () => Date;
  readonly definition: SourceDefinition;
  readonly reading: ColumnReading;
  readonly tally: Tally;
}

export interface RowSorter {
  /** The batches that become full on the way; what comes after the last of them waits. */
  takeAll(block: readonly ReadRow[]): Generator<SortedBatch>;
  batch(): SortedBatch;
  close(): void;
}

const BATCH_ROWS = 1000;
/** As they came. Rows of a few hundred bytes never reach it. */
const BATCH_CHARACTERS = 4_000_000;

/** Judges rows as they come and keeps the good and the bad of one batch apart. */
export function createRowSorter({ now, definition, reading, tally }: Sorting): RowSorter {
  const judge = createRowJudge(definition, reading, now());
  const ids = createSeenTexts();
  const logins = createSeenTexts();
  let rows: SortedRow[] = [];
  let rejects: Reject[] = [];
  let characters = 0;

  const reject = (one: Reject): void => {
    tallyReject(tally, one.codes);
    rejects.push(one);
  };

  const take = (read: ReadRow): void => {
    tally.counts.read += 1;
    characters += read.raw?.length ?? 0;
    const { line, raw } = read;
    if ('reject' in read) return reject({ line, raw, codes: [read.reject] });
    const { id } = read.fields;
    const judged = judge(read.fields);
    if ('rejects' in judged) {
      const again = id !== undefined && ids.has(id) ? (['duplicate_id'] as const) : [];
      return reject({ line, raw, codes: [...judged.rejects, ...again], id });
    }
    const { personal } = judged;
    if (ids.has(personal.id)) return reject({ line, raw, codes: ['duplicate_id'], id });
    if (logins.has(personal.login)) return reject({ line, raw, codes: ['duplicate_login'], id });
    ids.add(personal.id);
    logins.add(personal.login);
    tallyGood(tally, judged);
    rows.push({ line, raw: read.raw, row: judged });
    return undefined;
  };

  // Rejects count too: a file of nothing but bad rows must not pile up either.
  const isFull = (): boolean => rows.length + rejects.length >= BATCH_ROWS || characters >= BATCH_CHARACTERS;

  const takeBatch = (): SortedBatch => {
    const batch = { rows, rejects };
    rows = [];
    rejects = [];
    characters = 0;
    return batch;
  };

  return {
    *takeAll(block) {
      for (const row of block) {
        take(row);
        if (isFull()) yield takeBatch();
      }
    },
    batch: takeBatch,
    close() {
      ids.close();
      logins.close();
    },
  };
}
