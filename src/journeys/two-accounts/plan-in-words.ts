import type { MergePlan, PlannedSide } from '../../accounts/index.ts';
import { dateIn } from '../../platform/pages/say-when.ts';
import type { Language } from '../engine/step.ts';
import { nameIn } from '../first-sign-in/offered-sources.ts';
import type { JourneyDeps } from '../journey-deps.ts';

interface SideInWords {
  readonly name: string | undefined;
  readonly addresses: readonly string[];
  readonly since: string;
  readonly oldAccounts: readonly string[];
}

export interface PlanInWords {
  readonly survivor: SideInWords;
  readonly absorbed: SideInWords;
  /** Which password is the one from now on. */
  readonly password: 'survivor' | 'absorbed' | 'none';
  readonly services: readonly { readonly name: string; readonly knows: 'one' | 'both' }[];
  readonly language: Language | undefined;
  readonly nameStays: string | undefined;
  readonly undoDays: number;
}

/** What a merge would do, as the confirm page says it: services and old systems by their names, no ids. */
export async function planInWords(
  deps: Pick<JourneyDeps, 'relyingParties' | 'migration'>,
  plan: MergePlan,
  language: Language,
): Promise<PlanInWords> {
  const [services, sources] = await Promise.all([deps.relyingParties.list(), deps.migration.sources.list()]);
  const sourceNames = new Map(sources.map(({ source, definition }) => [source, nameIn(definition.name, language)]));
  const inWords = (side: PlannedSide): SideInWords => ({
    name: side.name,
    addresses: side.contacts.map(({ address }) => address),
    since: dateIn(language, side.createdAt),
    oldAccounts: side.links.map(({ source }) => sourceNames.get(source) ?? source),
  });
  const both = new Set(plan.conflicts.flatMap((conflict) => (conflict.about === 'subject' ? [conflict.sector] : [])));
  return {
    survivor: inWords(plan.survivor),
    absorbed: inWords(plan.absorbed),
    password: passwordOf(plan),
    services: services
      .filter(({ metadata }) => metadata.kind === 'service' && plan.absorbed.sectors.includes(metadata.sector))
      .map(({ metadata }) => ({
        name: nameIn(metadata.name, language),
        knows: both.has(metadata.sector) ? ('both' as const) : ('one' as const),
      }))
      .toSorted((a, b) => a.name.localeCompare(b.name, language)),
    language: plan.conflicts.find((conflict) => conflict.about === 'language')?.stays,
    nameStays: plan.conflicts.find((conflict) => conflict.about === 'name')?.stays,
    undoDays: plan.undoDays,
  };
}

function passwordOf({ survivor, absorbed }: MergePlan): PlanInWords['password'] {
  if (survivor.hasPassword) return 'survivor';
  return absorbed.hasPassword ? 'absorbed' : 'none';
}
