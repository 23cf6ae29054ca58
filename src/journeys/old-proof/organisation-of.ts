import type { OldAccountSummary, Source } from '../../migration/index.ts';
import type { Language } from '../engine/step.ts';
import { nameIn } from '../first-sign-in/offered-sources.ts';

/** The name of the organisation that a shared old account becomes; undefined for an account of one person. */
export const organisationOf = (
  described: OldAccountSummary | undefined,
  { definition }: Source,
  language: Language,
): string | undefined => (described?.isShared ? (described.name ?? nameIn(definition.name, language)) : undefined);
