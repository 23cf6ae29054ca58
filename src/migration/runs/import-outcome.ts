import type { KnownPairs } from './known-pairs.ts';
import type { Provenance } from './provenance/judge-provenance.ts';
import type { Problem } from '../sources/definition.ts';

/** Every row of a file has exactly one of these: their counts sum to `read`. */
export interface RowCounts {
  readonly read: number;
  readonly created: number;
  readonly unchanged: number;
  readonly changed: number;
  /** The file differs, but the row was adopted (or released, retired): an import never touches it. */
  readonly kept: number;
  readonly rejected: number;
}

export type ImportOutcome =
  | (RowCounts & {
      readonly outcome: 'imported' | 'rehearsed';
      readonly importId: string;
      /** How many rows were rejected for which code. */
      readonly rejections: Readonly<Record<string, number>>;
      /** Rows that went in but that somebody should look at, by code. */
      readonly notes: Readonly<Record<string, number>>;
      readonly rejectsPath: string | undefined;
      /** The rejected rows as they came, to be corrected and sent again. */
      readonly mendPath: string | undefined;
      readonly seconds: number;
    })
  | { readonly outcome: 'refused'; readonly problems: readonly Problem[] };

export interface ImportProgress {
  readonly read: number;
  readonly rejected: number;
  readonly bytesRead: number;
  readonly bytesTotal: number | undefined;
  readonly rowsPerSecond: number;
  readonly secondsLeft: number | undefined;
}

export interface ImportRequest {
  readonly source: string;
  /** The bytes of the file, in any chunks. */
  readonly stream: AsyncIterable<Uint8Array>;
  /** For the record, without its folder. */
  readonly fileName: string;
  readonly bytesTotal?: number | undefined;
  /** Where rejected rows are written; left out: they are only counted. */
  readonly rejectsPath?: string | undefined;
  /** Where they are written as they came. They hold what the export holds. */
  readonly mendPath?: string | undefined;
  /** The import is refused until all of them verify. */
  readonly knownPairs?: KnownPairs | undefined;
  /** Where the file comes from, of when it is, and who stands for it when it is an old one. */
  readonly provenance?: Provenance | undefined;
  /** Does everything and rolls it back. */
  readonly rehearse?: boolean | undefined;
  readonly onProgress?: ((progress: ImportProgress) => void) | undefined;
  readonly actor: string;
}
