/**
 * The citizens' door: signing in, creating an account, a forgotten password, bringing an old account along, and "your
 * account", where old accounts are added, explained and removed, and two accounts become one and two again. It owns these
 * pages, their words in both languages and the table journeys. It does not own what they change (accounts, migration) nor
 * the protocol: what a service asked for comes through `InteractionPort`, which `oidc` satisfies, and a finished journey
 * leaves through it.
 *
 * A request: `restore-journey` (the interaction and the journey must be this browser's) → `judge-visit` (may this page be
 * shown?) → the step's `get` or `post` → `apply-decision`, one transaction → `dispatch` picks the next page → 303.
 * A page of "your account" stands on the browser's session instead: `account-visit` wants a fresh password for what is
 * sensitive, `account-acts` keeps what several pages have learned.
 */
import type { PagesFolder } from '../platform/pages/translations.ts';

export type {
  BrowserSession,
  Interaction,
  InteractionPort,
  ServiceBranding,
  SignedIn,
} from './engine/interaction-port.ts';
export type { JourneyDeps } from './journey-deps.ts';
export { journeysPlugin } from './journeys-plugin.ts';

/** Templates and words of these pages, for `createPages`. */
export const journeysPages: PagesFolder = { name: 'journeys', directory: import.meta.dirname };
