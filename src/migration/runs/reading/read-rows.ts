import { createCsvReader } from './csv-rows.ts';
import { createJsonReader } from './json-rows.ts';
import { createLdifReader } from './ldif-rows.ts';
import { type Columns, type FileLayout, type RowReader, namedColumns } from './row-reader.ts';

const READERS = {
  csv: createCsvReader,
  ndjson: createJsonReader,
  ldif: createLdifReader,
} as const satisfies Record<FileLayout['format'], (columns: Columns, file: FileLayout) => RowReader>;

export const createRowReader = (file: FileLayout): RowReader => READERS[file.format](namedColumns(file), file);
