import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import type { Leave, ProvingAttempt, ProvingResult } from '../../migration/index.ts';
import type { JourneyDeps } from '../journey-deps.ts';

const Query = Type.Object({ kept: Type.String({ maxLength: 64 }) });
const Arrival = Type.Object({
  headers: Type.Record(Type.String(), Type.Array(Type.String())),
  peer: Type.String(),
  peerCertificate: Type.Optional(Type.String()),
});

/** What came back from an old system, believed only in the journey and the browser that left for it (L9, LA12). */
export async function readReturn(
  { migration }: Pick<JourneyDeps, 'migration'>,
  {
    attempt,
    left,
    request,
  }: { readonly attempt: ProvingAttempt; readonly left: Leave; readonly request: FastifyRequest },
): Promise<ProvingResult> {
  if (!Value.Check(Query, request.query)) return { outcome: 'mismatch' };
  const { kept } = request.query;
  const { source } = attempt;
  const kind = left.outcome === 'enter' ? 'arrival' : 'callback';
  const parameters = await migration.returns.take({ source, kind }, kept);
  if (!parameters) return { outcome: 'mismatch' };
  const { handle, state } = left;
  if (kind === 'callback') return migration.proving.returned({ attempt, handle, state, parameters });
  if (parameters['handle'] !== handle) return { outcome: 'mismatch' };
  const { headers, peer, peerCertificate } = Value.Parse(Arrival, JSON.parse(parameters['arrival'] ?? 'null'));
  return migration.proving.arrived({ attempt, handle, came: { headers, peer, peerCertificate } });
}
