import { nameIn } from '../first-sign-in/offered-sources.ts';
import type { Language } from '../engine/step.ts';
import type { JourneyDeps } from '../journey-deps.ts';

/** Names of the services of these sectors: those that know the citizen by the old account. */
export async function servicesOfSectors(
  deps: Pick<JourneyDeps, 'relyingParties'>,
  sectors: readonly string[],
  language: Language,
): Promise<readonly string[]> {
  if (sectors.length === 0) return [];
  const services = await deps.relyingParties.list();
  return services
    .filter(({ status, metadata }) => status === 'live' && sectors.includes(metadata.sector))
    .map(({ metadata }) => nameIn(metadata.name, language))
    .toSorted((a, b) => a.localeCompare(b, language));
}
