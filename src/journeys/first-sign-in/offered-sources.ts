import type { Source } from '../../migration/index.ts';
import type { Interaction } from '../engine/interaction-port.ts';
import type { JourneyDeps } from '../journey-deps.ts';

/**
 * The old systems whose accounts may be brought along at this service: from what the service is registered with, never
 * from what we know of an address (that would tell who has an account where).
 */
export async function offeredSources(
  deps: Pick<JourneyDeps, 'migration'>,
  { service }: Pick<Interaction, 'service'>,
): Promise<readonly Source[]> {
  if (service.sources.length === 0) return [];
  const sources = await deps.migration.sources.list();
  return sources.filter(({ source, status }) => status === 'open' && service.sources.includes(source));
}

/** The name in the language of the page; Welsh where there is one. */
export const nameIn = (
  name: { readonly en: string; readonly cy?: string | undefined },
  language: 'en' | 'cy',
): string => (language === 'cy' ? name.cy : undefined) ?? name.en;
