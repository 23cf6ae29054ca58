import type { Database } from '../../../platform/postgres/database.ts';
import type { Problem, SourceDefinition } from '../../sources/definition.ts';
import { digestOf, judgeManifest } from './manifest.ts';
import { latestAsOf, needTwoPeople } from './older-file.ts';

/** Where a file comes from and of when it is. */
export interface Provenance {
  /** Opens the file once more, from its beginning. */
  readonly reread: () => AsyncIterable<Uint8Array>;
  /** Its date on disk; it counts, by the day, where there is no manifest. */
  readonly fileDate?: Date | undefined;
  /** As it was read from JSON. */
  readonly manifest?: unknown;
  /** The second person, where the file is older than the last one: `operator:<name>`. */
  readonly approvedBy?: string | undefined;
}

export interface Judging {
  readonly db: Database;
  readonly definition: SourceDefinition;
  readonly fileName: string;
  readonly actor: string;
  /** Nothing will be written: its age matters to nobody. */
  readonly isTrial: boolean;
  readonly now: Date;
}

/** What is known of the file that an import is of. */
export interface KnownFile {
  readonly asOf?: Date | undefined;
  readonly digest?: Buffer | undefined;
}

type Judged = KnownFile | { readonly problems: readonly Problem[] };

/** What must hold of a file before its first row is written (linking-attacks 31, 32). */
export async function judgeProvenance(judging: Judging, provenance: Provenance | undefined): Promise<Judged> {
  const { definition, fileName, now } = judging;
  const needsManifest = definition.file.manifestKey !== undefined;
  if (!provenance || provenance.manifest === undefined) {
    if (needsManifest) return { problems: [manifestMissing] };
    const day = provenance?.fileDate && dayOf(provenance.fileDate);
    return provenance && day ? judgeAge(judging, provenance, { asOf: day, isDay: true }) : {};
  }
  const judged = await judgeManifest({ definition, fileName, reread: provenance.reread, now }, provenance.manifest);
  return 'problems' in judged ? judged : judgeAge(judging, provenance, { ...judged, isDay: false });
}

const manifestMissing: Problem = {
  field: 'manifest',
  code: 'manifest_missing',
  message: 'Files of this source come with a signed manifest: --manifest FILE.',
};

const dayOf = (date: Date): Date => new Date(`${date.toISOString().slice(0, 10)}T00:00:00Z`);

interface Age {
  readonly asOf: Date;
  readonly isDay: boolean;
  readonly digest?: Buffer;
}

async function judgeAge(judging: Judging, provenance: Provenance, { asOf, isDay, digest }: Age): Promise<Judged> {
  const { db, definition, isTrial } = judging;
  const last = isTrial ? undefined : await latestAsOf(db, definition.source);
  if (!last || asOf >= (isDay ? dayOf(last) : last)) return { asOf, digest };
  const known = { asOf, digest: digest ?? (await digestOf(provenance.reread())) };
  const problems = await needTwoPeople(db, {
    ...known,
    ...judging,
    source: definition.source,
    approvedBy: provenance.approvedBy,
  });
  return problems ? { problems } : known;
}
