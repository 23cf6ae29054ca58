import type { Source } from '../../migration/index.ts';
import type { Language } from '../engine/step.ts';
import { nameIn } from '../first-sign-in/offered-sources.ts';
import type { JourneyDeps } from '../journey-deps.ts';

export interface ServiceView {
  readonly name: string;
  /** `by-old-id`: it will know the citizen by the old account. `as-now`: it knows them already, and that stays. */
  readonly view: 'by-old-id' | 'as-now';
}

/** What the services that knew people of this old system will know the citizen by, once it is part of the account. */
export async function whatServicesWillSee(
  deps: Pick<JourneyDeps, 'relyingParties' | 'accounts'>,
  about: { readonly accountId: string; readonly source: Source; readonly language: Language },
): Promise<readonly ServiceView[]> {
  const { definition } = about.source;
  if (definition.subjects !== 'inherit') return [];
  const services = await deps.relyingParties.list();
  const concerned = services.filter(
    ({ status, metadata }) => status === 'live' && definition.sectors.includes(metadata.sector),
  );
  const views = await Promise.all(
    concerned.map(async ({ metadata }) => {
      const known = await deps.accounts.subjects.find(about.accountId, metadata.sector);
      const view: ServiceView['view'] = known === undefined ? 'by-old-id' : 'as-now';
      return { name: nameIn(metadata.name, about.language), view };
    }),
  );
  return views.toSorted((a, b) => a.name.localeCompare(b.name, about.language));
}
