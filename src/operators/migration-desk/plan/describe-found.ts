import type { FoundInFile, Problem } from '../../../migration/index.ts';
import type { Formats } from '../../insight/formats.ts';

/** What looking at a file found, in words. */
export const describeFound = (
  { source, isGzip, format, encoding, columns, schemes, differences }: FoundInFile & { readonly source: string },
  formats: Formats,
): {
  readonly source: string;
  readonly form: string;
  readonly columns: string;
  readonly schemes: string;
  readonly differences: readonly Problem[];
} => ({
  source,
  form: [format, encoding, ...(isGzip ? ['gzip'] : [])].join(', '),
  columns: columns.join(', '),
  schemes: schemes.map(({ scheme, confidence }) => `${scheme} (${formats.share(confidence)})`).join(', '),
  differences,
});
