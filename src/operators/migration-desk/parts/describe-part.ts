import type { PhaseCounts, RunPart } from '../../../migration/index.ts';
import type { RunView } from '../run/show-run.ts';

/** One file of a run, in words. */
export function describePart(part: RunPart, { t, formats }: RunView): object {
  const { progress, manifest, fileBytes, isOlder, asOf } = part;
  const latest = latestOf(part);
  const rejected = rejectedOf(part);
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

const latestOf = ({ counts }: RunPart): PhaseCounts | undefined => counts.run ?? counts.rehearse ?? counts.validate;

export function rejectedOf(part: RunPart): number {
  const counts = latestOf(part);
  return counts?.outcomes?.rejected ?? counts?.rejected ?? 0;
}
