import { PassThrough } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { LatchkeyError } from '../../../platform/failure/latchkey-error.ts';
import type { Operator } from '../../access/operator.ts';
import { type DeskDeps, needRun } from '../desk-deps.ts';

interface Asking {
  readonly operator: Pick<Operator, 'actor'>;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

interface RejectsAsked {
  readonly runId: string;
  readonly part: string;
  /** `report`: why, with the old ids. `mend`: the rows as they came, hashes too. For who may plan, and has the file anyway. */
  readonly kind: 'report' | 'mend';
}

/**
 * Sends what was rejected of one file, as it is read: its length is not known, and it may be long. Who took it is on
 * record (G7).
 */
export async function sendRejects(
  deps: DeskDeps,
  { operator, request, reply }: Asking,
  asked: RejectsAsked,
): Promise<FastifyReply> {
  const run = await needRun(deps, asked.runId);
  const part = run.parts.find((one) => String(one.part) === asked.part);
  if (part === undefined || run.state === 'planned') throw new LatchkeyError('not_found', 'There is no such file.');
  deps.auditBatch.record({
    type: 'run.rows-looked-at',
    actor: operator.actor,
    correlationId: request.id,
    detail: { runId: run.runId, part: part.part, kind: asked.kind },
  });
  const body = new PassThrough();
  deps.migration.runs
    .writeRejects(run.runId, part.part, { [asked.kind]: body })
    .catch((error: unknown) => body.destroy(error instanceof Error ? error : new Error('rejects')));
  const name = asked.kind === 'report' ? `${part.source}-rejects.csv` : `${part.source}-to-mend-${part.fileName}`;
  return reply
    .type(asked.kind === 'report' ? 'text/csv; charset=utf-8' : 'application/octet-stream')
    .header('content-disposition', `attachment; filename="${name.replaceAll(/[^\w.-]/g, '_')}"`)
    .send(body);
}
