import { appendAudit } from '../../audit/index.ts';
import type { ImportDependencies } from './import-file.ts';
import type { ImportRequest } from './import-outcome.ts';
import type { KnownFile } from './provenance/judge-provenance.ts';
import type { Tally } from './tally.ts';

/** Puts the import on record before its first row: what a killed import wrote can be told from the record. */
export async function startImport(
  { db, now }: ImportDependencies,
  importId: string,
  { request, known }: { readonly request: ImportRequest; readonly known: KnownFile },
): Promise<void> {
  const { asOf, digest } = known;
  const outcome = JSON.stringify({ asOf: asOf?.toISOString() });
  await db.transaction(async (tx) => {
    const at = now();
    await tx.query({
      text: `INSERT INTO imports (import_id, source, file_name, file_digest, outcome, started_at)
             VALUES ($1, $2, $3, $4, $5::jsonb, $6)`,
      values: [importId, request.source, request.fileName.slice(0, 255), digest ?? Buffer.alloc(0), outcome, at],
    });
    await appendAudit(tx, {
      chain: `source:${request.source}`,
      type: 'source.import-started',
      actor: request.actor,
      detail: { importId },
      at,
    });
  });
}

export async function finishImport(
  { db, now }: ImportDependencies,
  importId: string,
  done: { readonly request: ImportRequest; readonly tally: Tally; readonly digest: Buffer; readonly refused: boolean },
): Promise<void> {
  const { counts, rejections, notes, costs } = done.tally;
  await db.transaction(async (tx) => {
    const at = now();
    await tx.query({
      text: 'UPDATE imports SET outcome = outcome || $2::jsonb, file_digest = $3, finished_at = $4 WHERE import_id = $1',
      values: [
        importId,
        JSON.stringify({ ...counts, refused: done.refused, rejections, notes, costs }),
        done.digest,
        at,
      ],
    });
    await appendAudit(tx, {
      chain: `source:${done.request.source}`,
      type: 'source.import-finished',
      actor: done.request.actor,
      detail: { importId, ...counts, refused: done.refused },
      at,
    });
  });
}
