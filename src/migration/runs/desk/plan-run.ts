import { stat } from 'node:fs/promises';
import { createLegacyVerifiers } from '../../../accounts/index.ts';
import { uuidv7 } from '../../../platform/crypto/uuid.ts';
import { isOperator } from '../../linking/ask-or-approve.ts';
import { readSides } from '../../cutover/side-rows.ts';
import { columnReading } from '../../sources/column-reading.ts';
import type { Problem, Source } from '../../sources/definition.ts';
import { findSource } from '../../sources/source-store.ts';
import { passGate } from '../known-pairs.ts';
import type { WorkDependencies } from '../phases/work-deps.ts';
import { judgeManifest, digestOf } from '../provenance/manifest.ts';
import { latestAsOf } from '../provenance/older-file.ts';
import { lookAtFile } from './look-at-file.ts';
import { recordRun } from './move-run.ts';
import { readRun } from './run-rows.ts';
import type { FoundInFile, PlannedFile, PlanOutcome, PlanRequest } from './run-types.ts';

interface LookedAt {
  readonly file: PlannedFile;
  readonly source: Source;
  readonly bytes: number;
  readonly digest: Buffer;
  readonly manifest: 'none' | 'checksum' | 'signed';
  readonly asOf: Date | undefined;
  readonly isOlder: boolean;
  readonly found: FoundInFile;
}

const ALL = 10_000;
const MAX_FILES = 1000;
const MAX_TITLE = 120;

/** Judges all files before anything is put on record; all problems at once. */
export async function planRun(deps: WorkDependencies, request: PlanRequest): Promise<PlanOutcome> {
  const wrong = problemsOf(request);
  if (wrong.length > 0) return { outcome: 'refused', problems: wrong };
  const looked: LookedAt[] = [];
  const problems: Problem[] = [];
  for (const file of request.files) {
    const one = await lookAt(deps, file);
    if ('problems' in one)
      problems.push(...one.problems.map((problem) => ({ ...problem, field: `${file.source}: ${problem.field}` })));
    else looked.push(one);
  }
  if (problems.length > 0) return { outcome: 'refused', problems };
  if (!request.confirmed)
    return { outcome: 'to-confirm', found: looked.map(({ source, found }) => ({ ...found, source: source.source })) };
  return { outcome: 'planned', run: await writePlan(deps, request, looked) };
}

/** Whoever runs something under its name from now on must not bring accounts in (linking-attacks 32). */
export const finalised: Problem = {
  field: 'source',
  code: 'source_finalised',
  message: 'This old system is finalised: nothing comes in from it any more.',
};

const problem = (field: string, code: string, message: string): Problem => ({ field, code, message });

function problemsOf({ title, files, cohort = ALL, meta }: PlanRequest): readonly Problem[] {
  const sources = files.map(({ source }) => source);
  const problems = [
    !isOperator(meta.actor) && problem('actor', 'not_an_operator', 'Only operators plan runs.'),
    (title.trim() === '' || title.length > MAX_TITLE) &&
      problem('title', 'title_missing', `A title of 1 to ${MAX_TITLE} characters.`),
    files.length === 0 && problem('files', 'files_missing', 'Give at least one file, with its source.'),
    files.length > MAX_FILES && problem('files', 'files_many', `At most ${MAX_FILES} files in one run.`),
    new Set(sources).size < sources.length && problem('files', 'source_twice', 'A source has one file in a run.'),
    !(Number.isInteger(cohort) && cohort >= 1 && cohort <= ALL) &&
      problem('cohort', 'cohort_invalid', 'A cohort is from 1 to 10,000, of 10,000.'),
  ];
  return problems.filter((one) => typeof one === 'object');
}

async function lookAt(
  deps: WorkDependencies,
  file: PlannedFile,
): Promise<LookedAt | { readonly problems: readonly Problem[] }> {
  const source = await findSource(deps.db, file.source);
  if (!source) return { problems: [problem('source', 'source_unknown', `There is no source "${file.source}".`)] };
  if ((await readSides(deps.db, source)).finalisedAt) return { problems: [finalised] };
  const { definition } = source;
  const reading = columnReading(definition, deps.sourceSecrets ?? {});
  if ('problems' in reading) return reading;
  const read = () => deps.openFile(file.place);
  const bytes = await sizeOf(file.place);
  if (bytes === undefined) return { problems: [problem('file', 'file_missing', `${file.fileName} cannot be read.`)] };
  const known = await judgeFile(deps, source, file);
  if ('problems' in known) return known;
  const verifiers = createLegacyVerifiers(deps.passwordWork);
  const pairs = file.knownPairs && { pairs: file.knownPairs, stream: read() };
  const failed = await passGate({ definition, reading: reading.reading, verifiers }, pairs);
  if (failed) return { problems: failed };
  const last = known.asOf && (await latestAsOf(deps.db, source.source));
  return {
    file,
    source,
    bytes,
    ...known,
    isOlder: last !== undefined && known.asOf !== undefined && known.asOf < last,
    found: await lookAtFile(definition, read),
  };
}

async function sizeOf(place: string): Promise<number | undefined> {
  try {
    const found = await stat(place);
    return found.isFile() ? found.size : undefined;
  } catch {
    return undefined;
  }
}

async function judgeFile(
  { openFile, now }: WorkDependencies,
  { definition }: Source,
  { place, fileName, manifest }: PlannedFile,
): Promise<Pick<LookedAt, 'digest' | 'manifest' | 'asOf'> | { readonly problems: readonly Problem[] }> {
  const reread = () => openFile(place);
  if (manifest === undefined) {
    if (definition.file.manifestKey !== undefined)
      return {
        problems: [problem('manifest', 'manifest_missing', 'Files of this source come with a signed manifest.')],
      };
    return { digest: await digestOf(reread()), manifest: 'none', asOf: await dayOfFile(place) };
  }
  const judged = await judgeManifest({ definition, fileName, reread, now: now() }, manifest);
  if ('problems' in judged) return judged;
  return { ...judged, manifest: definition.file.manifestKey === undefined ? 'checksum' : 'signed' };
}

const dayOfFile = async (place: string): Promise<Date> =>
  new Date(`${(await stat(place)).mtime.toISOString().slice(0, 10)}T00:00:00Z`);

async function writePlan(deps: WorkDependencies, request: PlanRequest, looked: readonly LookedAt[]) {
  const at = deps.now();
  const runId = uuidv7(at.getTime());
  const { meta, cohort = ALL, title } = request;
  return deps.db.transaction(async (tx) => {
    await tx.query({
      text: `INSERT INTO runs (run_id, title, state, state_since, cohort, planned_by, planned_at)
             VALUES ($1, $2, 'planned', $3, $4, $5, $3)`,
      values: [runId, title.trim(), at, cohort, meta.actor],
    });
    for (const [part, one] of looked.entries()) {
      await tx.query({
        text: `INSERT INTO run_parts (run_id, part, source, import_id, file_name, file_place, file_digest, file_bytes, manifest,
                                      as_of, is_older, definition, source_version, found, done, counts, lease_no)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12::jsonb, $13, $14::jsonb, 'planned', '{}', 0)`,
        values: [
          runId,
          part,
          one.source.source,
          uuidv7(at.getTime()),
          one.file.fileName.slice(0, 255),
          one.file.place,
          one.digest,
          one.bytes,
          one.manifest,
          one.asOf ?? null,
          one.isOlder,
          JSON.stringify(one.source.definition),
          one.source.version,
          JSON.stringify(one.found),
        ],
      });
    }
    await recordRun(tx, 'run.planned', runId, { at, meta, detail: { files: looked.length, cohort } });
    const run = await readRun(tx, runId);
    if (!run) throw new Error('a run that was just written is not there');
    return run;
  });
}
