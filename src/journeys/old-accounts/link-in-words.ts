import type { LinkExplanation } from '../../migration/index.ts';
import { timeIn } from '../../platform/pages/say-when.ts';
import type { Language } from '../engine/step.ts';
import { nameIn } from '../first-sign-in/offered-sources.ts';
import type { JourneyDeps } from '../journey-deps.ts';
import type { AccountVisit } from '../your-account/account-visit.ts';
import { servicesOfSectors } from './services-of-sectors.ts';

/** Kinds that have words of their own; a newer one reads as "another proof". */
const KINDS = new Set([
  'old-password',
  'old-sign-in',
  'redirect-assertion',
  'service-attestation',
  'two-operators',
  'posted-code',
  'contact-code',
  'reference-and-fact',
  'signed-in',
  'email-code',
  'way-back',
]);

export interface ProofInWords {
  readonly of: LinkExplanation['proofs'][number]['of'];
  /** Key of its words. */
  readonly kind: string;
  readonly when: string;
}

export interface LinkInWords {
  readonly linkId: string;
  readonly name: string;
  readonly linkedAt: string;
  readonly by: 'citizen' | 'others';
  readonly proofs: readonly ProofInWords[];
  readonly services: readonly string[];
  readonly policyVersion: number;
  /** Set when the rules have changed since. */
  readonly policyNow: number | undefined;
  readonly createdAccount: boolean;
  readonly undone: { readonly when: string; readonly by: 'citizen' | 'others'; readonly wayBack?: string } | undefined;
}

/** An old account of the citizen's own; that of somebody else does not exist here. */
export async function readOwnLink(
  deps: JourneyDeps,
  { account, request }: AccountVisit,
): Promise<LinkExplanation | undefined> {
  const [, linkId = ''] = /^\/account\/old-accounts\/([0-9a-f-]{36})(?:[/?]|$)/.exec(request.url) ?? [];
  return linkId === '' ? undefined : deps.migration.links.explain(linkId, { accountId: account.accountId });
}

/** Why an old account is part of this account and what it gives, without ids. */
export async function linkInWords(deps: JourneyDeps, link: LinkExplanation, language: Language): Promise<LinkInWords> {
  const { version, versionNow } = link.policy;
  return {
    linkId: link.linkId,
    name: nameIn(link.sourceName, language),
    linkedAt: timeIn(language, link.linkedAt),
    by: whoOf(link.linkedBy),
    proofs: link.proofs.map(({ of, kind, at }) => ({
      of,
      kind: KINDS.has(kind) ? kind : 'other',
      when: timeIn(language, at),
    })),
    services: await servicesOfSectors(deps, link.sectors, language),
    policyVersion: version,
    policyNow: versionNow === version ? undefined : versionNow,
    createdAccount: link.createdAccount,
    undone: link.undone && undoneInWords(link.undone, language),
  };
}

function undoneInWords(undone: NonNullable<LinkExplanation['undone']>, language: Language): LinkInWords['undone'] {
  const { at, by, wayBackUntil } = undone;
  return {
    when: timeIn(language, at),
    by: whoOf(by),
    ...(wayBackUntil && { wayBack: timeIn(language, wayBackUntil) }),
  };
}

const whoOf = (actor: string): 'citizen' | 'others' => (actor === 'citizen' ? 'citizen' : 'others');
