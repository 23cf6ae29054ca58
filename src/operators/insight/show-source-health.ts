import type { FastifyReply, FastifyRequest } from 'fastify';
import type { SourceHealth } from '../../legacy/index.ts';
import type { Migration } from '../../migration/index.ts';

const TONE = { closed: 'green', trying: 'yellow', open: 'red' } as const satisfies Record<
  SourceHealth['breaker'],
  string
>;

/** Old systems that still run, as this process has seen them since it began: a page for people, JSON for programs. */
export async function showSourceHealth(
  { migration }: { readonly migration: Pick<Migration, 'oldSystems' | 'sources'> },
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<unknown> {
  const seen = migration.oldSystems.health();
  if (!request.headers.accept?.includes('text/html')) return reply.send({ sources: seen });
  const language = request.language();
  const names = new Map((await migration.sources.list()).map(({ source, definition }) => [source, definition.name]));
  const time = new Intl.DateTimeFormat(language === 'cy' ? 'cy-GB' : 'en-GB', {
    dateStyle: 'medium',
    timeStyle: 'medium',
    timeZone: 'Europe/London',
  });
  return reply.page('operators/insight/source-health.njk', {
    sources: seen.map(({ source, breaker, lastFault, lastAnswerAt, typicalMs, ...counts }) => ({
      ...counts,
      source,
      breaker,
      tone: TONE[breaker],
      name: names.get(source)?.[language] ?? names.get(source)?.en ?? source,
      typical: typicalMs === undefined ? undefined : Math.round(typicalMs),
      lastAnswer: lastAnswerAt && time.format(lastAnswerAt),
      lastFault: lastFault && { reason: lastFault.reason, at: time.format(lastFault.at) },
    })),
  });
}
