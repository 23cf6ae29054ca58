import type { Problem } from '../service.ts';
import { checkAuthMethod } from './checks/auth-method.ts';
import { checkKeys } from './checks/keys.ts';
import { checkOutboundUrls } from './checks/outbound-urls.ts';
import { checkPageUrls } from './checks/page-urls.ts';
import { checkPlainText } from './checks/plain-text.ts';
import { checkRedirectUris } from './checks/redirect-uris.ts';
import { checkScopes } from './checks/scopes.ts';
import { checkSector } from './checks/sector.ts';
import { checkShape } from './checks/shape.ts';
import { checkStanding } from './checks/standing.ts';
import type { Check, CheckContext } from './checks/check.ts';
import type { ServiceMetadata } from './service-metadata.ts';

/** Every rule for what a service may be registered with, in the order problems are shown. */
const CHECKS: readonly Check[] = [
  checkStanding,
  checkPlainText,
  checkRedirectUris,
  checkPageUrls,
  checkOutboundUrls,
  checkAuthMethod,
  checkKeys,
  checkScopes,
  checkSector,
];

export type CheckOutcome =
  | { readonly outcome: 'sound'; readonly metadata: ServiceMetadata }
  | { readonly outcome: 'refused'; readonly problems: readonly Problem[] };

/** Judges normalised metadata. A field of the wrong shape is named once and left out of the other checks. */
export function checkMetadata(metadata: unknown, context: CheckContext): CheckOutcome {
  const shape = checkShape(metadata);
  const problems = [...shape.problems, ...CHECKS.flatMap((check) => check(shape.draft, context))];
  return shape.whole && problems.length === 0
    ? { outcome: 'sound', metadata: shape.whole }
    : { outcome: 'refused', problems };
}
