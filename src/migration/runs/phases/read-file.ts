import type { Problem } from '../../sources/definition.ts';
import { columnReading, type ColumnReading } from '../../sources/column-reading.ts';
import { type OpenRows, openRows, type Writing } from '../reading/open-rows.ts';
import { createRowSorter, type SortedBatch } from '../sort-rows.ts';
import { createTally, type Tally } from '../tally.ts';
import { type HashedFile, hashedFile } from './hashed-file.ts';
import type { Lease } from './lease.ts';
import { createMeter } from './meter.ts';
import type { PartOfRun } from './part-of-run.ts';
import type { WorkDependencies } from './work-deps.ts';

/** The file is not what was planned, or cannot be read at all: the run is refused. */
export class RefusedError extends Error {
  readonly problems: readonly Problem[];
  constructor(problems: readonly Problem[]) {
    super('refused');
    this.problems = problems;
  }
}

export interface OpenFile {
  /** Always the same for the same file. The last of them is empty when there is no row at all. @throws RefusedError */
  readonly batches: AsyncIterable<SortedBatch>;
  readonly tally: Tally;
  readonly writing: () => Writing;
}

/** The file of a part, batch by batch. */
export function openFileOf(deps: WorkDependencies, part: PartOfRun, onBytes?: (count: number) => void): OpenFile {
  const { definition } = part;
  const reading = readingOf(deps, part);
  const tally = createTally();
  const file = hashedFile(openPlanned(deps, part));
  const rows = openRows(file.bytes, definition.file, onBytes);
  // Dates of rows are judged as of the plan: whoever takes the work up again tomorrow comes to the same batches.
  const now = () => part.plannedAt;
  const sorter = createRowSorter({ now, definition, reading, tally });
  return { batches: batchesOf({ rows, sorter, file, part }), tally, writing: rows.writing };
}

interface Opened {
  readonly rows: OpenRows;
  readonly sorter: ReturnType<typeof createRowSorter>;
  readonly file: HashedFile;
  readonly part: PartOfRun;
}

async function* batchesOf({ rows, sorter, file, part }: Opened): AsyncGenerator<SortedBatch> {
  try {
    for await (const block of rows.blocks) yield* sorter.takeAll(block);
    yield sorter.batch();
    const problems = rows.refusal();
    if (problems) throw new RefusedError(problems.map((one) => ({ ...one, field: `${part.source}: ${one.field}` })));
    if (!(await file.digest()).equals(part.digest)) throw new RefusedError([changedFile(part)]);
  } finally {
    sorter.close();
    await file.close();
  }
}

/** Reads all of it under a lease, and tells how far it is. @throws RefusedError, HaltedError */
export async function readFileOf(
  deps: WorkDependencies,
  part: PartOfRun,
  lease: Lease,
  take: (batch: SortedBatch, number: number) => Promise<void>,
): Promise<Tally> {
  const meter = createMeter(lease, { bytesTotal: part.bytes });
  const opened = openFileOf(deps, part, meter.bytes);
  let number = 0;
  for await (const batch of opened.batches) {
    await lease.check();
    await take(batch, number);
    number += 1;
    meter.report(opened.tally.counts.read);
  }
  return opened.tally;
}

function readingOf({ sourceSecrets = {} }: WorkDependencies, { definition }: PartOfRun): ColumnReading {
  const read = columnReading(definition, sourceSecrets);
  if ('problems' in read) throw new RefusedError(read.problems);
  return read.reading;
}

const changedFile = ({ source, fileName }: PartOfRun): Problem => ({
  field: `${source}: file`,
  code: 'file_changed',
  message: `${fileName} is not the file that was planned: its checksum is another. Plan a new run.`,
});

const NOT_THERE = ['ENOENT', 'EACCES', 'EISDIR', 'ENOTDIR'];

/** A file that is gone ends its own run, and no worker: others wait behind it. */
async function* openPlanned({ openFile }: WorkDependencies, { source, fileName, place }: PartOfRun) {
  try {
    yield* openFile(place);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && NOT_THERE.includes(String(error.code)))) throw error;
    const message = `${fileName} cannot be read here any more. Put it back and plan a new run.`;
    throw new RefusedError([{ field: `${source}: file`, code: 'file_missing', message }]);
  }
}
