import type { PhaseCounts, RunPart } from '../../../migration/index.ts';
import type { RunView } from './show-run.ts';

/** One file of a run, as a line of its table. */
export function describePart(part: RunPart, { t, formats }: RunView): object {
  const { counts, progress, manifest, fileBytes, isOlder, asOf } = part;
  const latest = counts.run ?? counts.rehearse ?? counts.validate;
  const rejected = rejectedOf(latest);
  return {
    part: part.part,
    source: part.source,
    name: part.sourceName,
    department: part.department,
    fileName: part.fileName,
    digest: part.fileDigest,
    bytes: formats.bytes(fileBytes),
    manifest: t(`operators.migrationDesk.manifests.${manifest}`),
    policyVersion: part.policyVersion,
    asOf: asOf && formats.day(asOf),
    isOlder,
    done: t(`operators.migrationDesk.partDone.${part.done}`),
    share: progress?.share === undefined ? undefined : formats.share(progress.share),
    rows: latest ? formats.number(latest.read) : '–',
    rejected: rejected > 0 ? formats.number(rejected) : undefined,
  };
}

const rejectedOf = (counts: PhaseCounts | undefined): number => counts?.outcomes?.rejected ?? counts?.rejected ?? 0;
