import type { Source } from '../../migration/index.ts';
import type { Language } from '../engine/step.ts';
import type { JourneyDeps } from '../journey-deps.ts';
import { nameIn } from './offered-sources.ts';

/** Names of the services that will go on knowing the person by the id they knew before. */
export async function servicesThatKnow(
  deps: Pick<JourneyDeps, 'relyingParties'>,
  { definition }: Source,
  language: Language,
): Promise<readonly string[]> {
  if (definition.subjects !== 'inherit') return [];
  const services = await deps.relyingParties.list();
  return services
    .filter(({ status, metadata }) => status === 'live' && definition.sectors.includes(metadata.sector))
    .map(({ metadata }) => nameIn(metadata.name, language))
    .toSorted((a, b) => a.localeCompare(b, language));
}
